// The demo talks to the hub like anyone else: by HTTP, with members' tokens, through mutations.
import { Agent, request } from 'undici';
import { z } from 'zod';
import { signMemberToken, type HubKeys } from '../lib/identity/index.ts';

const problemShape = z.object({ code: z.string(), path: z.array(z.string()), message: z.string() });
const answerShape = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** A member who plays; the token is made when the member is known. */
export type Player = { readonly memberId: string; readonly token: string };

export type Payload = Readonly<Record<string, unknown>>;

export type Client = {
  /** A token for a member whose rows are labelled as generated. */
  readonly enter: (memberId: string, kinds: readonly string[]) => Promise<Player>;
  /** Runs one mutation and returns its payload; throws when the hub refuses it. */
  readonly change: (
    player: Player,
    mutation: string,
    input: Readonly<Record<string, unknown>>,
    selection: string,
    /** Problems that pass by themselves when the events of earlier steps have arrived; NOT_FOUND always does. */
    passing?: readonly string[],
  ) => Promise<Payload>;
  readonly ask: (player: Player | null, query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Payload>;
  /** Mutations made so far. */
  readonly count: () => number;
  readonly close: () => Promise<void>;
};

// Events of one subgraph reach another within a moment; what is not known there yet is asked again.
const PATIENCE_MS = 20_000;
const PAUSE_MS = 100;
const TRIES = 5;

export function createClient(options: { url: string; keys: HubKeys; seed: number }): Client {
  const agent = new Agent({ connections: 8 });
  let changes = 0;

  const post = async (player: Player | null, query: string, variables: Readonly<Record<string, unknown>>): Promise<Payload> => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await request(`${options.url}/graphql`, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(player === null ? {} : { authorization: `Bearer ${player.token}` }) },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = answerShape.parse(await answer.body.json());
      if (data && !errors) return data;
      const words = errors?.map((error) => error.message).join('; ') ?? `status ${answer.statusCode}`;
      // keys make every change safe to repeat
      if (attempt >= TRIES) throw new Error(words);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  };

  const change: Client['change'] = async (player, mutation, input, selection, passing = []) => {
    changes += 1;
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
    const document = `mutation Play($input: ${type}) { ${mutation}(input: $input) { ${selection} problems { code path message } } }`;
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const data = await post(player, document, { input });
      const payload = z.record(z.string(), z.unknown()).parse(data[mutation]);
      const problems = z.array(problemShape).parse(payload['problems']);
      if (problems.length === 0) return payload;
      const waits = problems.every(({ code }) => code === 'NOT_FOUND' || passing.includes(code)) && performance.now() < deadline;
      if (!waits) throw new Error(`${mutation}: ${problems.map((p) => `${p.code} at ${p.path.join('.')}: ${p.message}`).join('; ')}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };

  return {
    enter: async (memberId, kinds) => ({
      memberId,
      token: await signMemberToken(options.keys, { memberId, kinds, roles: ['generator'], ttl: 3_600 }),
    }),
    change,
    ask: (player, query, variables = {}) => post(player, query, variables),
    count: () => changes,
    close: () => agent.close(),
  };
}
