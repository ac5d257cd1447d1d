/** Events of many rows and topics, in batches of any size, topics in any order and at once, handed out again half-way: the same rows in the end. */
import { dump, empty, later, noon, openRouting, type Routing } from './_kit.ts';
import { numbers } from './_world.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

const tables = ['MakerCopy', 'CreatorCopy', 'DemandCopy', 'CapacityFact', 'WorkFact', 'LotFact', 'LotStageFact', 'SaleFact'];
type Event = { topic: string; payload: Record<string, unknown> };

/** The history of a few rows, oldest first. */
function history(seed: string): Event[] {
  const { upTo, of } = numbers(seed);
  const events: Event[] = [];
  let second = 0;
  const tell = (topic: string, payload: Record<string, unknown>): void =>
    void events.push({ topic, payload: { ...payload, changedAt: later((second += 1)) } });
  const days = () => ({ dueDate: `2026-12-0${1 + upTo(9)}`, latestDate: `2026-12-1${upTo(9)}` });
  const ids = Array.from({ length: 6 }, (_, i) => i);
  const line = (i: number) => ({
    demandLineId: `dln_${i}`,
    memberId: 'mbr_mei',
    styleId: 'sty_1',
    campaignId: null,
    quantity: 1 + upTo(200),
  });
  const lot = (i: number) => ({
    lotId: `lot_${i}`,
    allocationId: `alc_${i}`,
    gln: 'a',
    styleId: 'sty_1',
    memberId: 'mbr_a',
    demandMemberId: 'mbr_mei',
  });
  const bucket = (i: number) => ({ bucketId: `bkt_${i}`, gln: 'a', country: 'CN', stage: 'QC', day: '2026-12-01', freeMinutes: 0 });
  for (const i of ids) {
    tell('demand.submitted', { ...line(i), ...days(), kind: 'ORDER', status: 'OPEN', origin: 'IMPORTED', submittedAt: later(i) });
    tell('lot.created', { ...lot(i), status: 'PLANNED', plannedQty: 100 });
    tell('capacity.published', { ...bucket(i), actualMinutes: upTo(900), maximumMinutes: 900, efficiencyBps: 7_000 });
  }
  for (let step = 0; step < 60; step += 1) {
    const i = of(ids);
    of([
      () =>
        tell('maker.changed', {
          gln: `gln_${i}`,
          memberId: 'mbr_a',
          name: `Works ${step}`,
          status: of(['ACTIVE', 'PAUSED']),
          country: 'CN',
          origin: 'IMPORTED',
        }),
      () =>
        tell('creator.changed', {
          creatorId: `crt_${i}`,
          memberId: 'mbr_mei',
          displayName: 'Mei',
          tier: 'KOC',
          mcnId: of([null, 'mcn_1']),
        }),
      () =>
        tell('demand.changed', {
          ...line(i),
          ...days(),
          status: of(['PARTIAL', 'ALLOCATED']),
          previousStatus: 'OPEN',
          origin: 'IMPORTED',
          submittedAt: later(i),
        }),
      () => tell('capacity.published', { ...bucket(i), actualMinutes: upTo(900), maximumMinutes: 900, efficiencyBps: 7_000 }),
      () => tell('capacity.booked', { ...bucket(i), committedMinutes: upTo(900), heldMinutes: upTo(90) }),
      () =>
        tell('operations.recorded', {
          styleId: `sty_${i}`,
          memberId: 'mbr_mei',
          smvTotal: 1,
          operations: [{ stage: of(['QC', 'SEWING']), smv: `${upTo(9)}.25` }],
        }),
      () =>
        tell('lot.progressed', {
          ...lot(i),
          status: 'IN_PROGRESS',
          previousStatus: 'IN_PROGRESS',
          goodQty: step,
          progressBps: 0,
          ...of([
            { stage: null },
            { stage: 'SEWING', qtyOut: upTo(30), scrap: upTo(3), startedAt: later(step), completedAt: of([null, later(step + 90)]) },
          ]),
        }),
      () =>
        tell('sales.recorded', {
          styleId: `sty_${i}`,
          campaignId: of([null, 'cmp_1']),
          siteGln: null,
          memberId: of([null, 'mbr_mei']),
          piecesSold: upTo(50),
          piecesReturned: upTo(5),
          gmv: { amountMinor: upTo(9_000), currency: of(['CNY', 'USD']) },
          at: noon(`2026-11-0${1 + upTo(9)}`),
          lines: [],
        }),
    ])();
  }
  for (const i of [1, 3]) {
    tell('demand.cancelled', { ...line(i), reason: 'OTHER' });
    tell('lot.closed', { ...lot(i), status: 'CLOSED', goodQty: 90 + i, scrapQty: i });
  }
  return events;
}

/** The same history with topics mixed anew; each topic keeps its order. */
function mixed(events: readonly Event[], seed: string): Event[] {
  const { of } = numbers(seed);
  const queues = new Map<string, Event[]>();
  for (const event of events) queues.set(event.topic, [...(queues.get(event.topic) ?? []), event]);
  const out: Event[] = [];
  while (queues.size > 0) {
    const topic = of([...queues.keys()]);
    const [next, ...rest] = queues.get(topic) ?? [];
    if (next !== undefined) out.push(next);
    if (rest.length === 0) queues.delete(topic);
    else queues.set(topic, rest);
  }
  return out;
}

describe.each(['one', 'two', 'three'])('a history of the seed "%s"', (seed) => {
  it('ends in the same rows in whatever order and batches it comes, and however often', async () => {
    const events = history(seed);
    await empty(r, ...tables);
    await r.follow(events);
    const once = await dump(r, ...tables);
    for (const table of tables) expect(once[table]).not.toEqual([]);
    for (const shuffle of ['a', 'b', 'c']) {
      await empty(r, ...tables);
      const { upTo } = numbers(`${seed} ${shuffle}`);
      const rest = mixed(events, `${seed} ${shuffle}`);
      while (rest.length > 0) {
        await r.follow(rest.splice(0, 1 + upTo(30)));
        if (upTo(3) === 0) await r.db.$executeRawUnsafe('DELETE FROM "FeedPosition"');
      }
      expect(await dump(r, ...tables)).toEqual(once);
    }
  }, 60_000);
});
