/** Small inputs of the model, and an optimum of them found without it. */
import fc from 'fast-check';
import highsModule from 'highs';
import { addDays } from '../../../../lib/clock/clock.ts';
import { solveRouting } from '../../../../subgraphs/routing/model/index.ts';
import type {
  InputBucket,
  InputLine,
  InputMaker,
  InputPolicy,
  RoutingInput,
  RoutingPlan,
  Stage,
} from '../../../../subgraphs/routing/model/types.ts';

// the types of the package are those of its CommonJS build
const loadHighs = highsModule as unknown as typeof highsModule.default;

/** A Monday. */
export const FIRST_DAY = '2026-11-23';
export const dayAt = (number: number): string => addDays(FIRST_DAY, number);

export const makePolicy = (policy: Partial<InputPolicy> = {}): InputPolicy => ({
  version: '1',
  hash: 'none',
  weights: { EX_WORKS: 1, FREIGHT: 1, DUTY: 1, SETUP: 1, QUALITY_RISK: 1, LATENESS: 1 },
  hhiLimit: 0.25,
  maxShareBps: 10_000,
  frozenDays: 1,
  unservedPenalty: 100,
  latenessPenalty: 1,
  candidateLimit: 3,
  ...policy,
});

export const makeLine = (line: Partial<InputLine> & { id: string }): InputLine => ({
  memberId: 'mbr_creator',
  origin: 'REPORTED',
  styleId: 'sty_one',
  styleName: 'One',
  campaignId: null,
  quantity: 10,
  dueDay: dayAt(12),
  latestDay: dayAt(20),
  shipTo: 'CNSHA',
  requiredCapabilities: [],
  requiredCertificates: [],
  qualityFloorBps: null,
  priceCap: null,
  margin: 0,
  work: [{ stage: 'SEWING', minutes: 2, tags: [] }],
  category: 'SHIRT',
  unitWeightGrams: null,
  hsCode: null,
  declinedBy: [],
  bids: [],
  ...line,
});

export const makeTerm = (term: Partial<InputMaker['terms'][number]> = {}): InputMaker['terms'][number] => ({
  category: null,
  moq: 1,
  acceptsShortLots: false,
  minutePrice: 1,
  setupCost: null,
  ...term,
});

export const makeMaker = (maker: Partial<InputMaker> & { gln: string }): InputMaker => ({
  memberId: `mbr_${maker.gln}`,
  name: maker.gln,
  status: 'ACTIVE',
  country: 'CN',
  unlocode: null,
  daysKnown: 200,
  capabilities: [],
  certificates: [],
  qualityScore: 1,
  terms: [makeTerm()],
  ...maker,
});

export const makeBucket = (
  gln: string,
  day: number,
  freeMinutes: number,
  rest: { stage?: Stage; efficiencyBps?: number } = {},
): InputBucket => {
  const stage = rest.stage ?? 'SEWING';
  return { id: `${gln} ${stage} ${day}`, gln, stage, day: dayAt(day), freeMinutes, efficiencyBps: rest.efficiencyBps ?? 10_000 };
};

type Parts = Partial<Omit<RoutingInput, 'policy'>> & { readonly policy?: Partial<InputPolicy> };

export const makeInput = ({ policy, ...parts }: Parts): RoutingInput => ({
  version: 1,
  currency: 'CNY',
  horizonFrom: FIRST_DAY,
  horizonTo: dayAt(13),
  policy: makePolicy(policy),
  lines: [],
  makers: [],
  buckets: [],
  lanes: [],
  ...parts,
});

export const solve = (input: RoutingInput, seed = 'seed', limitMs = 60_000): Promise<RoutingPlan> => solveRouting(input, { seed, limitMs });

/** Industries of some makers and lines; every number of a shape that occurs, the scarce as often as the plentiful. */
export const anyInput: fc.Arbitrary<RoutingInput> = fc
  .record({
    makers: fc.array(
      fc.record({
        price: fc.integer({ min: 10, max: 90 }),
        setup: fc.integer({ min: 0, max: 50 }),
        moq: fc.integer({ min: 1, max: 30 }),
        short: fc.boolean(),
        tag: fc.boolean(),
        efficiency: fc.integer({ min: 5_000, max: 12_000 }),
        free: fc.array(fc.integer({ min: 0, max: 160 }), { minLength: 4, maxLength: 4 }),
        quality: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
      }),
      { minLength: 1, maxLength: 7 },
    ),
    lines: fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 40 }),
        minutes: fc.integer({ min: 50, max: 900 }),
        due: fc.integer({ min: 2, max: 6 }),
        tagged: fc.boolean(),
        margin: fc.integer({ min: 0, max: 20 }),
      }),
      { minLength: 1, maxLength: 7 },
    ),
    share: fc.constantFrom(10_000, 6_000, 2_500),
  })
  .map(({ makers, lines, share }) =>
    makeInput({
      policy: { maxShareBps: share, unservedPenalty: 20, candidateLimit: 2 },
      makers: makers.map((maker, i) =>
        makeMaker({
          gln: `maker ${i}`,
          capabilities: maker.tag ? ['HEM_STRAIGHT'] : [],
          qualityScore: maker.quality === null ? null : maker.quality / 100,
          terms: [makeTerm({ moq: maker.moq, acceptsShortLots: maker.short, minutePrice: maker.price / 100, setupCost: maker.setup })],
        }),
      ),
      lines: lines.map((line, i) =>
        makeLine({
          id: `line ${i}`,
          quantity: line.quantity,
          margin: line.margin,
          dueDay: dayAt(line.due),
          latestDay: dayAt(line.due + 2),
          work: [{ stage: 'SEWING', minutes: line.minutes / 100, tags: line.tagged ? ['HEM_STRAIGHT'] : [] }],
        }),
      ),
      buckets: makers.flatMap(({ free, efficiency }, i) =>
        free.map((minutes, day) => makeBucket(`maker ${i}`, day, minutes, { efficiencyBps: efficiency })),
      ),
    }),
  );

/** Optimum of an input of `anyInput`, by the formulas of docs/routing.md written down once more, with all columns at once. */
export async function denseOptimum(input: RoutingInput): Promise<number> {
  const { policy } = input;
  const terms: string[] = [];
  const rows = new Map<string, { parts: string[]; sense: string; limit: number }>();
  const add = (row: string, part: string, sense: string, limit: number): void => {
    const found = rows.get(row) ?? { parts: [], sense, limit };
    found.parts.push(part);
    rows.set(row, found);
  };
  const minutesOf = (line: InputLine): number => line.work.reduce((sum, { minutes }) => sum + minutes, 0);
  const all = input.lines.reduce((sum, line) => sum + line.quantity * minutesOf(line), 0);
  input.lines.forEach((line, l) => {
    terms.push(`${policy.unservedPenalty + line.margin} u${l}`);
    add(`d${l}`, `1 u${l}`, '=', line.quantity);
    input.buckets.forEach((bucket, b) => {
      const maker = input.makers.find(({ gln }) => gln === bucket.gln);
      const term = maker?.terms[0];
      if (maker === undefined || term === undefined || bucket.freeMinutes < 1) return;
      const arrival = addDays(bucket.day, 2);
      const short = line.quantity < term.moq;
      const lacks = line.work.some(({ tags }) => tags.some((tag) => !maker.capabilities.includes(tag)));
      if (arrival > line.latestDay || lacks || (short && !term.acceptsShortLots)) return;
      const price = minutesOf(line) * (term.minutePrice ?? 0);
      const late = Math.max(0, (Date.parse(arrival) - Date.parse(line.dueDay)) / 86_400_000);
      const cost = price * (1 + 0.1 * (1 - (maker.qualityScore ?? 0.5))) + (short ? (term.setupCost ?? 0) / line.quantity : 0) + late;
      terms.push(`${cost} x${l}_${b}`);
      add(`d${l}`, `1 x${l}_${b}`, '=', line.quantity);
      add(`b${b}`, `${(minutesOf(line) * 10_000) / bucket.efficiencyBps} x${l}_${b}`, '<=', bucket.freeMinutes);
      add(`m${input.makers.indexOf(maker)}`, `${minutesOf(line)} x${l}_${b}`, '<=', (all * policy.maxShareBps) / 10_000);
    });
  });
  const text = [...rows].map(([name, { parts, sense, limit }]) => ` ${name}: ${parts.join('\n + ')} ${sense} ${limit}`);
  const highs = await loadHighs();
  return highs.solve(`Minimize\n cost: ${terms.join('\n + ')}\nSubject To\n${text.join('\n')}\nEnd`, { output_flag: false }).ObjectiveValue;
}
