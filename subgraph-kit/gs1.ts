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

// A Global Model Number ends with two check characters over its other characters (section 7.9.5): each character's place in GS1's
// set 82 times a prime, summed modulo 1021 and written in the 32 characters that are hard to misread.
const SET_82 = '!"%&\'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const SET_32 = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];
const GMN_FORM = /^[0-9]{5}[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{0,18}$/;

/** The body of a GMN (a company prefix of at least five digits, then a model; at most 23 characters) with its check characters. */
export function withGmnCheck(body: string): string {
  if (!GMN_FORM.test(body)) throw new RangeError(`"${body.slice(0, 40)}" is no body of a GMN`);
  let sum = 0;
  for (let i = 0; i < body.length; i += 1) sum += SET_82.indexOf(body.charAt(body.length - 1 - i)) * (PRIMES[i] ?? 0);
  sum %= 1021;
  return body + SET_32.charAt(sum >> 5) + SET_32.charAt(sum & 31);
}

/** Null when `gmn` has the form of a GMN and right check characters, else what is wrong. */
export function explainGmn(gmn: string): { kind: 'form' | 'check'; words: string } | null {
  const body = gmn.slice(0, -2);
  const shown = `"${gmn.slice(0, 40)}"`;
  if (!GMN_FORM.test(body))
    return {
      kind: 'form',
      words: `expected a GMN: five digits or more of a company prefix, a model and two check characters, at most 25 characters; got ${shown}`,
    };
  const right = withGmnCheck(body);
  return right === gmn ? null : { kind: 'check', words: `expected ${right.slice(-2)} as the last characters of ${shown}` };
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
export const toDemoGtin = (text: string): string =>
  withCheckDigit('952' + String(hash64(`gtin:${text}`) % 1_000_000_000n).padStart(9, '0'));

/** A demo GMN (prefix 952) for a text, always the same for the same text. */
export const toDemoGmn = (text: string): string =>
  withGmnCheck(`95200${(hash64(`gmn:${text}`) % 36n ** 12n).toString(36).toUpperCase().padStart(12, '0')}`);

/** A demo GSIN (17 digits, prefix 952) for a text, always the same for the same text. */
export const toDemoGsin = (text: string): string => withCheckDigit('952' + String(hash64(`gsin:${text}`) % 10n ** 13n).padStart(13, '0'));
