// Rules of a receipt: what may be received, and whether it was on time, in full and as the papers say.
import { checkCount, checkRange, checkUnique } from '../../subgraph-kit/checks.ts';
import type { Problems } from '../../subgraph-kit/problems.ts';
import { LINES_MOST } from './data/shipment-tables.ts';
import type { Despatched } from './data/shipments.ts';
import { lineKey } from './units.ts';

export type LineInput = { readonly gtin: string; readonly lotId: string; readonly good: number; readonly damaged: number };

export function checkLines(problems: Problems, lines: readonly LineInput[]): void {
  checkCount(problems, lines, ['lines'], LINES_MOST, 1);
  checkUnique(problems, lines, ['lines'], lineKey);
  lines.forEach((line, i) => {
    checkRange(problems, line.good, ['lines', i, 'good'], { from: 0, unit: 'pieces' });
    checkRange(problems, line.damaged, ['lines', i, 'damaged'], { from: 0, unit: 'pieces' });
  });
}

/** No line may hold more than was despatched of its trade item and lot. */
export function checkAgainstDespatch(problems: Problems, lines: readonly LineInput[], despatched: readonly Despatched[]): void {
  const sent = new Map(despatched.map((line) => [lineKey(line), line.quantity]));
  lines.forEach((line, i) => {
    const most = sent.get(lineKey(line)) ?? 0;
    const got = line.good + line.damaged;
    if (got > most)
      problems.add('OUT_OF_RANGE', ['lines', i], `expected at most the ${most} pieces that were despatched, got ${got} good and damaged`);
  });
}

export type Outcome = {
  readonly good: number;
  readonly damaged: number;
  /** By the promised day. */
  readonly onTime: boolean;
  /** Received is what the despatch advice says, line by line. */
  readonly documentsMatch: boolean;
  /** On time and in full. */
  readonly otif: boolean;
};

/**
 * In full: every despatched piece of this shipment came in good condition, and with it all pieces of the allocation are there; of
 * several shipments only the last can be in full. `goodBefore`: good pieces of the allocation's earlier shipments.
 */
export function judgeReceipt(
  lines: readonly LineInput[],
  despatched: readonly Despatched[],
  order: { readonly quantity: number; readonly goodBefore: number; readonly promisedDay: string; readonly day: string },
): Outcome {
  const good = lines.reduce((sum, line) => sum + line.good, 0);
  const damaged = lines.reduce((sum, line) => sum + line.damaged, 0);
  const sent = despatched.reduce((sum, line) => sum + line.quantity, 0);
  const received = new Map(lines.map((line) => [lineKey(line), line.good + line.damaged]));
  const onTime = order.day <= order.promisedDay;
  const inFull = good === sent && good + order.goodBefore >= order.quantity;
  const documentsMatch = despatched.every((line) => received.get(lineKey(line)) === line.quantity);
  return { good, damaged, onTime, documentsMatch, otif: onTime && inFull };
}
