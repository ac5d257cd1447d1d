// Plays the demo industry into a hub: `node dist/demo/main.js --url http://localhost:4000 [--seed 1]`.
// Every step has a key, so a run that was interrupted may simply be started again.
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createClock, toBusinessDay } from '../lib/clock/clock.ts';
import { readConfig } from '../lib/config/index.ts';
import { loadOrCreateKeys } from '../lib/identity/index.ts';
import { toFailureLine } from '../lib/lifecycle/index.ts';
import { fromRoot } from '../lib/paths.ts';
import { playIndustry } from './industry.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { url: { type: 'string' }, seed: { type: 'string', default: '1' } } });
  const url = z.string().parse(values.url, { error: () => '--url is missing: the address of the gateway' });
  const config = readConfig(['HUB_DATA', 'HUB_CLOCK', 'HUB_TIME_ZONE', 'HUB_CURRENCY']);
  const data = isAbsolute(config.HUB_DATA) ? config.HUB_DATA : fromRoot(config.HUB_DATA);
  const clock = createClock(config.HUB_CLOCK);
  const now = clock.now();
  const changes = await playIndustry({
    url,
    keys: await loadOrCreateKeys(join(data, 'keys')),
    seed: Number(values.seed),
    now,
    clock,
    today: toBusinessDay(now, config.HUB_TIME_ZONE),
    currency: config.HUB_CURRENCY,
  });
  process.stdout.write(`demo        ${changes} changes made by makers, distributors and creators\n`);
}

await main().catch((error: unknown) => {
  process.stderr.write(`${toFailureLine(error)}\n`);
  process.exitCode = 1;
});
