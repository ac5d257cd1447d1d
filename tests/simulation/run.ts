/** One seed: an industry that writes, gateways that die, a log that is trimmed and restored, clients of all kinds; then calm, and the check. */
import { createCursors } from '../../gateway/live/cursor.ts';
import { createRandom, hash } from '../differential/random.ts';
import { checkClient } from './check.ts';
import { createSimClient } from './client.ts';
import type { SimClient } from './client.ts';
import { createVirtualClock } from './clock.ts';
import { createSimGateway } from './gateway.ts';
import type { Rights } from './gateway.ts';
import { createSimLog } from './log.ts';

export type SimResult = {
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
};

const MEMBERS = ['ann', 'bo', 'cy'];
const OWNERS = ['north', 'south'];
const BUSY_MS = 6_000;
const CALM_MS = 4_000;

export async function simulate(seed: number): Promise<SimResult> {
  const random = createRandom(seed);
  const clock = createVirtualClock();
  const log = createSimLog();
  const counts: Record<string, number> = {};
  const count = (name: string): void => void (counts[name] = (counts[name] ?? 0) + 1);
  const lost = new Map<string, number>();
  const rights: Rights = {
    mayRead: (member, owner) => (lost.get(`${member} ${owner}`) ?? Infinity) > clock.now(),
    versionOf: (member) => OWNERS.filter((owner) => lost.has(`${member} ${owner}`)).length,
  };
  const gateways = [1, 2].map((number) => createSimGateway({ clock, log, rights, random: createRandom(hash(seed, 'gateway', number)) }));
  const clients: SimClient[] = Array.from({ length: 2 + random.int(6) }, (_, index) =>
    createSimClient(
      { clock, random: createRandom(hash(seed, 'client', index)), gateways },
      {
        member: random.pick(MEMBERS),
        least: random.pick([0, 0, 5]),
        delivery: random.chance(0.7) ? 'ALL' : 'LATEST',
        slow: random.chance(0.3),
      },
    ),
  );

  let produced = 0;
  const produce = (): void => {
    const events = Array.from({ length: 1 + random.int(random.chance(0.1) ? 30 : 3) }, () => ({
      id: `event${(produced += 1)}`,
      payload: { key: `k${random.int(5)}`, owner: random.pick(OWNERS), size: random.int(10) },
    }));
    // A producer that dies without an answer writes the same events again
    if (random.chance(0.05)) clock.at(clock.now() + random.int(200), () => void log.append(events));
    if (random.chance(0.97)) log.append(events);
    else clock.at(clock.now() + 5, () => void log.append(events));
    count('appends');
    if (clock.now() < BUSY_MS) clock.at(clock.now() + random.int(80), produce);
  };
  clock.at(10, produce);
  const faultsPossible: readonly (readonly [name: string, most: number, run: () => void])[] = [
    ['crashes', 4, () => crash(random.int(2))],
    ['both crash', 1, () => [0, 1].forEach(crash)],
    ['trims', 3, () => log.trim(log.head().seq - random.int(40))],
    ['restores', 1, () => log.restore(random.int(10))],
    ['rights lost', 1, () => lost.set(`${random.pick(MEMBERS)} ${random.pick(OWNERS)}`, clock.now())],
  ];
  const crash = (index: number): void => {
    gateways[index]?.crash();
    clock.at(clock.now() + 50 + random.int(500), () => gateways[index]?.start());
  };
  for (const [name, most, run] of faultsPossible)
    for (let times = random.int(most + 1); times > 0; times -= 1)
      clock.at(500 + random.int(BUSY_MS - 1_000), () => {
        count(name);
        run();
      });

  await clock.runUntil(BUSY_MS + 500);
  for (const client of clients) client.calm();
  await clock.runUntil(BUSY_MS + 500 + CALM_MS);
  const readers = createCursors([new Uint8Array(32).fill(7)]);
  const ledger = {
    truth: log.truth,
    lostAt: (member: string, owner: string) => lost.get(`${member} ${owner}`) ?? Infinity,
    positionOf: (cursor: string, { member, least }: SimClient) => {
      const family = Buffer.alloc(12);
      family.writeUInt32BE(hash('family', member, least), 0);
      const [position] = readers.read(family, cursor);
      if (position === undefined) throw new RangeError('A cursor without a position');
      return position;
    },
    head: log.head(),
  };
  const faults = clients.flatMap((client, index) =>
    checkClient(client, ledger).map((fault) => `client ${index} (${client.member}, ${client.delivery}, from ${client.least}) ${fault}`),
  );
  for (const client of clients) {
    for (const told of client.told) {
      count(told.kind);
      if (told.kind === 'frames') counts['events told'] = (counts['events told'] ?? 0) + told.frames.length;
      if (told.kind === 'frames') counts['events skipped'] = (counts['events skipped'] ?? 0) + told.skipped;
    }
    client.stop();
  }
  counts['events'] = produced;
  return { faults, counts };
}
