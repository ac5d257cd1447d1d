/** What keeps the hub from starting is said in one line that says what to do, and the exit code is 1. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { deleteFolder, makeFolder, runProgram, type Ended } from './programs.ts';

let folder: string;
let taken: Server;
let takenPort: number;

beforeAll(async () => {
  folder = await makeFolder();
  taken = createServer();
  takenPort = await new Promise((resolve) =>
    taken.listen(0, '127.0.0.1', () => {
      const address = taken.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
});
afterAll(async () => {
  taken.close();
  await deleteFolder(folder);
});

function expectOneLine(ended: Ended, words: RegExp): void {
  expect(ended.stderr).toMatch(words);
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
}

describe('npm start says in one line', () => {
  it('that a variable has a wrong value', async () => {
    const ended = await runProgram('cli/start', [], { env: { PORT: 'abc' } });
    expectOneLine(ended, /^CONFIG_INVALID_VALUE: PORT has "abc": .*Correct it or leave it out/);
  });

  it('that a variable is unknown, and which one was meant', async () => {
    const ended = await runProgram('cli/start', [], { env: { HUB_DTA: 'x' } });
    expectOneLine(ended, /^CONFIG_UNKNOWN_VARIABLE: HUB_DTA is not a variable of the hub\. Did you mean HUB_DATA\?/);
  });

  it('that the data folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    const ended = await runProgram('cli/start', [], { env: { HUB_DATA: join(folder, 'file', 'data') } });
    expectOneLine(ended, /^DATA_FOLDER_UNUSABLE: .*cannot be written: .*Give this user the right to write there, or set HUB_DATA/);
  });

  it('that the right to write is missing', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o555);
    // root may write everywhere but where the kernel allows nobody
    const parent = process.getuid?.() === 0 ? '/sys' : closed;
    const ended = await runProgram('cli/start', [], { env: { HUB_DATA: join(parent, 'hub-data') } });
    expectOneLine(ended, /^DATA_FOLDER_UNUSABLE: .*Give this user the right to write there/);
  });

  it('that the port asked for is taken', async () => {
    const ended = await runProgram('cli/start', [], { env: { HUB_DATA: join(folder, 'data'), PORT: String(takenPort) } });
    expectOneLine(ended, new RegExp(`^PORT_TAKEN: port ${takenPort} is taken; stop what listens there, or set PORT to a free one`));
  });

  it('that Node is too old', async () => {
    const old = join(folder, 'old-node.cjs');
    await writeFile(old, `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });`);
    const ended = await runProgram('cli/start', [], { nodeFlags: ['--require', old] });
    expectOneLine(ended, /^Node 18\.20\.4 is too old: the industry router needs Node 20\.19 or newer/);
  });
});
