import { addDays, createClock, createDemoClock, createFixedClock, daysBetween, toBusinessDay } from '../../../lib/clock/clock.ts';

describe('clocks', () => {
  it('a demo clock begins at its start and runs so many times as fast', () => {
    const real = createFixedClock('2026-11-22T10:00:00Z');
    const clock = createDemoClock({ startAt: new Date('2026-03-01T08:00:00Z'), speed: 60, real });
    expect(clock.now().toISOString()).toBe('2026-03-01T08:00:00.000Z');
    real.advance(60_000);
    expect(clock.now().toISOString()).toBe('2026-03-01T09:00:00.000Z');
  });

  it('two demo clocks with one anchor agree, whenever they were made', () => {
    const real = createFixedClock('2026-11-22T10:00:00Z');
    const setting = { startAt: new Date('2026-03-01T00:00:00Z'), speed: 100, anchorAt: real.now(), real };
    const first = createDemoClock(setting);
    real.advance(12_345);
    expect(createDemoClock(setting).now()).toEqual(first.now());
  });

  it('is made from a setting', () => {
    const anchorAt = new Date(Date.now() - 1_000);
    const demo = createClock({ kind: 'demo', startAt: new Date(0), speed: 1_000, anchorAt });
    expect(demo.now().getTime()).toBeGreaterThanOrEqual(1_000_000);
    expect(Math.abs(createClock({ kind: 'real' }).now().getTime() - Date.now())).toBeLessThan(1_000);
  });
});

describe('business days', () => {
  it.each([
    ['2026-03-01T15:59:59Z', 'Asia/Shanghai', '2026-03-01'],
    ['2026-03-01T16:00:00Z', 'Asia/Shanghai', '2026-03-02'],
    ['2026-03-08T07:59:59Z', 'America/Los_Angeles', '2026-03-07'],
    ['2026-01-01T00:00:00Z', 'UTC', '2026-01-01'],
  ])('%s in %s is %s', (at, timeZone, day) => {
    expect(toBusinessDay(new Date(at), timeZone)).toBe(day);
  });

  it('are counted over months, leap years and changes of summer time', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(addDays('2026-03-28', 2)).toBe('2026-03-30');
    expect(daysBetween('2026-01-01', '2027-01-01')).toBe(365);
    expect(daysBetween('2026-03-30', '2026-03-28')).toBe(-2);
  });

  it('must look like days', () => {
    expect(() => addDays('1 March', 1)).toThrow(RangeError);
    expect(() => daysBetween('2026-13-01', '2026-01-01')).toThrow(RangeError);
    expect(() => toBusinessDay(new Date(), 'Mars/Olympus')).toThrow(RangeError);
  });
});
