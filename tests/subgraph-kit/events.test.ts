/** A change and its events are one: both are written or neither; what is written reaches the feed once and in order. */
import { createMemoryFeed } from '../../lib/feed/memory-feed.ts';
import type { Feed } from '../../lib/feed/feed.ts';
import { silentLog } from '../../lib/log/log.ts';
import { toDemoGln } from '../../subgraph-kit/gs1.ts';
import { createRelay } from '../../subgraph-kit/relay.ts';
import { openClient } from '../../subgraphs/midstream/data/client.ts';
import { midstream } from '../../subgraphs/midstream/midstream.ts';
import { member, openTestSubgraph } from '../_kit/subgraph.ts';

const topic = 'distributor.changed';
const distributor = member('mbr_road', 'DISTRIBUTOR');
const input = (name: string) => ({ gln: toDemoGln(name), name, country: 'CN', slas: [], idempotencyKey: name });

type Subgraph = Awaited<ReturnType<typeof open>>;
const open = () => openTestSubgraph(midstream, openClient);
let subgraph: Subgraph;
beforeAll(async () => {
  subgraph = await open();
}, 60_000);
afterAll(() => subgraph.close());
beforeEach(() => subgraph.forgetEvents());

const register = (name: string) => subgraph.change(distributor, 'registerDistributor', input(name), 'distributor { gln name }');
const countRows = () => subgraph.db.distributor.count();

/** Waits until what a relay passed on is gone from the outbox. */
async function relayAll(feeds: readonly Feed[]): Promise<void> {
  const relays = feeds.map((feed) => createRelay({ db: subgraph.db, feed, log: silentLog }));
  for (const relay of relays) await relay.start(new AbortController().signal);
  while ((await subgraph.events()).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const relay of relays) await relay.stop();
}
const readIds = async (feed: Feed): Promise<string[]> => (await feed.read(topic, null, 1_000)).events.map((event) => event.id);

describe('a change', () => {
  it('whose event cannot be written is not made, and is made when it is sent again', async () => {
    const before = await countRows();
    await subgraph.db.$executeRawUnsafe('ALTER TABLE "Outbox" ADD CONSTRAINT "full" CHECK (false) NOT VALID');
    await expect(register('Blocked Road')).rejects.toThrow();
    expect(await countRows()).toBe(before);
    await subgraph.db.$executeRawUnsafe('ALTER TABLE "Outbox" DROP CONSTRAINT "full"');
    expect(await register('Blocked Road')).toMatchObject({ distributor: { name: 'Blocked Road' }, problems: [] });
    expect(await countRows()).toBe(before + 1);
    expect((await subgraph.events()).map((event) => event.topic)).toEqual([topic]);
  });

  it('that is refused writes no event', async () => {
    const before = await countRows();
    expect(
      (await subgraph.change(distributor, 'registerDistributor', { ...input('Nameless'), name: '' }, 'distributor { gln }')).problems,
    ).not.toEqual([]);
    expect([await countRows(), await subgraph.events()]).toEqual([before, []]);
  });
});

describe('the relay', () => {
  it('passes an event on once, though it fell over after the feed had taken it', async () => {
    await register('Twice Road');
    const [written] = await subgraph.events();
    const feed = createMemoryFeed();
    let falls = 2;
    const append: Feed['append'] = async (...args) => {
      const position = await feed.append(...args);
      if ((falls -= 1) >= 0) throw new Error('the feed took it, and the answer was lost');
      return position;
    };
    await relayAll([{ ...feed, append }]);
    expect(falls).toBeLessThan(0);
    expect(await readIds(feed)).toEqual([written?.id]);
  });

  it('keeps the order of the changes, also where two run at once', async () => {
    for (let i = 0; i < 30; i += 1) await register(`Long Road ${i}`);
    const ids = (await subgraph.events()).map((event) => event.id);
    expect(ids).toHaveLength(30);
    const feed = createMemoryFeed();
    await relayAll([feed, feed]);
    expect(await readIds(feed)).toEqual(ids);
  });
});
