/** One seed: an industry that writes, gateways that die, a log that is trimmed and restored, clients of all kinds; then calm, and the check. */
import { createRandom, hash } from '../differential/random.ts';
import type { Random } from '../differential/random.ts';
import { checkClient, checkHeld, checkLog } from './check.ts';
import type { Fault, Ledger } from './check.ts';
import { createSimClient } from './client.ts';
import type { SimClient } from './client.ts';
import { createVirtualClock } from './clock.ts';
import { createSimConsumers } from './consumers.ts';
import { budgetBytes, createSimGateway } from './gateway.ts';
import { createSimLog } from './log.ts';
import { createRights } from './rights.ts';
import { createStory } from './story.ts';
import { MEMBERS, OWNERS, planFaults, startProducer } from './world.ts';

export type SimResult = {
  readonly faults: readonly Fault[];
  readonly counts: Readonly<Record<string, number>>;
  /** Around a fault; empty when it was not asked for. */
  story(fault: Fault): readonly string[];
};

const BUSY_MS = 3_000;
/** Enough for the slowest to read all that there is: some 2,000 events, two at a time. */
const CALM_MS = 8_000;
/** Longer than any token. */
const GONE_MS = 4_000;

/** `story`: what happened is written down, too. */
export async function simulate(seed: number, options: { readonly story?: boolean } = {}): Promise<SimResult> {
  const randomOf = (name: string, index = 0): Random => createRandom(hash(seed, name, index));
  const clock = createVirtualClock();
  const story = createStory(() => clock.now(), options.story === true);
  const counts: Record<string, number> = {};
  const count = (name: string, by = 1): void => void (counts[name] = (counts[name] ?? 0) + by);
  const log = createSimLog({ clock, random: randomOf('log'), story });
  const random = randomOf('world');
  const rights = createRights(
    () => clock.now(),
    new Map(MEMBERS.map((member) => [member, member === 'cy' ? random.sample(OWNERS, 1) : OWNERS])),
  );
  const gateways = [1, 2].map((index) =>
    createSimGateway({ name: `gateway ${index}`, clock, log, rights, random: randomOf('gateway', index), story }),
  );
  const clients = Array.from({ length: 2 + random.int(6) }, (_, index) =>
    createSimClient(
      { name: `client ${index}`, clock, random: randomOf('client', index), gateways, story },
      {
        member: random.pick(MEMBERS),
        least: random.pick([0, 0, 5]),
        delivery: random.chance(0.7) ? 'ALL' : 'LATEST',
        isSlow: random.chance(0.3),
      },
    ),
  );
  const producers = ['a', 'b'].map((name, index) =>
    startProducer(name, { clock, random: randomOf('producer', index), log, story }, BUSY_MS),
  );
  const consumers = createSimConsumers({ clock, log, random: randomOf('consumers'), story });
  planFaults({ clock, random: randomOf('faults'), log, gateways, rights, story, count }, { fromMs: 300, untilMs: BUSY_MS });

  await clock.runUntil(BUSY_MS + 500);
  for (const one of [...clients, consumers]) one.calm();
  await clock.runUntil(BUSY_MS + 500 + CALM_MS);
  const ledger: Ledger = {
    truth: log.truth,
    acknowledged: producers.flatMap(({ acknowledged }) => acknowledged),
    applied: consumers.applied,
    lostAt: (member, owner) => rights.lostAt(member, owner),
    firstAt: (epoch, at) => log.firstAt(epoch, at),
    head: log.head(),
    endsAt: clock.now(),
    budgetBytes,
  };
  const faults = [...checkLog(ledger), ...clients.flatMap((client) => checkClient(client, ledger))];
  for (const one of [...clients, consumers]) one.stop();
  await clock.runUntil(clock.now() + GONE_MS);
  faults.push(
    ...gateways.flatMap((gateway) => checkHeld(gateway.held(), clock.now())),
    ...checkHeld({ timers: clock.waiting }, clock.now()),
  );

  for (const client of clients) countTold(client, count);
  count(
    'events acknowledged',
    ledger.acknowledged.reduce((sum, { ids }) => sum + ids.length, 0),
  );
  count('events applied by consumers', ledger.applied.length);
  return { faults, counts, story: ({ who, at }) => story.around(who, at) };
}

function countTold(client: SimClient, count: (name: string, by?: number) => void): void {
  for (const told of client.told) {
    if (told.kind === 'written') continue;
    count(`told: ${told.kind}`);
    if (told.kind !== 'frames') continue;
    count('events told', told.frames.length);
    count('events skipped', told.skipped);
  }
}
