// Fills an empty hub with the demo industry: a generator and actors who play the members through the gateway.
import { fork } from 'node:child_process';
import { request } from 'undici';
import { withVariables } from '../../lib/config/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import { fromRoot } from '../../lib/paths.ts';
import type { OpenHub } from './open-hub.ts';

async function isEmpty(url: string): Promise<boolean> {
  const answer = await request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ makers(first: 1) { totalCount } creators(first: 1) { totalCount } }' }),
  });
  const body: unknown = await answer.body.json();
  const text = JSON.stringify(body);
  return text.includes('"makers":{"totalCount":0}') && text.includes('"creators":{"totalCount":0}');
}

/** Runs the demo when there is neither maker nor creator, and says whether it did; never in production. */
export async function fillWhenEmpty(hub: OpenHub): Promise<boolean> {
  const url = hub.supervisor.gatewayUrl();
  if (hub.production || !(await isEmpty(url))) return false;
  const began = performance.now();
  const child = fork(fromRoot('dist', 'demo', 'main.js'), ['--url', url], {
    env: withVariables({ HUB_DATA: hub.data.path, HUB_CLOCK: hub.clock }),
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0)
    throw createError('START_FAILED', 'the demo industry could not be loaded; `npm run reset` and start again, or start with --no-demo');
  hub.screen.say('demo', `industry loaded in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  return true;
}
