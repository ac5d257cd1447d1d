// The import itself, in a thread whose memory is bounded: a reader that kept what it reads would end here, not fill the machine.
import { parentPort, workerData } from 'node:worker_threads';
import { createClock } from '../../lib/clock/clock.ts';
import { readConfig } from '../../lib/config/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import { toFailureLine } from '../../lib/lifecycle/index.ts';
import { formats } from './formats.ts';
import type { Job, Message } from './job.ts';

const tell = (message: Message): void => parentPort?.postMessage(message);

async function run({ format: name, ...job }: Job): Promise<void> {
  const format = formats[name];
  if (format === undefined) throw createError('BAD_USER_INPUT', `there is no format "${name}"`);
  const config = readConfig(['HUB_CLOCK', 'HUB_TIME_ZONE', 'HUB_CURRENCY']);
  const result = await format.run({
    ...job,
    clock: createClock(config.HUB_CLOCK),
    settings: { timeZone: config.HUB_TIME_ZONE, currency: config.HUB_CURRENCY },
    onProgress: (step) => tell({ kind: 'step', step }),
  });
  tell({ kind: 'done', result });
}

// handed over by job.ts, and by nothing else
await run(workerData as Job).catch((error: unknown) => tell({ kind: 'failed', line: toFailureLine(error) }));
