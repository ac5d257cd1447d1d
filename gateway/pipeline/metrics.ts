/**
 * What the gateway counts, for Prometheus. Series that hold a member or a name given by a client are bounded: what comes later is
 * counted under "other". Exports `createMetrics`.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type OperationUse = {
  readonly member: string;
  readonly operation: string;
  readonly kind: string;
  /** ok, partial, or the code of the error. */
  readonly outcome: string;
  readonly seconds: number;
  readonly coordinates: readonly string[];
};

export type FetchUse = { readonly subgraph: string; readonly outcome: string; readonly seconds: number };

export type Metrics = {
  countOperation(use: OperationUse): void;
  countFetch(use: FetchUse): void;
  countPlan(result: 'hit' | 'miss'): void;
  countSupergraph(): void;
  setRunning(count: number): void;
  /** Text for Prometheus and its content type. */
  print(): Promise<{ text: string; contentType: string }>;
};

const maxNames = 1_000;
const maxCoordinates = 10_000;
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `ofProcess`: memory, event loop and garbage collection too; only sensible once a process. */
export function createMetrics({ ofProcess = false }: { ofProcess?: boolean } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const operations = new Counter({
    name: 'ir_operations_total',
    help: 'Operations by member, name and outcome.',
    labelNames: ['member', 'operation', 'kind', 'outcome'],
    registers,
  });
  const operationSeconds = new Histogram({
    name: 'ir_operation_seconds',
    help: 'Time from request to answer.',
    labelNames: ['kind'],
    buckets: secondsBuckets,
    registers,
  });
  const fields = new Counter({
    name: 'ir_fields_total',
    help: 'Operations that asked for a field.',
    labelNames: ['coordinate'],
    registers,
  });
  const fetches = new Counter({
    name: 'ir_fetches_total',
    help: 'Requests to subgraphs by outcome.',
    labelNames: ['subgraph', 'outcome'],
    registers,
  });
  const fetchSeconds = new Histogram({
    name: 'ir_fetch_seconds',
    help: 'Time a subgraph took.',
    labelNames: ['subgraph'],
    buckets: secondsBuckets,
    registers,
  });
  const plans = new Counter({ name: 'ir_plans_total', help: 'Look-ups of plans.', labelNames: ['result'], registers });
  const supergraphs = new Counter({ name: 'ir_supergraphs_total', help: 'Supergraphs taken since the start.', registers });
  const running = new Gauge({ name: 'ir_requests_running', help: 'Requests that are being answered.', registers });
  const toName = createBound(maxNames);
  const toMember = createBound(maxNames);
  const toCoordinate = createBound(maxCoordinates);

  return {
    countOperation({ member, operation, kind, outcome, seconds, coordinates }) {
      operations.inc({ member: toMember(member), operation: toName(operation), kind, outcome });
      operationSeconds.observe({ kind }, seconds);
      for (const coordinate of coordinates) fields.inc({ coordinate: toCoordinate(coordinate) });
    },
    countFetch({ subgraph, outcome, seconds }) {
      fetches.inc({ subgraph, outcome });
      fetchSeconds.observe({ subgraph }, seconds);
    },
    countPlan: (result) => plans.inc({ result }),
    countSupergraph: () => supergraphs.inc(),
    setRunning: (count) => running.set(count),
    print: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}

function createBound(limit: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= limit) return 'other';
    known.add(name);
    return name;
  };
}
