// Demo GS1 keys under the prefix 952, which GS1 keeps for examples: numbered, so that no two rows of the demo share one.
import { withCheckDigit, withGmnCheck } from '../subgraph-kit/gs1.ts';

/** A key of 13 digits: prefix, one digit that keeps kinds apart, and a number. */
export const toKey13 = (kind: number, number: number): string => withCheckDigit(`952${kind}${String(number).padStart(8, '0')}`);

/** A Global Model Number. */
export const toGmn = (number: number): string => withGmnCheck(`95260${String(number).padStart(6, '0')}`);
