/**
 * The same operation asked by several people at the same time, through the whole pipeline with all sharing on: each must get what they
 * get alone. Subgraphs answer differently for each thing that they are told of who asks, so that an answer in wrong hands shows.
 */
import { setImmediate } from 'node:timers/promises';
import { createFlights } from '../../gateway/execute/index.ts';
import { createShare } from '../../gateway/execute/subgraph/share.ts';
import type { Step } from '../../gateway/execute/subgraph/step.ts';
import { createAccess } from '../../gateway/pipeline/access.ts';
import { answerRequest } from '../../gateway/pipeline/answer-request.ts';
import { Deadlines } from '../../gateway/pipeline/deadlines.ts';
import { createForwarding } from '../../gateway/pipeline/forwarding.ts';
import type { Hub } from '../../gateway/pipeline/hub.ts';
import { defaultLimits } from '../../gateway/pipeline/limits.ts';
import { createMetrics } from '../../gateway/pipeline/metrics.ts';
import { drawOf } from '../../gateway/pipeline/override-labels.ts';
import { createPlanElsewhere } from '../../gateway/pipeline/plan-elsewhere.ts';
import { createPolicyBook } from '../../gateway/pipeline/policies.ts';
import { toShownText } from '../../gateway/pipeline/principal-signer.ts';
import { createRates } from '../../gateway/pipeline/rates.ts';
import { createGraphHolder } from '../../gateway/pipeline/supergraph/graph-holder.ts';
import { realClock } from '../../lib/clock/clock.ts';
import { PRINCIPAL_HEADER, REQUEST_ID_HEADER, createPrincipal } from '../../lib/identity/index.ts';
import type { Principal } from '../../lib/identity/index.ts';
import { silentLog } from '../../lib/log/log.ts';
import { isHonest } from './compare.ts';
import type { Difference } from './compare.ts';
import type { ReadyCut } from './compose-cut.ts';
import type { Mark } from './coverage.ts';
import type { Operation } from './operations.ts';
import { hash } from './random.ts';
import { createHubRun, runGraph } from './run-graph.ts';
import type { GraphRequest, HubRun } from './run-graph.ts';
import { fromJson, toJson } from './truth.ts';

type Person = { readonly principal: Principal; readonly tenant: string };

const person = (memberId: string, claims: Principal['claims'], tenant: string): Person => ({
  principal: createPrincipal({ memberId, claims }),
  tenant,
});
/** Each differs from the first in one thing that some subgraphs learn; nobody learns of `secret`. */
const PEOPLE: readonly Person[] = [
  person('mem_1', { tier: 'gold', secret: 1 }, 'north'),
  person('mem_1', { tier: 'silver', secret: 1 }, 'north'),
  person('mem_1', { tier: 'gold', secret: 2 }, 'south'),
  person('mem_2', { tier: 'gold', secret: 1 }, 'north'),
];
const TENANT_HEADER = 'x-tenant';
const EARLY = 'early';

type Asked = { readonly person: Person; readonly variables: Operation['variables'] };
type Told = { readonly text: string; readonly calls: string };

/** What a look met besides being right. */
export type Seen = {
  /** Requests to subgraphs that were not sent, because an equal one was on its way. */
  saved: number;
  readonly marks: Set<Mark>;
};

/** A gateway over the cut, without network: real stages, real sharing, people in place of tokens. */
export type AtOnce = {
  /** What differs between asking alone and at once; `seen` is told what was met. */
  compare(operation: Operation, seen: Seen): Promise<Difference | null>;
};

export function createAtOnce(ready: ReadyCut): AtOnce {
  const runs = new Map<string, HubRun>();
  const sent = { count: 0 };
  const faults: string[] = [];
  const { hub, sharing } = createHubs(ready, createStep(ready, { runs, sent, faults }));
  let id = 0;

  const ask = async ({ text, document }: Operation, { person: { principal, tenant }, variables }: Asked, to: Hub): Promise<Told> => {
    const requestId = `r${(id += 1)}`;
    const early = principal.claims['tier'] === 'gold' ? [EARLY] : [];
    const [definition] = document.definitions;
    const name = definition?.kind === 'OperationDefinition' ? (definition.name?.value ?? '') : '';
    const percents = ready.supergraph.labels.filter((label) => label !== EARLY && drawOf(label, principal.memberId, name) < 40);
    const run = createHubRun(new Set([...early, ...percents]));
    runs.set(requestId, run);
    const answer = await answerRequest(
      {
        params: { query: text, variables },
        readOnly: false,
        token: String(PEOPLE.findIndex((one) => one.principal === principal)),
        fromLoopback: true,
        address: '127.0.0.1',
        requestId,
        header: (header) => (header === TENANT_HEADER ? tenant : undefined),
        signal: new AbortController().signal,
      },
      to,
    );
    runs.delete(requestId);
    return { text: toComparable(answer.text), calls: run.store.calls.join() };
  };

  return {
    async compare(operation, seen) {
      // Twice the first: they may share all.
      const people = [PEOPLE[0], ...PEOPLE].flatMap((one) => one ?? []);
      const asked = people.map((one, index): Asked => ({ person: one, variables: variablesOf(operation, index) }));
      faults.length = 0;
      sent.count = 0;
      const alone: Told[] = [];
      for (const one of asked) alone.push(await ask(operation, one, hub));
      for (const to of [hub, sharing]) {
        const before = sent.count;
        sent.count = 0;
        const together = await Promise.all(asked.map((one) => ask(operation, one, to)));
        if (to === hub) seen.saved += before - sent.count;
        if (faults.length > 0) return { kind: 'at once', detail: faults.slice(0, 3).join('\n') };
        for (const [index, { text, calls }] of together.entries()) {
          const wanted = alone[index];
          if (wanted === undefined || (wanted.text === text && wanted.calls === calls)) continue;
          const whole = to === sharing ? ' with whole requests shared' : '';
          const who = JSON.stringify(asked[index]?.person);
          return { kind: 'at once', detail: `${who}${whole}\nalone   ${wanted.text} ${wanted.calls}\nat once ${text} ${calls}` };
        }
      }
      if (seen.saved > 0) seen.marks.add('a request shared in flight');
      return null;
    },
  };
}

/** The last of them asks with other conditions. */
function variablesOf({ variables }: Operation, index: number): Operation['variables'] {
  if (index < PEOPLE.length) return variables;
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, typeof value === 'boolean' ? !value : value]));
}

/** Data as it came; errors by place, since those of equal places may come in any order. */
function toComparable(text: string): string {
  const { data, errors = [] } = fromJson(text) as { data?: unknown; errors?: { path?: unknown; extensions?: { code?: string } }[] }; // the hub's own
  return `${toJson(data)} ${errors
    .map(({ path, extensions }) => JSON.stringify([path, extensions?.code]))
    .toSorted()
    .join(' ')}`;
}

type Watched = { readonly runs: ReadonlyMap<string, HubRun>; readonly sent: { count: number }; readonly faults: string[] };

/** Each subgraph takes its time, and says in its strings what it was told of who asks. */
function createStep(ready: ReadyCut, { runs, sent, faults }: Watched): Step {
  return async ({ graph: { name }, body, headers = {} }) => {
    const running = ready.graphs.get(name);
    const run = runs.get(headers[REQUEST_ID_HEADER] ?? '');
    if (running === undefined || run === undefined) throw new Error(`No graph ${name}, or nobody asks`);
    sent.count += 1;
    const voice = ` ${hash(headers[PRINCIPAL_HEADER] ?? '', headers[TENANT_HEADER] ?? '') % 997}`;
    for (let turns = hash(name, body) % 3; turns >= 0; turns -= 1) await setImmediate();
    const result = runGraph(running, { ...run, voice }, fromJson(body) as GraphRequest); // the executor's own text
    for (const { message } of result.errors ?? []) if (!isHonest(message)) faults.push(`${name}: ${message}`);
    return { kind: 'response', status: 200, text: toJson(result) };
  };
}

/** One hub that shares requests to subgraphs, and one that shares whole requests too. */
function createHubs({ cut, supergraphSdl }: ReadyCut, step: Step): { hub: Hub; sharing: Hub } {
  const names = cut.graphs.map(({ name }) => name);
  const some = (every: number, list: readonly string[]) =>
    Object.fromEntries(names.flatMap((name, index) => (index % every === 0 ? [[name, list] as const] : [])));
  const forwarding = createForwarding(some(2, [TENANT_HEADER]), some(1, ['tier']));
  const metrics = createMetrics({ ofProcess: false });
  const log = silentLog;
  const clock = realClock;
  const graphs = createGraphHolder({ urls: new Map(), clock, log, onTaken: () => undefined });
  if (!graphs.offer(supergraphSdl, 'the cut')) throw new Error(graphs.problem()?.message ?? 'The supergraph is refused');
  const hub: Hub = {
    development: false,
    limits: { ...defaultLimits, rate: 0, depth: 1_000, aliases: 10_000, rootFields: 1_000, directives: 10_000 },
    identity: {
      identify: async ({ token }) => PEOPLE[Number(token)]?.principal ?? createPrincipal({}),
      checksTokens: true,
      visitorsOnlyRead: false,
    },
    access: createAccess(createPolicyBook(new Map(), { clock, log })),
    forwarding,
    graphs,
    elsewhere: createPlanElsewhere({ requestMs: defaultLimits.requestMs, fromFields: Infinity }),
    deadlines: new Deadlines(defaultLimits.requestMs),
    fetcher: createShare(step, (name) => metrics.countShared(name)),
    breakers: new Map(),
    // The last of several learns only what is forwarded.
    subgraphsNotTold: new Set(names.length > 2 ? names.slice(-1) : []),
    executions: null,
    signer: { sign: async (principal, audience) => toShownText(principal, forwarding.claimsFor(audience)) },
    labelFunction: (label, { claims }) => label === EARLY && claims['tier'] === 'gold',
    trusted: null,
    persisted: null,
    rates: createRates({ perSecond: 0, exemptKinds: [], clock }),
    feed: null,
    plugins: null,
    tellsCost: false,
    metrics,
    log,
    clock,
  };
  return { hub, sharing: { ...hub, executions: createFlights() } };
}
