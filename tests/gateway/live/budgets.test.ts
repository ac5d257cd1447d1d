import { findTooSlow } from '../../../gateway/live/budgets.ts';

const waiting = (member: string, bytes: number, connection: object = {}) => ({
  member,
  bytes,
  client: { connection, waiting: () => bytes },
});
const bytesOf = (found: readonly { readonly bytes: number }[]): number[] => found.map(({ bytes }) => bytes);

describe('what waits for all connections', () => {
  it('is within its bounds, or those go for which most waits', () => {
    const all = [waiting('a', 5), waiting('b', 40), waiting('a', 30), waiting('c', 20), waiting('c', 0)];
    expect(bytesOf(findTooSlow(all, { memberBytes: 100, liveBytes: 95 }))).toEqual([]);
    expect(bytesOf(findTooSlow(all, { memberBytes: 100, liveBytes: 94 }))).toEqual([40]);
    expect(bytesOf(findTooSlow(all, { memberBytes: 100, liveBytes: 54 }))).toEqual([40, 30]);
  });

  it('is bounded for each member by itself', () => {
    const all = [waiting('a', 5), waiting('a', 30), waiting('b', 40)];
    expect(bytesOf(findTooSlow(all, { memberBytes: 34, liveBytes: 1_000 }))).toEqual([30, 40]);
    expect(bytesOf(findTooSlow(all, { memberBytes: 40, liveBytes: 1_000 }))).toEqual([]);
  });

  it('counts a connection once, however many subscriptions it has', () => {
    const connection = {};
    const all = [waiting('a', 30, connection), waiting('a', 30, connection), waiting('a', 10)];
    expect(bytesOf(findTooSlow(all, { memberBytes: 40, liveBytes: 40 }))).toEqual([]);
    expect(bytesOf(findTooSlow(all, { memberBytes: 39, liveBytes: 40 }))).toEqual([30]);
  });
});
