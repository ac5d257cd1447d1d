/** The spine query on the demo industry: twenty creators, nothing empty on the way from campaign to split, and a history behind each row. */
import { addDays } from '../../lib/clock/clock.ts';
import { createRandom } from '../../demo/random.ts';
import { askSpine, createHistory, creatorsOnSale, emptyLists, missingParts } from '../journeys/_spine.ts';
import type { TestHub } from '../_kit/hub.ts';

const CREATORS = 20;
/** What is under way is wanted within these days (demo/play/trade.ts). */
const RUNNING_DAYS = 9;

export function describeSpine(hubOf: () => TestHub, today: string): void {
  describe('the spine query', () => {
    const window = { from: today, to: addDays(today, RUNNING_DAYS) };
    let asked: any[] = [];

    it('returns no empty list at any level, from creator to settlement split, for 20 creators drawn by a seed', async () => {
      const hub = hubOf();
      const creators = createRandom(20).some(await creatorsOnSale(hub), CREATORS);
      expect(creators).toHaveLength(CREATORS);
      asked = await Promise.all(creators.map((creatorId) => askSpine(hub, null, creatorId, window)));
      expect(asked.flatMap((creator) => emptyLists(creator, creator.displayName))).toEqual([]);
      expect(asked.flatMap((creator) => missingParts(creator, creator.displayName))).toEqual([]);
    });

    it('shows rows that came from mutations through the gateway, from the allocation on: their events are in the feed', async () => {
      const hub = hubOf();
      const missingOf = await createHistory(hub);
      const { data } = await hub.ask(hub.hub, '{ allocations(status: [COMPLETED], first: 200) { nodes { allocationId } totalCount } }');
      expect(data.allocations.totalCount).toBeGreaterThanOrEqual(CREATORS);
      const missing = data.allocations.nodes.flatMap(({ allocationId }: { allocationId: string }) => missingOf(allocationId));
      expect(missing).toEqual([]);
    });
  });
}
