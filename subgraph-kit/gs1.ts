// GS1 keys: check digits (mod 10, weights 3 and 1 from the right) and demo keys under the prefix 952, which GS1 keeps for examples.
// Source: GS1 General Specifications, section 7.9.

/** The check digit for a body of digits. */
export function checkDigit(body: string): number {
  let sum = 0;
  for (let i = 0; i < body.length; i += 1) {
    const digit = body.charCodeAt(body.length - 1 - i) - 48;
    sum += digit * (i % 2 === 0 ? 3 : 1);
  }
  return (10 - (sum % 10)) % 10;
}

/** The body with its check digit. */
export const withCheckDigit = (body: string): string => body + String(checkDigit(body));

/** Null when `key` has one of the lengths and a right check digit, else words that say what was expected. */
export function explainKey(key: string, lengths: readonly number[]): string | null {
  if (!/^[0-9]+$/.test(key) || !lengths.includes(key.length)) {
    return `expected ${lengths.join(' or ')} digits, got "${key.slice(0, 40)}"`;
  }
  const expected = checkDigit(key.slice(0, -1));
  return expected === Number(key.at(-1)) ? null : `expected ${expected} as the last digit of ${key}`;
}

// FNV-1a, 64 bits: small, stable over platforms; a demo key needs no cryptographic strength.
function hash64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** A demo GLN (13 digits, prefix 952) for a text, always the same for the same text. */
export const toDemoGln = (text: string): string => withCheckDigit('952' + String(hash64(`gln:${text}`) % 1_000_000_000n).padStart(9, '0'));

/** A demo GTIN-13 (prefix 952) for a text, always the same for the same text. */
export const toDemoGtin = (text: string): string => withCheckDigit('952' + String(hash64(`gtin:${text}`) % 1_000_000_000n).padStart(9, '0'));
