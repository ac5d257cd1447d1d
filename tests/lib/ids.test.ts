import { createFixedClock } from '../../lib/clock/clock.ts';
import { createId } from '../../lib/ids.ts';

describe('own ids', () => {
  it('are a prefix and a UUIDv7', () => {
    expect(createId('abc')).toMatch(/^abc_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('hold the time of the clock handed in', () => {
    const id = createId('abc', createFixedClock('2026-03-01T00:00:00Z')).slice(4).replaceAll('-', '');
    expect(Number.parseInt(id.slice(0, 12), 16)).toBe(Date.parse('2026-03-01T00:00:00Z'));
  });

  it('of one process sort in the order of their making, also many in one millisecond, and never repeat', () => {
    const clock = createFixedClock('2026-03-01T00:00:00Z');
    const ids = Array.from({ length: 10_000 }, () => createId('abc', clock));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
