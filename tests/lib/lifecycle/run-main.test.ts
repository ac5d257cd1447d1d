import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromRoot } from '../../../lib/paths.ts';

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-main-'));
  program = join(folder, 'main.mjs');
  await writeFile(
    program,
    `const { createService, runMain } = await import(${JSON.stringify(fromRoot('lib/lifecycle/index.ts'))});
    const { silentLog } = await import(${JSON.stringify(fromRoot('lib/log/log.ts'))});
    const mode = process.argv[2];
    const timer = setInterval(() => undefined, 1000);
    const part = {
      name: 'part',
      start: () => { if (mode === 'fails') throw new Error('no database'); console.log('ready'); },
      stop: () => { if (mode === 'hangs') return new Promise(() => undefined); clearInterval(timer); console.log('stopped'); },
      stopLimitMs: 60000,
    };
    await runMain(() => createService([part], { log: silentLog }), { stopLimitMs: 300, onStopping: (reason) => console.log('stopping: ' + reason) });`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

type Run = { child: ChildProcess; output: () => string; exited: Promise<number | null> };

function watch(child: ChildProcess): Run {
  let text = '';
  child.stdout?.on('data', (chunk) => (text += String(chunk)));
  child.stderr?.on('data', (chunk) => (text += String(chunk)));
  return { child, output: () => text, exited: once(child, 'exit').then(([code]) => code) };
}

async function begin(mode: string, how: 'alone' | 'child'): Promise<Run> {
  const options = { cwd: fromRoot(), env: { ...process.env, NODE_OPTIONS: '' } };
  const run = watch(
    how === 'alone'
      ? spawn(process.execPath, ['--import', 'tsx', program, mode], { ...options, stdio: 'pipe' })
      : fork(program, [mode], { ...options, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }),
  );
  while (!run.output().includes('ready') && run.child.exitCode === null) await sleep(10);
  return run;
}

describe('the life of a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends cleanly on %s',
    async (signal) => {
      const run = await begin('works', 'alone');
      run.child.kill(signal);
      expect(await run.exited).toBe(0);
      expect(run.output()).toBe(`ready\nstopping: ${signal}\nstopped\n`);
    },
    20_000,
  );

  it('ends by force when it does not stop in time', async () => {
    const run = await begin('hangs', 'alone');
    run.child.kill('SIGTERM');
    expect(await run.exited).toBe(1);
    expect(run.output()).not.toContain('stopped');
  }, 20_000);

  it('as a child is not hurried by a second signal, which Ctrl-C sends to the whole group', async () => {
    const run = await begin('works', 'child');
    run.child.kill('SIGINT');
    run.child.kill('SIGTERM');
    expect(await run.exited).toBe(0);
    expect(run.output()).toContain('stopped');
  }, 20_000);

  it('ends when its parent is gone', async () => {
    const run = await begin('works', 'child');
    run.child.disconnect();
    const beganAt = performance.now();
    expect(await run.exited).toBe(0);
    expect(performance.now() - beganAt).toBeLessThan(5_000);
    expect(run.output()).toContain('stopping: the parent process is gone');
  }, 20_000);

  it('says in one line why it did not start, and ends with code 1', async () => {
    const run = await begin('fails', 'alone');
    expect(await run.exited).toBe(1);
    expect(
      run
        .output()
        .split('\n')
        .filter((line) => line !== 'stopped'),
    ).toEqual(['START_FAILED: part: no database', '']);
  }, 20_000);
});
