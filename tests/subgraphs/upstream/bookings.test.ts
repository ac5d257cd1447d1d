/** Minutes follow allocations: whatever the order, the repeats and the batches of the events are, they end as a plain recount has them. */
import { allocationChanged, anna, cny, enterMaker, key, offer, openUpstream, type Upstream } from './_kit.ts';

let hub: Upstream;
let gln: string;
beforeAll(async () => {
  hub = await openUpstream();
  gln = await enterMaker(hub);
}, 60_000);
afterAll(() => hub.close());

type Bucket = { bucketId: string; day: string; stage: string };
async function publish(days: readonly string[], stages = ['CUTTING', 'SEWING']): Promise<Bucket[]> {
  const buckets = days.flatMap((day) => stages.map((stage) => offer(gln, { day, stage, actualMinutes: 100_000, maximumMinutes: 100_000 })));
  const answer = await hub.change(anna, 'publishCapacity', { buckets, idempotencyKey: key() }, 'buckets { bucketId day stage }');
  return answer.buckets;
}
const slot = ({ bucketId, day, stage }: Bucket, minutes: number) => ({ bucketId, day, stage, minutes, pieces: 10 });
const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 8, 0, second)).toISOString();

async function minutesOf(buckets: readonly Bucket[]): Promise<Record<string, [held: number, committed: number]>> {
  const rows = await hub.db.capacityBucket.findMany({ where: { bucketId: { in: buckets.map(({ bucketId }) => bucketId) } } });
  return Object.fromEntries(rows.map((row) => [row.bucketId, [row.heldMinutes, row.committedMinutes]]));
}
async function stateOf(): Promise<unknown> {
  const clean = async (table: string, order: string) => hub.db.$queryRawUnsafe(`SELECT * FROM "${table}" ORDER BY ${order}`);
  return JSON.stringify(
    [
      await clean('CapacityBucket', '1'),
      await clean('AllocationSlot', '1, 2'),
      await clean('AllocationCopy', '1'),
      await clean('ProductionLot', '1'),
    ],
    (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );
}

it('An offer holds minutes, an acceptance commits them, and a refusal frees them; each changed bucket is told once', async () => {
  const [cut, sew] = (await publish(['2026-11-24'])) as [Bucket, Bucket];
  const slots = [slot(cut, 40), slot(sew, 200)];
  const move = async (status: string, second: number): Promise<unknown> => {
    await hub.forgetEvents();
    await hub.follow([allocationChanged('alc_a', { gln, status, slots, changedAt: at(second) })]);
    const booked = (await hub.events()).filter(({ topic }) => topic === 'capacity.booked');
    const told = booked.map(({ payload }) => payload['bucketId']);
    expect(new Set(told).size).toBe(told.length);
    return { minutes: Object.values(await minutesOf([sew])), told: booked.length };
  };
  expect(await move('PROPOSED', 1)).toEqual({ minutes: [[0, 0]], told: 0 });
  expect(await move('OFFERED', 2)).toEqual({ minutes: [[200, 0]], told: 2 });
  expect(await move('COUNTERED', 3)).toEqual({ minutes: [[200, 0]], told: 0 });
  expect(await move('ACCEPTED', 4)).toEqual({ minutes: [[0, 200]], told: 2 });
  expect(await move('FROZEN', 5)).toEqual({ minutes: [[0, 200]], told: 0 });
  // an older one that comes late changes nothing
  expect(await move('DECLINED', 4)).toEqual({ minutes: [[0, 200]], told: 0 });
  expect(await move('COMPLETED', 6)).toEqual({ minutes: [[0, 200]], told: 0 });
  await hub.follow([allocationChanged('alc_b', { gln, status: 'OFFERED', slots: [slot(sew, 50)], changedAt: at(1) })]);
  expect(Object.values(await minutesOf([sew]))).toEqual([[50, 200]]);
  await hub.forgetEvents();
  await hub.follow([allocationChanged('alc_b', { gln, status: 'DECLINED', slots: [slot(sew, 50)], changedAt: at(2) })]);
  expect((await hub.events()).map(({ topic, payload }) => ({ topic, payload }))).toEqual([
    {
      topic: 'capacity.booked',
      payload: {
        bucketId: sew.bucketId,
        gln,
        country: 'CN',
        stage: 'SEWING',
        day: '2026-11-24',
        committedMinutes: 200,
        heldMinutes: 0,
        freeMinutes: 99_800,
        changedAt: expect.any(String),
      },
    },
  ]);
});

it('New slots of an allocation take the place of its old ones', async () => {
  const [first, , second] = (await publish(['2026-11-25', '2026-11-26'])) as [Bucket, Bucket, Bucket];
  const send = (slots: unknown[], status: string, second_: number) =>
    hub.follow([allocationChanged('alc_move', { gln, status, slots, changedAt: at(second_) })]);
  await send([slot(first, 70)], 'OFFERED', 1);
  await send([slot(second, 30), slot(second, 5)], 'ACCEPTED', 2);
  expect(await minutesOf([first, second])).toEqual({ [first.bucketId]: [0, 0], [second.bucketId]: [0, 35] });
});

it('A bucket that upstream does not have is left out', async () => {
  await hub.follow([allocationChanged('alc_lost', { gln, slots: [slot({ bucketId: 'bkt_x', day: '2026-11-25', stage: 'SEWING' }, 9)] })]);
  expect(await hub.db.capacityBucket.count({ where: { bucketId: 'bkt_x' } })).toBe(0);
});

// A small generator of chance that is the same in every run.
function chance(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
}

const paths = [
  ['PROPOSED', 'OFFERED', 'ACCEPTED', 'FROZEN', 'COMPLETED'],
  ['PROPOSED', 'OFFERED', 'DECLINED'],
  ['PROPOSED', 'OFFERED', 'COUNTERED', 'ACCEPTED'],
  ['PROPOSED', 'OFFERED', 'COUNTERED', 'SUPERSEDED'],
  ['PROPOSED', 'SUPERSEDED'],
  ['OFFERED', 'ACCEPTED', 'SUPERSEDED'],
  ['OFFERED'],
];

it.each([1, 2, 3])(
  'Shuffled, repeated and in batches the events end in the minutes of a plain recount (draw %i)',
  async (seed) => {
    const draw = chance(seed);
    const buckets = await publish([`2026-12-0${seed}`, `2026-12-1${seed}`, `2026-12-2${seed}`]);
    const expected = new Map(buckets.map(({ bucketId }) => [bucketId, [0, 0] as [number, number]]));
    const events: ReturnType<typeof allocationChanged>[] = [];
    for (let n = 0; n < 40; n += 1) {
      const states = (paths[draw(paths.length)] ?? []).slice(0, 1 + draw(5));
      const slotsAt = states.map(() => Array.from({ length: 1 + draw(3) }, () => ({ bucket: draw(buckets.length), minutes: draw(500) })));
      states.forEach((status, step) => {
        const slots = (slotsAt[step] ?? []).flatMap(({ bucket, minutes }) =>
          buckets.slice(bucket, bucket + 1).map((one) => slot(one, minutes)),
        );
        events.push(allocationChanged(`alc_${seed}_${n}`, { gln, status, slots, changedAt: at(step), styleId: `sty_${n % 5}` }));
      });
      const last = states.at(-1) ?? '';
      for (const { bucket, minutes } of slotsAt.at(-1) ?? []) {
        const sums = expected.get(buckets[bucket]?.bucketId ?? '');
        if (sums === undefined) continue;
        if (['OFFERED', 'COUNTERED'].includes(last)) sums[0] += minutes;
        if (['ACCEPTED', 'FROZEN', 'COMPLETED'].includes(last)) sums[1] += minutes;
      }
    }
    // each once or twice, the second time as an event of its own
    const mixed = [...events, ...events.filter(() => draw(2) === 0)].map((event) => ({ event, place: draw(1_000_000) }));
    const shuffled = mixed.toSorted((a, b) => a.place - b.place).map(({ event }) => event);
    for (let start = 0; start < shuffled.length;) {
      const size = 1 + draw(30);
      await hub.follow(shuffled.slice(start, start + size));
      start += size;
      const rows = Object.values(await minutesOf(buckets)).flat();
      expect(rows.every((minutes) => minutes >= 0)).toBe(true);
    }
    expect(await minutesOf(buckets)).toEqual(Object.fromEntries(expected));
    const before = await stateOf();
    await hub.forgetEvents();
    await hub.follow(shuffled);
    expect(await stateOf()).toBe(before);
    expect(await hub.events()).toEqual([]);
  },
  60_000,
);

it('What is committed or held stays when a maker publishes anew, and less than that is refused', async () => {
  const [, sew] = (await publish(['2026-11-27'])) as [Bucket, Bucket];
  await hub.follow([allocationChanged('alc_p', { gln, status: 'ACCEPTED', slots: [slot(sew, 300)] })]);
  const input = (actualMinutes: number) => ({
    buckets: [offer(gln, { day: '2026-11-27', actualMinutes, maximumMinutes: 5_000 })],
    idempotencyKey: key(),
  });
  const fields = 'buckets { committedMinutes heldMinutes freeMinutes }';
  expect((await hub.change(anna, 'publishCapacity', input(299), fields)).problems).toMatchObject([{ code: 'BELOW_COMMITTED' }]);
  expect((await hub.change(anna, 'publishCapacity', input(1_000), fields)).buckets).toEqual([
    { committedMinutes: 300, heldMinutes: 0, freeMinutes: 700 },
  ]);
});

it('Publishing and booking the same buckets at once neither wait for each other in a ring nor lose minutes', async () => {
  const days = ['2026-12-04', '2026-12-05', '2026-12-06'];
  const buckets = await publish(days);
  const republish = async (n: number): Promise<void> => {
    const list = [...days, ...days]
      .slice(n % 3, (n % 3) + 3)
      .flatMap((day) =>
        ['SEWING', 'CUTTING'].map((stage) => offer(gln, { day, stage, actualMinutes: 50_000 + n, maximumMinutes: 90_000 })),
      );
    const { problems } = await hub.change(anna, 'publishCapacity', { buckets: list, idempotencyKey: key() }, 'buckets { bucketId }');
    expect(problems).toEqual([]);
  };
  const events = Array.from({ length: 60 }, (_, n) =>
    allocationChanged(`alc_race${n}`, {
      gln,
      status: n % 2 === 0 ? 'OFFERED' : 'ACCEPTED',
      slots: buckets.toReversed().map((bucket) => slot(bucket, 3)),
    }),
  );
  const publishing = Promise.all(Array.from({ length: 12 }, (_, n) => republish(n)));
  for (let start = 0; start < events.length; start += 10) await hub.follow(events.slice(start, start + 10));
  await publishing;
  expect(await minutesOf(buckets)).toEqual(Object.fromEntries(buckets.map(({ bucketId }) => [bucketId, [90, 90]])));
}, 60_000);

it('A batch takes a constant number of statements', async () => {
  const buckets = await publish(['2026-11-28', '2026-11-30']);
  const batch = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) =>
      allocationChanged(`alc_n${from + i}`, {
        gln,
        status: 'ACCEPTED',
        unitPrice: cny(i),
        slots: buckets.map((bucket) => slot(bucket, 1)),
      }),
    );
  const few = await hub.countStatements(() => hub.follow(batch(0, 1)));
  const many = await hub.countStatements(() => hub.follow(batch(100, 100)));
  // the loops of the consumer look at the feed in their own time
  expect(many - few).toBeLessThanOrEqual(10);
});
