/** The rules of lots that need no database: the table of moves, and the arithmetic of stages for any reports in any order. */
import fc from 'fast-check';
import {
  applyReport,
  finishOf,
  goodOf,
  progressOf,
  scrapOf,
  type StageReport,
  type StageWork,
} from '../../../subgraphs/upstream/lot-work.ts';
import { lotStates } from '../../../subgraphs/upstream/lot-states.ts';
import { toEpcClass } from '../../../subgraphs/upstream/writes/lots.ts';

const start = Date.parse('2026-11-23T01:00:00Z');
const at = (minutes: number): Date => new Date(start + minutes * 60_000);

const stage = (name: string, smv = 1): StageWork => ({
  stage: name,
  smv,
  qtyIn: 0,
  qtyOut: 0,
  scrap: 0,
  startedAt: null,
  reportedAt: null,
  completedAt: null,
});
const work = [stage('CUTTING', 2), stage('SEWING', 10), stage('PACKING', 0.5)];
const report = (name: string, qtyIn: number, qtyOut: number, scrap = 0, minutes = 0): StageReport => ({
  stage: name,
  qtyIn,
  qtyOut,
  scrap,
  at: at(minutes),
});

/** Applies reports that must all be taken. */
const apply = (planned: number, reports: readonly StageReport[], stages: readonly StageWork[] = work): readonly StageWork[] =>
  reports.reduce<readonly StageWork[]>((now, one) => {
    const result = applyReport(now, planned, one);
    if (result.kind === 'refused') throw new Error(`${result.code} ${result.path}: ${result.message}`);
    return result.stages;
  }, stages);

it('The table of moves of a lot', () => {
  const moves = Object.entries(lotStates.moves).flatMap(([from, next]) => next.map((to) => `${from}>${to}`));
  expect(moves).toEqual([
    'PLANNED>RELEASED',
    'PLANNED>SCRAPPED',
    'RELEASED>IN_PROGRESS',
    'RELEASED>SCRAPPED',
    'IN_PROGRESS>ON_HOLD',
    'IN_PROGRESS>COMPLETED',
    'IN_PROGRESS>SCRAPPED',
    'ON_HOLD>IN_PROGRESS',
    'ON_HOLD>SCRAPPED',
    'COMPLETED>CLOSED',
    'COMPLETED>SCRAPPED',
  ]);
});

describe('A report', () => {
  it.each<[string, StageReport, string, string, RegExp]>([
    ['more in than planned', report('CUTTING', 101, 0), 'OUT_OF_RANGE', 'qtyIn', /100 pieces are planned/],
    ['more in than the stage before let out', report('SEWING', 1, 0), 'OUT_OF_RANGE', 'qtyIn', /CUTTING let out 0 pieces/],
    ['more out than in', report('CUTTING', 10, 9, 2), 'OUT_OF_RANGE', 'qtyOut', /10 pieces came in/],
    ['a stage that is not of the lot', report('QC', 1, 0), 'BAD_CODE', 'stage', /one of CUTTING, SEWING, PACKING/],
  ])('is refused: %s', (_name, one, code, path, message) => {
    expect(applyReport(work, 100, one)).toEqual({ kind: 'refused', code, path, message: expect.stringMatching(message) });
  });

  it('counts with those before it, and may not be older than the last of its stage', () => {
    const stages = apply(100, [report('CUTTING', 60, 50, 0, 5)]);
    expect(applyReport(stages, 100, report('CUTTING', 41, 0, 0, 6))).toMatchObject({ code: 'OUT_OF_RANGE' });
    expect(applyReport(stages, 100, report('SEWING', 51, 0, 0, 6))).toMatchObject({ code: 'OUT_OF_RANGE' });
    expect(applyReport(stages, 100, report('CUTTING', 1, 0, 0, 4))).toMatchObject({ code: 'DATES_REVERSED', path: 'at' });
    expect(applyReport(stages, 100, report('CUTTING', 40, 50, 0, 5)).kind).toBe('taken');
  });

  it('completes a stage when all has come in and gone out, and those after it with the last scrap', () => {
    const half = apply(100, [report('CUTTING', 100, 90, 0, 1), report('SEWING', 90, 90, 0, 2), report('PACKING', 90, 88, 2, 3)]);
    // ten pieces are still on the table
    expect(half.map(({ completedAt }) => completedAt)).toEqual([null, null, null]);
    const whole = apply(100, [report('CUTTING', 0, 0, 10, 4)], half);
    expect(whole.map(({ completedAt }) => completedAt)).toEqual([at(4), at(2), at(3)]);
    expect(whole.map(({ startedAt }) => startedAt)).toEqual([at(1), at(2), at(3)]);
    expect([goodOf(whole), scrapOf(whole), progressOf(whole, 100)]).toEqual([88, 12, 10_000]);
  });

  it('never completes a stage that no piece has reached', () => {
    const lost = apply(5, [report('CUTTING', 5, 0, 5)]);
    expect(lost.map(({ completedAt }) => completedAt !== null)).toEqual([true, false, false]);
  });
});

describe('Any reports in any order', () => {
  const oneReport = fc.record({
    stage: fc.constantFrom('CUTTING', 'SEWING', 'PACKING'),
    qtyIn: fc.nat(6),
    qtyOut: fc.nat(6),
    scrap: fc.nat(2),
    at: fc.nat(2_000).map(at),
  });
  // mostly in the order of time, so that many are taken
  const someReports = fc
    .tuple(fc.nat(4), fc.array(oneReport, { maxLength: 120 }))
    .map(([mixed, list]) => (mixed === 0 ? list : list.toSorted((a, b) => a.at.getTime() - b.at.getTime())));

  it('leave no piece made from nothing, none lost, and progress between nothing and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), someReports, (planned, reports) => {
        let stages: readonly StageWork[] = work;
        let progress = 0;
        for (const one of reports) {
          const result = applyReport(stages, planned, one);
          const place = stages.findIndex(({ stage: name }) => name === one.stage);
          const before = stages[place] ?? stage('');
          const there = place === 0 ? planned : (stages[place - 1]?.qtyOut ?? 0);
          const late = before.reportedAt !== null && one.at < before.reportedAt;
          const fits =
            before.qtyIn + one.qtyIn <= there && before.qtyOut + one.qtyOut + before.scrap + one.scrap <= before.qtyIn + one.qtyIn;
          expect(result.kind).toBe(fits && !late ? 'taken' : 'refused');
          if (result.kind === 'refused') continue;
          stages = result.stages;
          expect(progressOf(stages, planned)).toBeGreaterThanOrEqual(progress);
          progress = progressOf(stages, planned);
        }
        expect(progress).toBeLessThanOrEqual(10_000);
        stages.forEach((one, i) => {
          const there = i === 0 ? planned : (stages[i - 1]?.qtyOut ?? 0);
          expect(one.qtyIn).toBeLessThanOrEqual(there);
          expect(one.qtyOut + one.scrap).toBeLessThanOrEqual(one.qtyIn);
          const done = one.qtyIn > 0 && one.qtyIn === there && one.qtyOut + one.scrap === one.qtyIn;
          const beforeDone = i === 0 || stages[i - 1]?.completedAt !== null;
          expect(one.completedAt !== null).toBe(done && beforeDone);
        });
        const complete = stages.every(({ completedAt }) => completedAt !== null);
        expect(complete && (progress < 10_000 || goodOf(stages) + scrapOf(stages) !== planned)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

it('Whatever was reported before, a lot whose stages are worked off in order is complete, to the piece', () => {
  const reports = fc.array(fc.record({ place: fc.nat(2), qtyIn: fc.nat(9), qtyOut: fc.nat(9), scrap: fc.nat(2) }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), reports, fc.nat(3), (planned, list, scrapLast) => {
      let stages: readonly StageWork[] = work;
      list.forEach(({ place, ...pieces }, i) => {
        const result = applyReport(stages, planned, { ...pieces, stage: work[place]?.stage ?? '', at: at(i) });
        if (result.kind === 'taken') stages = result.stages;
      });
      work.forEach(({ stage: name }, i) => {
        const there = i === 0 ? planned : (stages[i - 1]?.qtyOut ?? 0);
        const { qtyIn = 0, qtyOut = 0, scrap = 0 } = stages[i] ?? {};
        const left = there - qtyOut - scrap;
        const lost = Math.min(scrapLast, left);
        stages = apply(planned, [report(name, there - qtyIn, left - lost, lost, 1_000 + i)], stages);
      });
      const reached = stages.every(({ qtyIn }) => qtyIn > 0);
      expect(stages.every(({ completedAt }) => completedAt !== null)).toBe(reached);
      expect(goodOf(stages) + scrapOf(stages)).toBe(planned);
      expect(progressOf(stages, planned)).toBe(10_000);
    }),
    { numRuns: 500 },
  );
});

describe('The day of the finish', () => {
  const zone = 'Asia/Shanghai';
  const open = { status: 'IN_PROGRESS', plannedQty: 100, completedAt: null };
  const day = 24 * 60;

  it('is unknown before work begins, and for a lot that was given up', () => {
    expect(finishOf(open, work, at(0), zone)).toBeNull();
    // a piece came in, but no minute of work is done
    expect(finishOf(open, apply(100, [report('CUTTING', 1, 0)]), at(60), zone)).toBeNull();
    expect(finishOf({ ...open, status: 'SCRAPPED' }, apply(100, [report('CUTTING', 1, 1)]), at(60), zone)).toBeNull();
  });

  it('goes on at the pace since the first piece', () => {
    // 250 of 1,250 minutes in two days: eight more
    const stages = apply(100, [report('CUTTING', 100, 100), report('SEWING', 5, 5, 0, day)]);
    expect(progressOf(stages, 100)).toBe(2_000);
    expect(finishOf(open, stages, at(2 * day), zone)).toBe('2026-12-03');
    // nothing was done meanwhile: it moves away, and is never in the past
    expect(finishOf(open, stages, at(4 * day), zone)).toBe('2026-12-13');
  });

  it('is the day it was finished once it is', () => {
    expect(finishOf({ ...open, status: 'CLOSED', completedAt: at(20 * 60) }, work, at(30 * day), zone)).toBe('2026-11-24');
  });

  it('stays a day of the calendar however slow the pace is', () => {
    const stages = apply(2_000_000_000, [report('CUTTING', 1, 1)]);
    expect(finishOf({ ...open, plannedQty: 2_000_000_000 }, stages, at(10 * day), zone)).toBe('2036-11-30');
  });
});

it('The class of a lot is an EPC URN of 13 digits and a lot number of at most 20 characters, another one for each lot', () => {
  const classes = Array.from({ length: 200 }, (_, i) => toEpcClass(`sty_${i % 3}`, `lot_${i}`));
  expect(classes.filter((one) => !/^urn:epc:class:lgtin:952\d{4}\.0\d{5}\.[0-9A-Z]{20}$/.test(one))).toEqual([]);
  expect(new Set(classes).size).toBe(200);
  expect(toEpcClass('sty_1', 'lot_1')).toBe(toEpcClass('sty_1', 'lot_1'));
});
