/** A gateway as it runs for users, in a process of its own, with a probe beside it. Exports `startGateway`. */
import { fork, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { loadOrCreateKeys, signMemberToken } from '../../lib/identity/index.ts';
import { withVariables, type VariableName } from '../../lib/config/index.ts';
import { fromRoot } from '../../lib/paths.ts';

const probedShape = z.object({
  kind: z.literal('probed'),
  id: z.number(),
  memory: z.object({ heldBytes: z.number(), rssBytes: z.number() }).nullable(),
  looks: z.number(),
  polluted: z.string().nullable(),
  escaped: z.array(z.string()),
  loop: z.object({ maxMs: z.number(), p99Ms: z.number(), longestMs: z.number(), longestOwnMs: z.number() }),
  cpuSeconds: z.number(),
});
const listeningShape = z.object({ kind: z.literal('listening'), port: z.number() });

export type Probed = z.infer<typeof probedShape>;

export type TestedGateway = {
  readonly port: number;
  /** Of a member of the hub. */
  readonly token: string;
  isAlive(): boolean;
  /** What it wrote to its standard error, the end of it. */
  said(): string;
  /** `memory`: after a forced collection. `begin`: the loop is watched from here. Rejects when it does not answer within 20 s. */
  probe(options?: { memory?: boolean; begin?: boolean }): Promise<Probed>;
  stop(): Promise<void>;
};

const limitMs = 20_000;

export async function startGateway(
  folder: string,
  options: { supergraphSdl: string; variables: Partial<Record<VariableName, string>> },
): Promise<TestedGateway> {
  const keys = await loadOrCreateKeys(join(folder, 'keys'));
  const supergraph = join(folder, 'supergraph.graphql');
  await writeFile(supergraph, options.supergraphSdl);
  const env = withVariables({
    HUB_DATA: folder,
    SUPERGRAPH_FILE: supergraph,
    PORT: '0',
    HUB_AUTH: 'hub',
    HUB_LOG_LEVEL: 'error',
    ...options.variables,
  });
  const child = fork(fromRoot('scripts', 'run.mjs'), ['gateway/main'], {
    env,
    execArgv: ['--max-semi-space-size=64', '--expose-gc', '--import', fromRoot('scripts', 'bad-input', 'probe.mjs')],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text = `${text}${part}`.slice(-4_000);
    });
  const { port } = await next(child, listeningShape, () => true).catch((cause: unknown) => {
    throw new Error(`the gateway did not start: ${text}`, { cause });
  });
  let asked = 0;
  return {
    port,
    token: await signMemberToken(keys, { memberId: 'm-1', kinds: ['MILL'] }),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    said: () => text,
    probe({ memory = false, begin = false } = {}) {
      const id = (asked += 1);
      const told = next(child, probedShape, (message) => message.id === id);
      child.send({ kind: 'probe', id, memory, begin });
      return told;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The next message of this shape. */
function next<Message>(child: ChildProcess, shape: z.ZodType<Message>, fits: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (raw: unknown): void => {
      const { success, data } = shape.safeParse(raw);
      if (!success || !fits(data)) return;
      end();
      resolve(data);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      end();
      reject(new Error(`the gateway ended with ${code ?? signal}`));
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(`the gateway did not answer within ${limitMs} ms`));
    }, limitMs);
    child.on('message', onMessage);
    child.once('exit', onExit);
  });
}
