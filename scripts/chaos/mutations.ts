// The changes that are made while processes die: one kind for each subgraph, each with a name of its own by which rows and events are found.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { toKey13 } from '../../demo/gs1.ts';
import { loadOrCreateKeys, signMemberToken } from '../../lib/identity/index.ts';
import type { ChaosHub } from './hub.ts';

/** Where a kind's rows and events are. */
export const kinds = {
  member: { subgraph: 'routing', table: 'Member', topic: 'member.changed' },
  maker: { subgraph: 'upstream', table: 'Maker', topic: 'maker.changed' },
  site: { subgraph: 'midstream', table: 'Site', topic: 'site.changed' },
  segment: { subgraph: 'downstream', table: 'AudienceSegment', topic: 'segment.changed' },
} as const;
export type Kind = keyof typeof kinds;

type Player = 'hub' | 'maker' | 'distributor' | 'creator';
export type Players = { readonly [P in Player]: string } & { readonly creatorId: string };

export type Change = {
  readonly kind: Kind;
  readonly name: string;
  readonly player: Player;
  readonly mutation: string;
  readonly input: Readonly<Record<string, unknown>>;
};

const RETRY_MS = 250;
const ANSWER_LIMIT_MS = 60_000;

const payloadShape = z.looseObject({ problems: z.array(z.object({ code: z.string(), message: z.string() })) });
const answerShape = z.object({ data: z.record(z.string(), payloadShape.nullable()).nullish(), errors: z.array(z.unknown()).optional() });

type Answer = z.infer<typeof payloadShape>;

/** The payload; a text when it was not answered, or with an error: then nobody knows, and it must be sent again with its key. */
async function send(url: string, token: string, change: Pick<Change, 'mutation' | 'input'>, selection = ''): Promise<Answer | string> {
  const type = `${change.mutation.charAt(0).toUpperCase()}${change.mutation.slice(1)}Input!`;
  const query = `mutation Chaos($input: ${type}) { ${change.mutation}(input: $input) { ${selection} problems { code message } } }`;
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: { input: change.input } }),
      signal: AbortSignal.timeout(35_000),
    });
    const { data, errors } = answerShape.parse(await response.json());
    const payload = data?.[change.mutation] ?? null;
    if (errors !== undefined || payload === null) return JSON.stringify(errors ?? 'no payload');
    if (payload.problems.length > 0) throw new Refused(`${change.mutation}: ${JSON.stringify(payload.problems)}`);
    return payload;
  } catch (error) {
    if (error instanceof Refused) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

class Refused extends Error {}

/** Sends it until it is answered, always with the same key; resolves to how often it had to be sent. */
export async function sendUntilAnswered(url: string, players: Players, change: Change): Promise<number> {
  const began = performance.now();
  for (let times = 1; ; times += 1) {
    const answer = await send(url, players[change.player], change);
    if (typeof answer !== 'string') return times;
    if (performance.now() - began > ANSWER_LIMIT_MS) throw new Error(`${change.mutation} ${change.name} is still not answered: ${answer}`);
    await sleep(RETRY_MS);
  }
}

/** Enters a maker, a distributor and a creator who make the changes of a round. */
export async function enterPlayers(hub: ChaosHub, round: number): Promise<Players> {
  const keys = await loadOrCreateKeys(hub.data.keys);
  const enter = (memberId: string, memberKinds: readonly string[]) =>
    signMemberToken(keys, { memberId, kinds: memberKinds, ttl: 24 * 3_600 });
  const ofHub = await enter(await findHub(hub.url), ['HUB']);
  const must = async (token: string, mutation: string, input: Record<string, unknown>, selection: string, mark = ''): Promise<Answer> => {
    for (let attempt = 1; ; attempt += 1) {
      const payload = await send(
        hub.url,
        token,
        { mutation, input: { ...input, idempotencyKey: `enter-${round}-${mutation}-${mark}` } },
        selection,
      );
      if (typeof payload !== 'string') return payload;
      if (attempt === 20) throw new Error(`${mutation} was not answered: ${payload}`);
      await sleep(RETRY_MS);
    }
  };
  const register = async (kind: string): Promise<string> => {
    const payload = await must(ofHub, 'registerMember', { name: `Chaos ${kind} ${round}`, kinds: [kind] }, 'member { memberId }', kind);
    return enter(z.object({ memberId: z.string() }).parse(payload['member']).memberId, [kind]);
  };
  const [maker, distributor, creator] = [await register('MAKER'), await register('DISTRIBUTOR'), await register('CREATOR')];
  await must(
    distributor,
    'registerDistributor',
    { gln: toKey13(8, round), name: `Chaos Logistics ${round}`, country: 'CN', slas: [] },
    'distributor { gln }',
  );
  const entered = await must(creator, 'registerCreator', { displayName: 'Chaos', tier: 'KOL', country: 'CN' }, 'creator { creatorId }');
  return { hub: ofHub, maker, distributor, creator, creatorId: z.object({ creatorId: z.string() }).parse(entered['creator']).creatorId };
}

/** The hub's own member. */
async function findHub(url: string): Promise<string> {
  const shape = z.object({ data: z.object({ members: z.object({ nodes: z.tuple([z.object({ memberId: z.string() })]) }) }) });
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent('{ members(kind: HUB, first: 1) { nodes { memberId } } }')}`);
    const text = await response.text();
    const { data } = shape.safeParse(JSON.parse(text));
    if (data !== undefined) return data.data.members.nodes[0].memberId;
    if (attempt === 20) throw new Error(`the hub does not name its own member: ${text}`);
    await sleep(RETRY_MS);
  }
}

/** `count` changes that take turns at the four subgraphs. */
export function makeChanges(round: number, count: number, players: Players): Change[] {
  const makers: Record<
    Kind,
    (name: string, number: number) => Omit<Change, 'kind' | 'name' | 'input'> & { input: Record<string, unknown> }
  > = {
    member: (name) => ({ player: 'hub', mutation: 'registerMember', input: { name, kinds: ['MAKER'] } }),
    maker: (name, number) => ({
      player: 'maker',
      mutation: 'registerMaker',
      input: { gln: toKey13(9, number), name, country: 'CN', address: 'Chaos Road 1', capabilities: [], terms: [] },
    }),
    site: (name, number) => ({
      player: 'distributor',
      mutation: 'registerSite',
      input: { siteGln: toKey13(7, number), name, kind: 'WAREHOUSE', unlocode: 'CNSHA' },
    }),
    segment: (name) => ({
      player: 'creator',
      mutation: 'defineSegment',
      input: { creatorId: players.creatorId, name, size: 100, sizeCurve: [{ size: 'M', shareBps: 10_000 }] },
    }),
  };
  const names: readonly Kind[] = ['member', 'maker', 'site', 'segment'];
  return Array.from({ length: count }, (_, i) => {
    const number = round * 1_000 + i;
    const kind = names[i % names.length] ?? 'member';
    const name = `chaos-${kind}-${number}.`;
    const { input, ...rest } = makers[kind](name, number);
    return { ...rest, kind, name, input: { ...input, idempotencyKey: name } };
  });
}
