// npm start: the whole hub on this machine. --together: all subgraphs in one process. --no-demo: leaves an empty database empty.
import { setTimeout as sleep } from 'node:timers/promises';
import { runMain, type Service } from '../lib/lifecycle/index.ts';
import { fillWhenEmpty } from './hub/demo-fill.ts';
import { openHub } from './hub/open-hub.ts';
import { usualGatewayPort } from './hub/layout.ts';
import { printMemory } from './hub/memory.ts';
import { toWelcome } from './hub/screen.ts';

/** A pool closes what it did not use for five seconds. */
const REST_MS = 7_000;
const arguments_ = process.argv.slice(2);

async function build(): Promise<Service> {
  const hub = openHub({ together: arguments_.includes('--together') });
  const { supervisor, screen } = hub;
  return {
    ...supervisor,
    start: async () => {
      await supervisor.start();
      const filled = !arguments_.includes('--no-demo') && (await fillWhenEmpty(hub));
      screen.print(
        toWelcome({ url: supervisor.gatewayUrl(), production: hub.production, askedPort: hub.port, usualPort: usualGatewayPort }),
      );
      // connections that the demo took are given back first
      if (filled) await sleep(REST_MS);
      await printMemory(hub);
    },
  };
}

await runMain(build, { stopLimitMs: 9_500, onStopping: (reason) => process.stdout.write(`\nStopping (${reason}) …\n`) });
