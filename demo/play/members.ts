// The hub enters the members; each then plays with a token of its own.
import { z } from 'zod';
import type { Player } from '../client.ts';
import { forEachOf, type Stage } from '../stage.ts';
import { creatorNames, distributorWords, makerKinds, makerWords, mcnWords } from '../words.ts';

export type Cast = {
  readonly makers: readonly (Player & { name: string })[];
  readonly distributors: readonly (Player & { name: string })[];
  readonly mcns: readonly (Player & { name: string })[];
  readonly creators: readonly (Player & { name: string })[];
};

const MAKERS = 24;
const CREATORS = 22;
const memberShape = z.object({ memberId: z.string() });

/** Enters 24 makers, 6 distributors, 4 agencies and 22 creators. */
export async function enterMembers(stage: Stage): Promise<Cast> {
  const enter = (kind: string, names: readonly string[]) =>
    forEachOf(names, 8, async (name, i) => {
      const payload = await stage.client.change(
        stage.hub,
        'registerMember',
        { name, kinds: [kind], idempotencyKey: stage.key('member', kind, i) },
        'member { memberId }',
      );
      const { memberId } = memberShape.parse(payload['member']);
      return { ...(await stage.client.enter(memberId, [kind])), name };
    });
  const makerNames = Array.from(
    { length: MAKERS },
    (_, i) => `${makerWords[i % makerWords.length]} ${makerKinds[(i + Math.floor(i / makerWords.length)) % makerKinds.length]}`,
  );
  return {
    makers: await enter('MAKER', makerNames),
    distributors: await enter(
      'DISTRIBUTOR',
      distributorWords.map((word) => `${word} Logistics`),
    ),
    mcns: await enter('MCN', mcnWords),
    creators: await enter('CREATOR', creatorNames.slice(0, CREATORS)),
  };
}
