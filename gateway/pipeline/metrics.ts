/**
 * What the gateway counts, for Prometheus. Series that hold a member or a name given by a client are bounded: what comes later is
 * counted under "other". Exports `createMetrics`.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Levels, Tally, Times } from './tally.ts';

export type OperationUse = {
  readonly member: string;
  readonly operation: string;
  readonly kind: string;
  /** ok, partial, or the code of the error. */
  readonly outcome: string;
  readonly seconds: number;
  /** The same list every time the same operation runs. */
  readonly coordinates: readonly string[];
};

export type FetchUse = { readonly subgraph: string; readonly outcome: string; readonly seconds: number };

export type Metrics = {
  countOperation(use: OperationUse): void;
  /** Codes of the errors of one answer. */
  countErrors(codes: readonly string[]): void;
  countFetch(use: FetchUse): void;
  /** A fetch that got the answer of an equal one. */
  countShared(subgraph: string): void;
  /** A further attempt of a fetch. */
  countRetry(subgraph: string): void;
  setBreaker(subgraph: string, state: 'closed' | 'half-open' | 'open'): void;
  countPlan(result: 'hit' | 'miss'): void;
  /** How the answers of subgraphs were joined: bytes copied, as objects, or as objects after copying was tried. */
  countAnswer(path: 'splice' | 'object' | 'fallback'): void;
  observeCost(kind: 'estimated' | 'actual', cost: number): void;
  countSupergraph(): void;
  /** How a document was named, and what came of it. */
  countDocument(by: 'trusted' | 'persisted', result: 'hit' | 'miss' | 'registered' | 'refused'): void;
  countRateRefusal(member: string): void;
  /** An event that was posted: taken, or the code of what refused it. `topic`: one that is declared, or other. */
  countEvent(topic: string, outcome: string): void;
  setRunning(count: number): void;
  /** Subscriptions that are open now. */
  setSubscriptions(count: number): void;
  /** WebSocket connections. */
  setSockets(count: number): void;
  /** Payloads to them. */
  countSocketMessages(count: number): void;
  /** Text for Prometheus and its content type. */
  print(): Promise<{ text: string; contentType: string }>;
};

const maxNames = 1_000;
/** A longer one is of nobody who wants to find it again. */
const maxNameLength = 200;
const maxCoordinates = 10_000;
/** Lists of fields that wait to be added up. */
const maxWaiting = 1_000;
const costBuckets = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function createSeries() {
  return {
    operations: new Tally('ir_operations_total', 'Operations by member, name and outcome.', ['member', 'operation', 'kind', 'outcome']),
    operationSeconds: new Times('ir_operation_seconds', 'Time from request to answer.', { label: 'kind', buckets: secondsBuckets }),
    errors: new Tally('ir_errors_total', 'Errors in answers by code.', ['code']),
    fields: new Tally('ir_fields_total', 'Operations that asked for a field.', ['coordinate']),
    fetches: new Tally('ir_fetches_total', 'Fetches of plans by outcome, whether asked for alone or shared.', ['subgraph', 'outcome']),
    shared: new Tally('ir_fetches_shared_total', 'Fetches that got the answer of an equal one in flight.', ['subgraph']),
    retries: new Tally('ir_fetch_retries_total', 'Further attempts of fetches.', ['subgraph']),
    breakers: new Levels('ir_breaker_state', 'Subgraph is asked (0), tried (1) or left alone (2).', 'subgraph'),
    fetchSeconds: new Times('ir_fetch_seconds', 'Time a subgraph took.', { label: 'subgraph', buckets: secondsBuckets }),
    cost: new Times('ir_operation_cost', 'Cost of operations, estimated and counted.', { label: 'kind', buckets: costBuckets }),
    plans: new Tally('ir_plans_total', 'Look-ups of plans.', ['result']),
    answers: new Tally('ir_answers_total', 'Executed operations by how answers were joined.', ['path']),
    documents: new Tally('ir_documents_total', 'Operations named by an id or a hash.', ['by', 'result']),
    rateRefusals: new Tally('ir_rate_refusals_total', 'Requests refused because a member sent too many.', ['member']),
    events: new Tally('ir_events_total', 'Events that were posted, by outcome.', ['topic', 'outcome']),
  };
}

const breakerValues = { closed: 0, 'half-open': 1, open: 2 };

/** `ofProcess`: memory, event loop and garbage collection too; only sensible once a process. */
export function createMetrics({ ofProcess = false }: { ofProcess?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const series = createSeries();
  let supergraphs = 0;
  let running = 0;
  let subscriptions = 0;
  let sockets = 0;
  let socketMessages = 0;
  const toName = createBound(maxNames);
  const toMember = createBound(maxNames);
  const toCode = createBound(maxNames);
  const fields = createFieldCount(series.fields);

  return {
    countOperation({ member, operation, kind, outcome, seconds, coordinates }) {
      series.operations.add([toMember(member), toName(operation), kind, toCode(outcome)]);
      series.operationSeconds.observe(kind, seconds);
      if (coordinates.length > 0) fields.count(coordinates);
    },
    countErrors(codes) {
      for (const code of codes) series.errors.add([toCode(code)]);
    },
    countFetch({ subgraph, outcome, seconds }) {
      series.fetches.add([subgraph, outcome]);
      series.fetchSeconds.observe(subgraph, seconds);
    },
    countShared: (subgraph) => series.shared.add([subgraph]),
    countRetry: (subgraph) => series.retries.add([subgraph]),
    setBreaker: (subgraph, state) => series.breakers.set(subgraph, breakerValues[state]),
    countPlan: (result) => series.plans.add([result]),
    countAnswer: (path) => series.answers.add([path]),
    observeCost: (kind, cost) => series.cost.observe(kind, cost),
    countSupergraph: () => void (supergraphs += 1),
    countDocument: (by, result) => series.documents.add([by, result]),
    countRateRefusal: (member) => series.rateRefusals.add([toMember(member)]),
    countEvent: (topic, outcome) => series.events.add([topic, outcome]),
    setRunning: (count) => void (running = count),
    setSubscriptions: (count) => void (subscriptions = count),
    setSockets: (count) => void (sockets = count),
    countSocketMessages: (count) => void (socketMessages += count),
    async print() {
      fields.addUp();
      const own = [
        ...Object.values(series).map((one) => one.print()),
        printNumber('ir_supergraphs_total', 'counter', 'Supergraphs taken since the start.', supergraphs),
        printNumber('ir_requests_running', 'gauge', 'Requests that are being answered.', running),
        printNumber('ir_sockets_open', 'gauge', 'WebSocket connections.', sockets),
        printNumber('ir_socket_messages_total', 'counter', 'Payloads to WebSocket connections.', socketMessages),
        printNumber('ir_subscriptions_open', 'gauge', 'Subscriptions.', subscriptions),
      ];
      return { text: `${own.join('\n')}\n${await registry.metrics()}`, contentType: registry.contentType };
    },
  };
}

function printNumber(name: string, type: 'counter' | 'gauge', help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}`;
}

/** An operation's fields are counted as one list while it runs again and again, and field by field when somebody wants to know. */
function createFieldCount(tally: Tally): { count(coordinates: readonly string[]): void; addUp(): void } {
  const toCoordinate = createBound(maxCoordinates);
  const waiting = new Map<readonly string[], number>();
  const addUp = (): void => {
    for (const [coordinates, times] of waiting) for (const coordinate of coordinates) tally.add([toCoordinate(coordinate)], times);
    waiting.clear();
  };
  return {
    addUp,
    count(coordinates) {
      waiting.set(coordinates, (waiting.get(coordinates) ?? 0) + 1);
      if (waiting.size >= maxWaiting) addUp();
    },
  };
}

function createBound(limit: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= limit || name.length > maxNameLength) return 'other';
    known.add(name);
    return name;
  };
}
