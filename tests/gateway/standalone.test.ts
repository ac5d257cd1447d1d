/** The gateway alone, for other people's subgraphs: no identity, no database, a supergraph file that changes under load. */
import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../../gateway/gateway.ts';
import { defaultLimits } from '../../gateway/pipeline/limits.ts';
import { realClock } from '../../lib/clock/clock.ts';
import { createLog } from '../../lib/log/log.ts';
import { foreignNames, startForeign, type ForeignCase } from '../_kit/supergraphs/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standalone-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function startAlone(file: string) {
  const lines: string[] = [];
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    mayMovePort: false,
    development: true,
    version: '0.0.0',
    source: { kind: 'file', file, pollMs: 20 },
    subgraphUrls: new Map(),
    lastGoodFile: null,
    identity: { kind: 'none' },
    principalKeys: null,
    limits: { ...defaultLimits, stopMs: 2_000 },
    allowedHosts: [],
    allowedOrigins: [],
    clock: realClock,
    log: createLog({ service: 'gateway', stream: { write: (line) => lines.push(line) } }),
    metricsOfProcess: false,
  });
  const ask = async ({ query, variables }: Pick<ForeignCase, 'query' | 'variables'>) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, text: await response.text() };
  };
  // A JSON object, see the gateway's own tests
  const ready = async () =>
    (await (await fetch(`${gateway.url}/ready`)).json()) as {
      ready: boolean;
      schemaHash: string;
      supergraphProblem: { message: string } | null;
    };
  return { ...gateway, ask, ready, lines };
}

const until = async (condition: () => Promise<boolean>) => {
  const endsAt = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > endsAt) throw new Error('what was waited for did not come');
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
};

describe.each(foreignNames)('the foreign supergraph %s', (name) => {
  it('is answered as its owner would', async () => {
    const foreign = await startForeign(name);
    const file = join(folder, 'supergraph.graphql');
    await writeFile(file, foreign.supergraphSdl);
    const gateway = await startAlone(file);
    try {
      for (const one of foreign.cases) {
        const { status, text } = await gateway.ask(one);
        expect([one.query, status, text]).toEqual([one.query, 200, JSON.stringify({ data: one.data })]);
      }
      expect(Object.values(foreign.servers).some(({ requests }) => requests.length > 0)).toBe(true);
    } finally {
      await gateway.stop();
      await foreign.stop();
    }
  });
});

describe('a supergraph file that is rewritten 50 times under 200 queries a second', () => {
  it('fails no request; a truncated and an invalid one are said in the log and in /ready, and the last good one is kept', async () => {
    const foreign = await startForeign('library');
    const file = join(folder, 'supergraph.graphql');
    await writeFile(file, foreign.supergraphSdl);
    const gateway = await startAlone(file);
    const reading = foreign.cases
      .filter(({ query }) => !query.trimStart().startsWith('mutation'))
      .toSorted((a, b) => a.query.length - b.query.length)
      .at(0);
    if (!reading) throw new Error('the library has no query');
    const expected = JSON.stringify({ data: reading.data });
    const failures: string[] = [];
    let asked = 0;
    const running = new Set<Promise<void>>();
    const askOnce = () => {
      asked += 1;
      const one: Promise<void> = gateway
        .ask(reading)
        .then(({ status, text }) => void (status === 200 && text === expected ? undefined : failures.push(`${status} ${text}`)))
        .catch((error: unknown) => void failures.push(String(error)))
        .finally(() => running.delete(one));
      running.add(one);
    };
    const startedAt = performance.now();
    // 200 a second: what is due is asked, also when a busy machine fires timers late, but never more than so many at once
    const load = setInterval(() => {
      while (asked < ((performance.now() - startedAt) / 1_000) * 200 && running.size < 50) askOnce();
    }, 5);
    try {
      const hashes = new Set<string>();
      const version = (number: number) => `# version ${number}\n${foreign.supergraphSdl}`;
      for (let number = 1; number <= 50; number += 1) {
        // By turns rewritten in place and replaced by renaming
        if (number % 2 === 0) await writeFile(file, version(number));
        else {
          await writeFile(`${file}.new`, version(number));
          await rename(`${file}.new`, file);
        }
        if (number % 5 === 0) await until(async () => !hashes.has((await gateway.ready()).schemaHash));
        hashes.add((await gateway.ready()).schemaHash);
        // Ten rewrites a second under 200 queries a second are 20 queries a rewrite; on a slow machine both take longer
        await until(async () => asked >= number * 20);
      }
      const good = (await gateway.ready()).schemaHash;

      await truncate(file, Math.floor(foreign.supergraphSdl.length / 2));
      await until(async () => (await gateway.ready()).supergraphProblem !== null);
      expect(await gateway.ready()).toMatchObject({ ready: true, schemaHash: good });

      await writeFile(file, version(51));
      await until(async () => (await gateway.ready()).supergraphProblem === null);
      const repaired = (await gateway.ready()).schemaHash;
      expect(repaired).not.toBe(good);

      await writeFile(file, foreign.supergraphSdl.replaceAll('join__Graph', 'join__Nothing'));
      await until(async () => (await gateway.ready()).supergraphProblem !== null);
      expect(await gateway.ready()).toMatchObject({ ready: true, schemaHash: repaired });
      expect(hashes.size).toBeGreaterThanOrEqual(10);
    } finally {
      clearInterval(load);
      await Promise.all(running);
      await gateway.stop();
      await foreign.stop();
    }
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThanOrEqual(1_000);
    expect(gateway.lines.filter((line) => line.includes('supergraph refused, the last good one is kept'))).toHaveLength(2);
  }, 180_000);
});
