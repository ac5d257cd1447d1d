/** Subgraphs in memory for tests of the engine: real @apollo/subgraph schemas, composed by the real composer, called without HTTP. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph';
import { composeServices } from '@theguild/federation-composition';
import { graphql, parse, validate } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { compilePlan } from '../../../engine/compile/index.ts';
import type { Pending } from '../../../engine/compile/index.ts';
import { conditionVariables, planOperation, printPlan } from '../../../engine/plan/index.ts';
import type { Plan } from '../../../engine/plan/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import type { Supergraph } from '../../../engine/supergraph/index.ts';
import { executePlan } from '../../../gateway/execute/index.ts';
import type {
  ExecutionResult,
  FetchTrace,
  JoinPath,
  LaterPayload,
  ResponseError,
  SubgraphFetcher,
} from '../../../gateway/execute/index.ts';
import { executeBothWays } from '../../_kit/both-paths.ts';

export type GraphSource = {
  readonly sdl: string;
  /** What the composer is given, if not `sdl`. */ readonly composeAs?: string;
  readonly resolvers?: GraphQLResolverMap;
};

export const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@context", "@fromContext", "@key", "@external", "@requires", "@provides", "@shareable", "@override", "@interfaceObject", "@inaccessible", "@extends"])\n';

/** `patch` changes the supergraph's text, for what is legal but more than the composer takes. */
export function compose(sources: Readonly<Record<string, string>>, patch: (sdl: string) => string = (sdl) => sdl): Supergraph {
  const result = composeServices(
    Object.entries(sources).map(([name, sdl]) => ({ name, url: `http://${name}.test`, typeDefs: parse(LINK + sdl) })),
  );
  if (result.supergraphSdl === undefined) throw new Error(result.errors?.map(({ message }) => message).join('\n'));
  return loadSupergraph(patch(result.supergraphSdl));
}

type PlanOptions = {
  readonly denied?: ReadonlySet<string> | undefined;
  readonly activeLabels?: ReadonlySet<string> | undefined;
  readonly defer?: boolean | undefined;
};

export function plan(
  supergraph: Supergraph,
  text: string,
  conditions: Readonly<Record<string, boolean>> = {},
  { denied, activeLabels, defer }: PlanOptions = {},
): Plan {
  const document = parse(text);
  const problems = validate(supergraph.publicSchema, document);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  const made = planOperation({ supergraph, document, conditions: new Map(Object.entries(conditions)), denied, activeLabels, defer });
  assertDocumentsValid(made, supergraph);
  return made;
}

export function planText(supergraph: Supergraph, text: string, conditions: Readonly<Record<string, boolean>> = {}): string {
  return printPlan(plan(supergraph, text, conditions, { defer: true }), supergraph);
}

/** Every document of every plan must be valid in the schema of the graph it is sent to. */
export function assertDocumentsValid(made: Plan, supergraph: Supergraph): void {
  for (const fetch of made.fetches) {
    const problems = validate(supergraph.graphView(fetch.graph), parse(fetch.document));
    if (problems.length > 0) {
      const graph = supergraph.graphs[fetch.graph]?.name;
      throw new Error(`Invalid for ${graph}: ${fetch.document}\n${problems.map(({ message }) => message).join('\n')}`);
    }
  }
}

export type Sent = { readonly graph: string; readonly query: string; readonly variables: Readonly<Record<string, unknown>> };

export type Hub = {
  readonly supergraph: Supergraph;
  readonly sent: Sent[];
  readonly traces: FetchTrace[];
  /** How each run was joined. */
  readonly paths: JoinPath[];
  /** The whole answer in one piece: `@defer` is ignored. */
  run(text: string, options?: RunOptions): Promise<Result>;
  /** The first payload and those after it. */
  defer(text: string, options?: RunOptions): Promise<Deferred>;
};

export type Deferred = Result & { readonly pending: readonly Pending[]; readonly payloads: AsyncIterable<LaterPayload> | null };

/** As a client reads it. */
export type Result = { readonly data: unknown; readonly errors?: readonly ResponseError[] };

type Reply = { readonly status: number; readonly text: string };

type RunOptions = {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly denied?: ReadonlySet<string>;
  readonly activeLabels?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
  /** Answers instead of the graph when it does not return undefined. */
  readonly intercept?: (sent: Sent) => Promise<Reply | undefined> | Reply | undefined;
};

export function createHub(sources: Readonly<Record<string, GraphSource>>, patch?: (sdl: string) => string): Hub {
  const supergraph = compose(
    Object.fromEntries(Object.entries(sources).map(([name, { sdl, composeAs }]) => [name, composeAs ?? sdl])),
    patch,
  );
  const schemas = new Map<string, GraphQLSchema>();
  for (const [name, { sdl, resolvers }] of Object.entries(sources)) {
    schemas.set(name, buildSubgraphSchema([{ typeDefs: parse(LINK + sdl), ...(resolvers === undefined ? {} : { resolvers }) }]));
  }
  const sent: Sent[] = [];
  const traces: FetchTrace[] = [];
  const paths: JoinPath[] = [];
  const execute = async (text: string, options: RunOptions, defer: boolean): Promise<ExecutionResult> => {
    sent.length = 0;
    traces.length = 0;
    const document = parse(text);
    const variables = options.variables ?? {};
    const conditions: Record<string, boolean> = {};
    for (const name of conditionVariables(document)) conditions[name] = variables[name] === true;
    const compiled = compilePlan(
      plan(supergraph, text, conditions, { denied: options.denied, activeLabels: options.activeLabels, defer }),
      supergraph,
    );
    const fetcher: SubgraphFetcher = async ({ graph, body }) => {
      const { query, variables: given } = JSON.parse(body);
      const request: Sent = { graph: graph.name, query, variables: given ?? {} };
      sent.push(request);
      const instead = options.intercept?.(request);
      const reply = await instead;
      if (reply !== undefined) return { kind: 'response', ...reply };
      const schema = schemas.get(graph.name);
      if (schema === undefined) throw new Error(`No graph ${graph.name}`);
      const answer = await graphql({ schema, source: query, variableValues: given });
      return { kind: 'response', status: 200, text: JSON.stringify(answer) };
    };
    const signal = options.signal ?? new AbortController().signal;
    const asked = { compiled, supergraph, variables, fetcher, signal, onFetch: (trace: FetchTrace) => void traces.push(trace) };
    if (defer) return executePlan(asked);
    const { result, path } = await executeBothWays(asked);
    paths.push(path);
    return result;
  };
  return {
    supergraph,
    sent,
    traces,
    paths,
    async run(text, options = {}) {
      const { data, errors } = await execute(text, options, false);
      return { data: JSON.parse(data), ...(errors === undefined ? {} : { errors }) };
    },
    async defer(text, options = {}) {
      const { data, errors, later } = await execute(text, options, true);
      return {
        data: JSON.parse(data),
        ...(errors === undefined ? {} : { errors }),
        pending: later?.pending ?? [],
        payloads: later?.payloads ?? null,
      };
    },
  };
}

/** The answer as a client gets it: bytes parsed again. */
export function asClient(result: Result): {
  data: unknown;
  errors?: readonly { message: string; path?: readonly (string | number)[] }[];
} {
  return JSON.parse(JSON.stringify(result));
}
