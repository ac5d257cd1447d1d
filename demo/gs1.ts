// Demo GS1 keys under the prefix 952, which GS1 keeps for examples; the check digit is by weights 3 and 1 from the right.

const checkDigit = (body: string): number => {
  const sum = [...body].reverse().reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10;
};

/** A key of 13 digits: prefix, one digit that keeps kinds apart, and a number. */
export function toKey13(kind: number, number: number): string {
  const body = `952${kind}${String(number).padStart(8, '0')}`;
  return body + String(checkDigit(body));
}
