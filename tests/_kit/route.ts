/** Plans as the hub does: starts a run, waits for its end, and commits it when told to. */
import type { Clock, FixedClock } from '../../lib/clock/clock.ts';
import type { TestHub } from './hub.ts';

export type Routed = { readonly runId: string; readonly status: string; readonly problems: readonly { code: string; message: string }[] };

let attempts = 0;

const isFixed = (clock: Clock): clock is FixedClock => 'advance' in clock;

/** Resolves to the run as the hub sees it; every event of it has been applied then. */
export async function route(hub: TestHub, { commit = false }: { commit?: boolean } = {}): Promise<Routed> {
  const change = async (name: string, input: object): Promise<any> => {
    attempts += 1;
    const payload = await hub.change(hub.hub, name, { ...input, idempotencyKey: `route-${attempts}` }, 'run { runId }');
    if (payload.problems.length > 0) throw new Error(`${name}: ${JSON.stringify(payload.problems)}`);
    return payload.run;
  };
  // of two runs one is the newer, also where the clock stands still
  if (isFixed(hub.clock)) hub.clock.advance(1_000);
  const { runId } = await change('reroute', {});
  await hub.settle();
  const { data } = await hub.ask(hub.hub, 'query ($runId: ID!) { routingRun(runId: $runId) { runId status problems { code message } } }', {
    runId,
  });
  if (commit) {
    await change('commitRun', { runId });
    await hub.settle();
  }
  return data.routingRun;
}
