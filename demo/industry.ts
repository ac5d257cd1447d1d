// The demo industry in its order: members, makers, distributors, creators and their traffic, then the trade between them up to the
// settlement.
import { z } from 'zod';
import type { Clock } from '../lib/clock/clock.ts';
import type { HubKeys } from '../lib/identity/index.ts';
import { createClient } from './client.ts';
import { playCreators } from './play/creators.ts';
import { playDistributors } from './play/distributors.ts';
import { playMakers } from './play/makers.ts';
import { enterMembers } from './play/members.ts';
import { recordRates } from './play/rates.ts';
import { playTrade } from './play/trade.ts';
import { playTraffic } from './play/traffic.ts';
import { createStage } from './stage.ts';

const hubShape = z.object({ members: z.object({ nodes: z.array(z.object({ memberId: z.string() })) }) });

export type IndustryOptions = {
  readonly url: string;
  readonly keys: HubKeys;
  readonly seed: number;
  readonly now: Date;
  readonly clock: Clock;
  readonly today: string;
  readonly currency: string;
};

/** Plays the whole industry; resolves to the number of changes. Safe to repeat with the same seed on the same day. */
export async function playIndustry(options: IndustryOptions): Promise<number> {
  const client = createClient(options);
  try {
    const answer = hubShape.parse(await client.ask(null, '{ members(kind: HUB, first: 1) { nodes { memberId } } }'));
    const hubId = z.string().parse(answer.members.nodes[0]?.memberId, { error: () => 'the hub has no member of its own yet' });
    const stage = createStage({ ...options, client, hub: await client.enter(hubId, ['HUB']) });
    const cast = await enterMembers(stage);
    const [facilities, sites, creators] = await Promise.all([
      playMakers(stage, cast),
      playDistributors(stage, cast),
      playCreators(stage, cast),
      recordRates(stage),
    ]);
    await playTraffic(stage, creators);
    await playTrade(stage, { facilities, sites, creators });
    return client.count();
  } finally {
    await client.close();
  }
}
