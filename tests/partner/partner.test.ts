/**
 * docs/partner.md is true: its own commands, run as they stand there, join a fifth subgraph on three servers, its queries answer, and what
 * it shows is what is there. Only the ports, the data folder and the loading of the demo industry are the test's own.
 */
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../lib/free-port.ts';
import { createPrincipal, loadOrCreateKeys, signMemberToken, signPrincipal, type HubKeys } from '../../lib/identity/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { deleteEmbedded } from '../../lib/postgres/embedded.ts';
import { readBlocks, readPage } from '../docs/pages.ts';
import { runCommand, startCommand, stopCommand, type Started } from './run-command.ts';

const page = readPage('docs/partner.md');
const commands = readBlocks(page, 'sh').map((block) => block.trim());
const servers = commands.filter((command) => command.startsWith('node examples/'));
const [compose = '', refused = ''] = commands.filter((command) => command.startsWith('npm run compose'));
const start = commands.find((command) => command.endsWith('npm start')) ?? '';
const gatewayAlone = commands.find((command) => command.endsWith('npm run gateway')) ?? '';
const [, question = '', wayBack = '', ownQuestion = ''] = readBlocks(page, 'graphql');

const startLimitMs = 180_000;
const host = '127.0.0.1';
const audit = {
  auditId: expect.stringMatching(/^\d{13}-\d{4}$/),
  day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
  marks: expect.any(Number),
  remarks: null,
};

let data: string;
let keys: HubKeys;
let partnerPort: number;
let hubPort: number;
let hub: Started | undefined;

const toCommand = (command: string): string => command.replaceAll('.hub/', `${data}/`).replaceAll('4005', String(partnerPort));
const toVariables = (port: number): NodeJS.ProcessEnv => ({ HUB_DATA: data, PORT: String(port) });

/** GraphQL over HTTP; the answer is looked at by its path. */
async function ask(query: string, options: { variables?: object; token?: string; port?: number } = {}): Promise<any> {
  const answer = await fetch(`http://${host}:${options.port ?? hubPort}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
    body: JSON.stringify({ query, variables: options.variables ?? {} }),
  });
  return answer.json();
}

/** The status by which the partner's server answers who comes with this token, or with none. */
async function knock(principalToken?: string): Promise<number> {
  const { status } = await fetch(`http://${host}:${partnerPort}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(principalToken === undefined ? {} : { 'ir-principal': principalToken }) },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  return status;
}

/** Two makers, as the demo would have brought them. */
async function addMakers(): Promise<void> {
  const { data: found } = await ask('{ members(kind: HUB, first: 1) { nodes { memberId } } }');
  const token = await signMemberToken(keys, { memberId: found.members.nodes[0].memberId, kinds: ['HUB'] });
  for (const name of ['East Works', 'West Works']) {
    const member = await ask(
      `mutation ($input: RegisterMemberInput!) { registerMember(input: $input) { member { memberId } problems { code } } }`,
      { token, variables: { input: { name, kinds: ['MAKER'], idempotencyKey: name } } },
    );
    const { memberId } = member.data.registerMember.member;
    const maker = await ask(`mutation ($input: RegisterMakerInput!) { registerMaker(input: $input) { problems { code path } } }`, {
      token: await signMemberToken(keys, { memberId, kinds: ['MAKER'] }),
      variables: { input: { name, country: 'CN', address: '1 Mill Road', capabilities: [], terms: [], idempotencyKey: name } },
    });
    expect(maker).toEqual({ data: { registerMaker: { problems: [] } } });
  }
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'ir-partner-'));
  keys = await loadOrCreateKeys(join(data, 'keys'));
  [partnerPort, hubPort] = [await findFreePort(host), await findFreePort(host)];
});

afterAll(async () => {
  if (hub !== undefined) await stopCommand(hub);
  await deleteEmbedded(join(data, 'postgres'));
  await rm(data, { recursive: true, force: true });
}, 60_000);

describe('docs/partner.md', () => {
  it('shows a server each on Apollo Server, mercurius and graphql-http, and the steps to join', () => {
    expect(servers.map((command) => /on-[\w-]+/.exec(command)?.[0])).toEqual(['on-apollo-server', 'on-mercurius', 'on-graphql-http']);
    for (const text of [compose, refused, start, gatewayAlone, question, wayBack, ownQuestion]) expect(text).not.toBe('');
  });

  it.each(readdirSync(fromRoot('examples', 'partner')).filter((name) => name !== 'refused.graphql'))('shows %s as it is', (name) => {
    const shown = [...readBlocks(page, 'js'), ...readBlocks(page, 'graphql')];
    expect(shown).toContain(readPage(`examples/partner/${name}`));
  });

  it('composes the subgraph into the graph', async () => {
    const { code, output } = await runCommand(toCommand(compose), {});
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('5 subgraphs composed') });
    expect(await readFile(join(data, 'supergraph.graphql'), 'utf8')).toMatch(/AUDITS @join__graph\(name: "audits"/);
  }, 60_000);

  it('shows what is printed when a subgraph does not fit: both subgraphs, file, line and a way out; nothing is written', async () => {
    const before = await readFile(join(data, 'supergraph.graphql'), 'utf8');
    const { code, output } = await runCommand(toCommand(refused), {});
    const [shown = ''] = readBlocks(page, 'text');
    expect(code).toBe(1);
    expect(output).toContain(shown);
    expect(shown).toMatch(
      /^examples\/partner\/refused\.graphql:\d+:\d+ .*"audits" and "upstream".*\nschema\/upstream\.graphql:\d+:\d+ .*\n  way out: /,
    );
    expect(await readFile(join(data, 'supergraph.graphql'), 'utf8')).toBe(before);
  }, 60_000);

  it(
    'starts the hub with it; as long as the partner is down only its field is null',
    async () => {
      hub = await startCommand(`${toCommand(start)} -- --no-demo`, toVariables(hubPort), /Stop with Ctrl-C/);
      await addMakers();
      const { data: found, errors } = await ask(question);
      expect(found.makers.nodes).toHaveLength(2);
      for (const node of found.makers.nodes) expect(node).toEqual({ name: expect.any(String), audits: null });
      expect(errors[0]).toMatchObject({ extensions: { service: 'audits' }, path: ['makers', 'nodes', 0, 'audits'] });
    },
    startLimitMs,
  );

  it.each(servers)(
    'answers its questions by "%s", there and back, and knows who asks',
    async (command) => {
      const server = await startCommand(toCommand(command), {}, /audits on /);
      try {
        const { data: found, errors } = await ask(question);
        expect(errors).toBeUndefined();
        expect(found.makers.nodes).toHaveLength(2);
        for (const node of found.makers.nodes) expect(node).toEqual({ name: expect.any(String), audits: [audit, audit] });
        const [{ name, audits }] = found.makers.nodes;
        const [{ auditId, day, marks }] = audits;
        const back = await ask(wayBack, { variables: { auditId } });
        expect(back).toEqual({ data: { audit: { day, marks, maker: { name, country: 'CN' } } } });
        const token = await signMemberToken(keys, { memberId: 'mem_somebody', kinds: ['MAKER'] });
        const { data: told } = await ask(question, { token });
        expect(told.makers.nodes[0].audits[0].remarks).toMatch(/marks/);
      } finally {
        await stopCommand(server);
      }
    },
    60_000,
  );

  it.each(servers)(
    'lets only the gateway in by "%s": its token for this subgraph, and no other',
    async (command) => {
      const server = await startCommand(toCommand(command), {}, /audits on /);
      try {
        const visitor = createPrincipal({ memberId: null });
        const late = { now: () => new Date(Date.now() - 60_000) };
        expect(await knock()).toBe(401);
        expect(await knock('nonsense')).toBe(401);
        expect(await knock(await signPrincipal(keys, visitor, 'upstream', 'r'))).toBe(401);
        expect(await knock(await signPrincipal(keys, visitor, 'audits', 'r', { clock: late }))).toBe(401);
        expect(await knock(await signMemberToken(keys, { memberId: 'mem_somebody', kinds: ['HUB'] }))).toBe(401);
        expect(await knock(await signPrincipal(keys, visitor, 'audits', 'r'))).toBe(200);
      } finally {
        await stopCommand(server);
      }
    },
    60_000,
  );

  it(
    'answers through the gateway alone',
    async () => {
      const port = await findFreePort(host);
      const server = await startCommand(toCommand(servers.at(-1) ?? ''), {}, /audits on /);
      let gateway: Started | undefined;
      try {
        gateway = await startCommand(toCommand(gatewayAlone), toVariables(port), /GraphQL: http/);
        expect(await ask(ownQuestion, { port })).toEqual({ data: { audit: { day: '2026-03-11', marks: 81 } } });
      } finally {
        if (gateway !== undefined) await stopCommand(gateway);
        await stopCommand(server);
      }
    },
    startLimitMs,
  );
});
