/**
 * docs/webhook.md is true: its own commands, run as they stand there, bring events into the feed of a hub. And 204 means durable: the
 * gateway is killed at once after it, and the event is there.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { killNow, listTree } from '../../scripts/chaos/processes.ts';
import { createPostgresFeed, type EventEnvelope, type Feed } from '../../lib/feed/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { toRoleUrl } from '../../lib/postgres/index.ts';
import { readBlocks, readPage } from '../docs/pages.ts';
import { deleteFolder, makeFolder, startProgram, type Running } from './programs.ts';

const run = promisify(execFile);
const topic = 'maker.changed';
const page = readPage('docs/webhook.md');
const [makePair = '', sendByCurl = '', signBySecret = '', sendByNode = ''] = readBlocks(page, 'sh');
const [keysShown = '', eventShown = ''] = readBlocks(page, 'json');
const own = generateKeyPairSync('ed25519');
const secret = randomBytes(32).toString('base64');

let folder: string;
let hub: Running;
let url: string;
let feed: Feed;

/** Commands of the page, as a shell in the folder runs them. */
async function runShell(commands: string): Promise<string> {
  const here = commands.replaceAll('http://localhost:4000', url).replaceAll('examples/webhook/', `${fromRoot('examples', 'webhook')}/`);
  const { stdout } = await run('sh', ['-euc', here], { cwd: folder });
  return stdout;
}

async function writeKeys(keys: readonly unknown[]): Promise<void> {
  const file = join(folder, 'keys.json');
  await writeFile(`${file}.new`, JSON.stringify({ keys }));
  await rename(`${file}.new`, file);
}

beforeAll(async () => {
  folder = await makeFolder();
  const data = join(folder, 'data');
  url = '';
  await runShell(makePair);
  const [shown] = (JSON.parse(keysShown) as { keys: Record<string, unknown>[] }).keys;
  const publicKey = await readFile(join(folder, 'mill.public'), 'utf8');
  const ownPublic = own.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  await writeKeys([
    { ...shown, publicKey },
    { ...shown, id: 'secret', kind: 'hmac-sha256', publicKey: undefined, secret, only: undefined, producer: 'by-secret' },
    { ...shown, id: 'own', publicKey: ownPublic, producer: 'own', only: undefined },
  ]);
  await writeFile(join(folder, 'secret'), secret);
  await writeFile(join(folder, 'event.json'), eventShown);
  hub = startProgram('cli/start', ['--no-demo', '--together'], {
    env: { HUB_DATA: data, PORT: '0', HUB_EVENT_KEYS: join(folder, 'keys.json') },
  });
  await hub.untilPrinted(/memory .*\n/);
  url = /^GraphQL: (http:\/\/localhost:\d+)\/graphql$/m.exec(hub.words())?.[1] ?? '';
  const { databaseUrl } = JSON.parse(await readFile(join(data, 'hub.json'), 'utf8')) as { databaseUrl: string };
  const password = (await readFile(join(data, 'keys', 'ir_feed.password'), 'utf8')).trim();
  feed = createPostgresFeed({ url: toRoleUrl(databaseUrl, 'ir_feed', password) });
}, 180_000);
afterAll(async () => {
  await feed.close();
  await hub.stop();
  await deleteFolder(folder);
});

const readIds = async (): Promise<string[]> => (await feed.read(topic, null, 1_000)).events.map(({ id }) => id);

async function ask(query: string): Promise<any> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return answer.json();
}

const untilMember = async (name: string): Promise<void> => {
  while (!JSON.stringify(await ask('{ members(first: 200) { nodes { name } } }')).includes(name))
    await new Promise((resolve) => setTimeout(resolve, 50));
};

function post(id: string, payload: unknown): Promise<Response> {
  const body = JSON.stringify({ id, payload });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = sign(null, Buffer.from(`${timestamp}\n${topic}\n${body}`), own.privateKey).toString('base64');
  const headers = { 'content-type': 'application/json', 'event-key': 'own', 'event-timestamp': timestamp, 'event-signature': signature };
  return fetch(`${url}/events/${topic}`, { method: 'POST', headers, body });
}

const toMaker = (n: number) => ({
  ...(JSON.parse(eventShown) as { payload: Record<string, unknown> }).payload,
  gln: `69099990${String(n).padStart(5, '0')}`,
  memberId: `mbr_posted_${n}`,
  name: `Posted ${n}.`,
});

it('the event that the page shows is the one of its example', async () => {
  expect(JSON.parse(eventShown)).toEqual(JSON.parse(await readFile(fromRoot('examples', 'webhook', 'event.json'), 'utf8')));
});

it('curl and openssl bring the event into the feed, and a subgraph that follows the topic applies it', async () => {
  expect(await runShell(sendByCurl)).toBe('204\n');
  expect(await readIds()).toEqual([`${topic}/6901234000016/2026-11-22.0001`]);
  const { events } = await feed.read(topic, null, 1);
  // what the door appends is an envelope
  const envelope = events[0]?.payload as EventEnvelope;
  expect(envelope).toMatchObject({ topic, actorId: '6901234000016', at: '2026-11-22T09:00:00.000Z', payload: { name: 'Posted Works' } });
  await untilMember('Posted Works');
}, 60_000);

it('Node, with the same id, is told that it is there; with a secret it is another producer', async () => {
  expect(await runShell(sendByNode)).toMatch(/^409 .*EVENT_REPEATED/);
  const withSecret = sendByCurl.replace(/^SIGNATURE=.*$/m, () => signBySecret.trim()).replace('mill-2026', 'secret');
  expect(await runShell(withSecret)).toBe('204\n');
  expect(await readIds()).toEqual([`${topic}/6901234000016/2026-11-22.0001`, `${topic}/by-secret/2026-11-22.0001`]);
});

it('a payload that does not fit stays outside, and those who follow the topic go on', async () => {
  const refused = await post('misfit', { ...toMaker(1), name: 7 });
  expect({ status: refused.status, body: await refused.json() }).toMatchObject({
    status: 400,
    body: { errors: [{ extensions: { code: 'EVENT_INVALID', path: ['payload', 'name'] } }] },
  });
  expect((await post('fits', toMaker(2))).status).toBe(204);
  await untilMember('Posted 2.');
}, 60_000);

it('what was answered 204 is in the feed when the gateway is killed at once, and is not taken twice when it is back', async () => {
  const said: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const from = hub.words().length;
    const gateway = listTree(hub.pid).find(({ command }) => /gateway\/main\.js/.test(command));
    let isKilled = false;
    // Many on their way, so that some are cut off in the middle: those may be there or not
    const sending = Array.from({ length: 8 }, async (_, lane) => {
      for (let n = 0; !isKilled; n += 1) {
        const id = `kill-${round}-${lane}-${n}`;
        const status = await post(id, toMaker(1_000 * round + 100 * lane + n)).then(
          (answer) => answer.status,
          () => 0,
        );
        if (status === 204) said.push(id);
        if (status === 204 && n === 3 && lane === 0) {
          killNow(gateway?.pid ?? Number.NaN);
          isKilled = true;
        }
      }
    });
    await Promise.all(sending);
    expect(await readIds()).toEqual(expect.arrayContaining(said.map((id) => `${topic}/own/${id}`)));
    await hub.untilPrinted(/gateway +is back/, from);
  }
  expect(said.length).toBeGreaterThan(12);
  const before = await readIds();
  expect(new Set(before).size).toBe(before.length);
  const last = said.at(-1) ?? '';
  expect((await post(last, toMaker(9_999))).status).toBe(409);
  expect(await readIds()).toEqual(before);
}, 120_000);
