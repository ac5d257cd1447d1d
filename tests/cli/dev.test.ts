/** npm run dev, in a copy of the tree: what is edited is served within seconds, what is broken is not. */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join, relative } from 'node:path';
import { fromRoot } from '../../lib/paths.ts';
import { deleteFolder, makeFolder, startProgram, type Running } from './programs.ts';

// The promise is three seconds; a machine that is busy with other tests gets more.
const limitMs = () => ((loadavg()[0] ?? 0) > availableParallelism() ? 20_000 : 3_000);
const copied = [
  'cli',
  'demo',
  'dist',
  'engine',
  'gateway',
  'lib',
  'schema',
  'scripts',
  'subgraph-kit',
  'subgraphs',
  'package.json',
  'tsconfig.json',
];

let folder: string;
let root: string;
let dev: Running;
let url: string;
let took: Record<string, number> = {};

beforeAll(async () => {
  folder = await makeFolder();
  root = join(folder, 'tree');
  await mkdir(root);
  for (const name of copied) await cp(fromRoot(name), join(root, name), { recursive: true, preserveTimestamps: true });
  await symlink(fromRoot('node_modules'), join(root, 'node_modules'));
  dev = startProgram('cli/dev', ['--no-demo'], { root, env: { HUB_DATA: join(folder, 'data'), PORT: '0' } });
  await dev.untilPrinted('watching schema');
  url = /^GraphQL: (\S+)$/m.exec(dev.words())?.[1] ?? '';
}, 180_000);
afterAll(async () => {
  await dev.stop();
  await deleteFolder(folder);
  console.log(
    `edit → answer: ${Object.entries(took)
      .map(([what, ms]) => `${what} ${ms} ms`)
      .join(', ')}`,
  );
});

const sdlFile = () => join(root, 'schema', 'routing.graphql');
const codeFile = () => join(root, 'subgraphs', 'routing', 'resolvers', 'member.ts');

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(
    file,
    text.replace(from, () => to),
  );
}

async function ask(query: string): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  return response.json();
}

/** Resolves when the query answers so; all the while no answer may be one of a hub in pieces. */
async function expectServed(what: string, query: string, data: unknown): Promise<void> {
  const began = performance.now();
  for (;;) {
    const answer = await ask(query);
    const ms = Math.round(performance.now() - began);
    if (JSON.stringify(answer) === JSON.stringify({ data })) {
      took = { ...took, [what]: ms };
      return;
    }
    if (ms > limitMs()) throw new Error(`${what}: after ${ms} ms the answer is ${JSON.stringify(answer)}\n${dev.words().slice(-2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it('serves a new field of an SDL with its resolver', async () => {
  await edit(codeFile(), '    viewer: (_', "    greeting: () => 'hello',\n    viewer: (_");
  await edit(sdlFile(), 'type Query {', 'type Query {\n  "Says hello."\n  greeting: String');
  await expectServed('new field', '{ greeting }', { greeting: 'hello' });
}, 30_000);

it('serves an edited resolver', async () => {
  await edit(codeFile(), "'hello'", "'good day'");
  await expectServed('resolver', '{ greeting }', { greeting: 'good day' });
}, 30_000);

it('keeps the old graph when an SDL is broken, shows file and line, and goes on when it is repaired', async () => {
  for (const [broken, words] of [
    ['greeting: Nothing', /Nothing/],
    ['greeting: String }}', /Syntax Error|Unexpected/],
  ] as const) {
    const from = dev.words().length;
    await edit(sdlFile(), 'greeting: String', broken);
    const line = (await readFile(sdlFile(), 'utf8')).split('\n').findIndex((text) => text.includes(broken)) + 1;
    await dev.untilPrinted('does not compose; the graph stays as it was', from);
    const place = relative(root, sdlFile());
    await dev.untilPrinted(new RegExp(`${place}:${line}:\\d+ .*${words.source}`), from);
    expect(await ask('{ greeting }')).toEqual({ data: { greeting: 'good day' } });
    await edit(sdlFile(), broken, 'greeting: String');
    await dev.untilPrinted('served after', from);
  }
  expect(await ask('{ greeting }')).toEqual({ data: { greeting: 'good day' } });
}, 90_000);

it.each([
  ['does not parse', '() => (', /member\.ts:\d+:\d+/],
  ['does not start', "(() => { throw new Error('broken at its start'); })()", /routing did not come up: .*broken at its start/],
])(
  'keeps the old code when code %s, and says where',
  async (_what, broken, words) => {
    const from = dev.words().length;
    await edit(codeFile(), "() => 'good day'", broken);
    await dev.untilPrinted('not served, the old code stays', from);
    await dev.untilPrinted(words, from);
    expect(await ask('{ greeting }')).toEqual({ data: { greeting: 'good day' } });
    await edit(codeFile(), broken, "() => 'good day'");
    await dev.untilPrinted('served after', from);
    expect(await ask('{ greeting }')).toEqual({ data: { greeting: 'good day' } });
  },
  60_000,
);

it('serves a removed field no longer', async () => {
  await edit(codeFile(), "    greeting: () => 'good day',\n", '');
  await edit(sdlFile(), '  "Says hello."\n  greeting: String\n', '');
  const [began, limit] = [performance.now(), limitMs()];
  let answer = '';
  while (!answer.includes('Cannot query field') && performance.now() - began < limit) {
    answer = JSON.stringify(await ask('{ greeting }'));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(answer).toContain('Cannot query field');
}, 30_000);
