// npm run token -- --as <memberId|maker|distributor|creator|mcn|hub>: prints a token of the hub's own issuer, for development.
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { z } from 'zod';
import { readConfig } from '../lib/config/index.ts';
import { createError } from '../lib/errors/errors.ts';
import { loadOrCreateKeys, signMemberToken } from '../lib/identity/index.ts';
import { toFailureLine } from '../lib/lifecycle/index.ts';
import { readState } from './hub/data-folder.ts';
import { toDataFolder } from './hub/layout.ts';

const USAGE = 'npm run token -- --as <memberId|maker|distributor|creator|mcn|hub> [--hours 12]';
const kinds = ['MAKER', 'DISTRIBUTOR', 'CREATOR', 'MCN', 'HUB'];

const memberShape = z.object({ memberId: z.string(), name: z.string(), kinds: z.array(z.string()) });
const answerShape = z.object({
  data: z.object({ member: memberShape.nullish(), members: z.object({ nodes: z.array(memberShape) }).nullish() }).nullish(),
});

type Member = z.infer<typeof memberShape>;

async function ask(url: string, query: string, variables: Record<string, unknown>): Promise<z.infer<typeof answerShape>['data']> {
  const answer = await request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return answerShape.parse(await answer.body.json()).data;
}

// The member by its id, or the first one of a kind by name.
async function findMember(url: string, as: string): Promise<Member> {
  const kind = as.toUpperCase();
  const found = kinds.includes(kind)
    ? (await ask(url, 'query($kind: MemberKind) { members(kind: $kind, first: 1) { nodes { memberId name kinds } } }', { kind }))?.members
        ?.nodes[0]
    : (await ask(url, 'query($id: ID!) { member(memberId: $id) { memberId name kinds } }', { id: as }))?.member;
  if (found) return found;
  throw createError(
    'BAD_USER_INPUT',
    `the hub knows no member "${as}"; give a member id, or one of ${kinds.map((k) => k.toLowerCase()).join(', ')}`,
  );
}

async function printToken(): Promise<void> {
  const config = readConfig(['HUB_DATA', 'NODE_ENV']);
  if (config.NODE_ENV === 'production')
    throw createError('CONFIG_UNSAFE', 'tokens are only made here in development; in production they come from the issuers in HUB_ISSUERS');
  const { values } = parseArgs({ options: { as: { type: 'string' }, hours: { type: 'string', default: '12' } } });
  const hours = Number(values.hours);
  if (values.as === undefined || !(hours > 0)) throw createError('BAD_USER_INPUT', USAGE);
  const data = toDataFolder(config.HUB_DATA);
  const state = await readState(data);
  if (state === null) throw createError('NOT_READY', `no hub runs on ${data.path}; start it with \`npm start\` in another terminal`);
  const member = await findMember(state.gatewayUrl, values.as);
  const token = await signMemberToken(await loadOrCreateKeys(data.keys), {
    memberId: member.memberId,
    kinds: member.kinds,
    ttl: Math.round(hours * 3_600),
  });
  process.stderr.write(
    `${member.name} (${member.memberId}, ${member.kinds.join(', ')}), valid for ${hours} h. Send it as: Authorization: Bearer <token>\n`,
  );
  process.stdout.write(`${token}\n`);
}

await printToken().catch((error: unknown) => {
  process.stderr.write(`${toFailureLine(error)}\n`);
  process.exitCode = 1;
});
