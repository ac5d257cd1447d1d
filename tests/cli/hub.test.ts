/** The commands around a running hub: start on a path with a space, token, reset, migrate, keys, stop. One hub for all of them. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { listProcesses, listTree } from '../../scripts/chaos/processes.ts';
import { deleteFolder, makeFolder, runProgram, startProgram, type Running } from './programs.ts';

let folder: string;
let env: Record<string, string>;
let hub: Running;
let url: string;

beforeAll(async () => {
  folder = await makeFolder();
  env = { HUB_DATA: join(folder, 'data'), PORT: '0' };
}, 120_000);
afterAll(async () => {
  await hub.stop();
  await deleteFolder(folder);
});

async function ask(query: string, token?: string): Promise<any> {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })).json();
}

it('migrate makes the database, and a second time finds it up to date', async () => {
  const first = await runProgram('cli/migrate', [], { env });
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/^Applied: upstream\/\d+_start/);
  expect(await runProgram('cli/migrate', [], { env })).toMatchObject({ code: 0, stdout: 'The database is up to date.\n' });
}, 120_000);

it('keys are made once, for the eyes of their user only', async () => {
  expect(await runProgram('cli/keys', [], { env })).toMatchObject({
    code: 0,
    stdout: `Keys and passwords are in ${join(folder, 'data', 'keys')}\n`,
  });
  const keys = join(folder, 'data', 'keys');
  const names = await readdir(keys);
  expect(names).toEqual(
    expect.arrayContaining(['issuer.jwk.json', 'principal.jwk.json', 'cursor.key', 'ir_feed.password', 'postgres.password']),
  );
  const stamps = async () => Promise.all(names.map(async (name) => (await stat(join(keys, name))).mtimeMs));
  const before = await stamps();
  await runProgram('cli/keys', [], { env });
  expect(await stamps()).toEqual(before);
  const secret = names.filter((name) => !name.includes('public'));
  for (const name of secret) expect({ name, mode: (await stat(join(keys, name))).mode & 0o077 }).toEqual({ name, mode: 0 });
});

it('token needs a running hub', async () => {
  const ended = await runProgram('cli/token', ['--as', 'hub'], { env });
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(/^NOT_READY: no hub runs on .*; start it with `npm start`[^\n]*\n$/);
});

it('start shows one line for each part with its time, then where it listens, a query and how to get a token', async () => {
  hub = startProgram('cli/start', ['--no-demo'], { env });
  await hub.untilPrinted(/memory .*\n/);
  const lines = hub.words().split('\n');
  for (const part of ['PostgreSQL', 'schemas', 'upstream', 'midstream', 'downstream', 'routing', 'gateway']) {
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${part} +ready in \\d+ ms$`)));
  }
  url = /^GraphQL: (http:\/\/localhost:\d+\/graphql)$/m.exec(hub.words())?.[1] ?? '';
  expect(url).not.toBe('');
  expect(hub.words()).toMatch(/paste this query:\n\n {2}\{ makers.*\n[^]*npm run token -- --as creator/);
  expect((await fetch(url.replace('graphql', 'ready'))).status).toBe(200);
}, 120_000);

it('the hub at rest takes at most 900 MB, and says so', () => {
  const memory = Number(/^memory +(\d+) MB in all processes/m.exec(hub.words())?.[1]);
  expect(memory).toBeGreaterThan(100);
  expect(memory).toBeLessThanOrEqual(900);
});

it('the first query answers without a token', async () => {
  expect(await ask('{ __typename makers(first: 1) { nodes { gln } } }')).toEqual({ data: { __typename: 'Query', makers: { nodes: [] } } });
});

it('token gives a token of the hub, of the first member of each kind, and of a member by its id', async () => {
  const asHub = await runProgram('cli/token', ['--as', 'hub'], { env });
  expect(asHub).toMatchObject({ code: 0, stderr: expect.stringContaining('valid for 12 h. Send it as: Authorization: Bearer <token>') });
  for (const kind of ['maker', 'distributor', 'creator', 'mcn']) {
    const input = `{ name: "Only ${kind}", kinds: [${kind.toUpperCase()}], idempotencyKey: "token-${kind}" }`;
    const { data } = await ask(
      `mutation { registerMember(input: ${input}) { member { memberId } problems { code } } }`,
      asHub.stdout.trim(),
    );
    const { memberId } = data.registerMember.member;
    const byKind = await runProgram('cli/token', ['--as', kind, '--hours', '1'], { env });
    expect({ kind, claims: decodeJwt(byKind.stdout.trim()) }).toMatchObject({ kind, claims: { sub: memberId } });
    if (kind !== 'maker') continue;
    const byId = await runProgram('cli/token', ['--as', memberId], { env });
    expect(decodeJwt(byId.stdout.trim()).sub).toBe(memberId);
    expect((await ask('{ viewer { memberId } }', byId.stdout.trim())).data.viewer).toEqual({ memberId });
  }
}, 60_000);

it('token refuses whom it does not know, and says what it takes', async () => {
  const unknown = await runProgram('cli/token', ['--as', 'baker'], { env });
  expect(unknown).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^BAD_USER_INPUT: the hub knows no member "baker"; give[^\n]*\n$/),
  });
  const nobody = await runProgram('cli/token', [], { env });
  expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^BAD_USER_INPUT: npm run token -- --as[^\n]*\n$/) });
  const production = await runProgram('cli/token', ['--as', 'hub'], { env: { ...env, NODE_ENV: 'production' } });
  expect(production).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^CONFIG_UNSAFE: [^\n]*\n$/) });
});

it('routing asks the gateway from its own process, and replay comes to the same objective', async () => {
  const token = (await runProgram('cli/token', ['--as', 'hub'], { env })).stdout.trim();
  const { data } = await ask('mutation { reroute(input: { idempotencyKey: "run" }) { run { runId status } problems { code } } }', token);
  const { runId, status } = data.reroute.run;
  expect(status).toBe('RUNNING');
  const readRun = async () =>
    (await ask(`{ routingRun(runId: "${runId}") { status inputHash problems { message } } }`, token)).data.routingRun;
  let run = await readRun();
  while (run.status === 'RUNNING') {
    await new Promise((resolve) => setTimeout(resolve, 50));
    run = await readRun();
  }
  expect(run).toMatchObject({ status: 'OPTIMAL', problems: [] });
  expect(await runProgram('cli/replay', [runId], { env })).toMatchObject({
    code: 0,
    stdout: `input ${run.inputHash}\nstored: OPTIMAL 0.000000 CNY\nnow:    OPTIMAL 0.000000 CNY\n`,
  });
  expect(await runProgram('cli/replay', ['run_none'], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^BAD_USER_INPUT: there is no run run_none[^\n]*\n$/),
  });
}, 60_000);

it('a second hub on the same data folder is refused, and so is reset', async () => {
  const second = await runProgram('cli/start', [], { env });
  expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/^DATA_FOLDER_IN_USE: Another hub[^\n]*\n$/) });
  const reset = await runProgram('cli/reset', ['--yes'], { env });
  expect(reset).toMatchObject({ code: 1, stderr: expect.stringMatching(/^DATA_FOLDER_IN_USE: the hub runs on [^\n]*stop it first\n$/) });
});

it('Ctrl-C ends all within 10 s and leaves no process', async () => {
  const pids = listTree(hub.pid).map(({ pid }) => pid);
  expect(pids.length).toBeGreaterThan(6);
  const began = performance.now();
  expect(await hub.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(listProcesses().filter(({ pid, command }) => pids.includes(pid) || command.includes(folder))).toEqual([]);
}, 20_000);

it('reset asks, deletes with --yes, and then has nothing to delete', async () => {
  const asked = await runProgram('cli/reset', [], { env });
  expect(asked).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^BAD_REQUEST: there is no terminal to ask at; say --yes[^\n]*\n$/),
  });
  expect(existsSync(join(folder, 'data', 'keys'))).toBe(true);
  expect(await runProgram('cli/reset', ['--yes'], { env })).toMatchObject({ code: 0, stdout: `Deleted ${join(folder, 'data')}.\n` });
  expect(existsSync(join(folder, 'data'))).toBe(false);
  expect((await runProgram('cli/reset', ['--yes'], { env })).stdout).toMatch(/nothing to delete/);
});
