/** What happens in a run besides the clients: producers that write, and faults. */
import type { GroupAppender } from '../../lib/feed/group-append.ts';
import type { Random } from '../differential/random.ts';
import type { Acknowledged } from './check.ts';
import type { VirtualClock } from './clock.ts';
import type { SimGateway } from './gateway.ts';
import type { SimLog } from './log.ts';
import type { Rights } from './rights.ts';
import type { Story } from './story.ts';
import type { Payload } from './wire.ts';

export const MEMBERS = ['ann', 'bo', 'cy'];
export const OWNERS = ['north', 'south'];

type World = { readonly clock: VirtualClock; readonly random: Random; readonly log: SimLog; readonly story: Story };

/** Writes until then, and says what it was told to be durable. Whoever hears no answer writes the same events again. */
export function startProducer(
  name: string,
  { clock, random, log, story }: World,
  untilMs: number,
): { readonly acknowledged: Acknowledged[] } {
  const appender: GroupAppender = log.createAppender();
  const acknowledged: Acknowledged[] = [];
  let [appends, produced] = [0, 0];

  const create = (): { id: string; payload: Payload }[] => {
    const [of, append] = [1 + random.int(random.chance(0.1) ? 30 : 3), `${name}.${(appends += 1)}`];
    return Array.from({ length: of }, () => {
      const id = `${name}${(produced += 1)}`;
      return { id, payload: { id, key: `k${random.int(5)}`, owner: random.pick(OWNERS), size: random.int(10), append, of } };
    });
  };
  const append = async (events: readonly { readonly id: string; readonly payload: Payload }[]): Promise<void> => {
    const ids = events.map(({ id }) => id);
    const prepared = events.map(({ id, payload }) => ({ id, payloadText: JSON.stringify(payload) }));
    for (let isDone = false; !isDone;) {
      try {
        const { epoch } = await appender.append(prepared);
        acknowledged.push({ ids, epoch, at: clock.now() });
        isDone = true;
      } catch (error) {
        story.note(`producer ${name}`, () => `${ids[0]} to ${ids.at(-1)}: ${String(error)}`);
        await clock.delay(random.int(100));
      }
    }
    // Nobody promises that a relay does not do it once more
    if (random.chance(0.05)) clock.after(random.int(200), () => void appender.append(prepared).catch(() => undefined));
  };
  const produce = (): void => {
    void append(create());
    if (clock.now() < untilMs) clock.after(random.int(80), produce);
  };
  clock.after(10 + random.int(20), produce);
  return { acknowledged };
}

type Hurt = World & { readonly gateways: readonly SimGateway[]; readonly rights: Rights; readonly count: (name: string) => void };

/** What may go wrong in a run, each at most so often. */
export function planFaults(world: Hurt, { fromMs, untilMs }: { fromMs: number; untilMs: number }): void {
  const { clock, random, log, story, count } = world;
  const faults: readonly (readonly [name: string, most: number, run: () => void])[] = [
    ['gateway crashes', 3, () => stop(world, random.int(2), 'crash')],
    ['both crash', 1, () => [0, 1].forEach((index) => stop(world, index, 'crash'))],
    ['gateway drains', 1, () => stop(world, random.int(2), 'drain')],
    ['log crashes', 2, () => log.crash()],
    ['trims', 3, () => log.trim(random.int(40))],
    ['restores', 1, () => log.restore(random.int(6))],
    ['wipes', random.chance(0.3) ? 1 : 0, () => log.wipe()],
    ['supergraph swaps', 3, () => swap(world)],
    ['rights lost', 2, () => takeRight(world)],
  ];
  for (const [name, most, run] of faults)
    for (let times = random.int(most + 1); times > 0; times -= 1)
      clock.at(fromMs + random.int(untilMs - fromMs), () => {
        count(name);
        run();
        const { epoch, seq } = log.head();
        story.note('fault', () => `${name}; the stream is at ${epoch}/${seq}, from ${log.firstAt(epoch, clock.now())}`);
      });
}

function stop({ gateways, clock, random }: Hurt, index: number, how: 'crash' | 'drain'): void {
  gateways[index]?.[how]();
  clock.after(50 + random.int(500), () => gateways[index]?.start());
}

/** Each gateway sees it at its own time. */
function swap({ gateways, clock, random }: Hurt): void {
  const next = clock.now();
  for (const gateway of gateways) clock.after(random.int(100), () => gateway.swap(next));
}

function takeRight({ gateways, clock, random, rights }: Hurt): void {
  const member = random.pick(MEMBERS);
  rights.take(member, random.pick(OWNERS));
  for (const gateway of gateways) clock.after(random.int(150), () => gateway.reauthorise(member));
}
