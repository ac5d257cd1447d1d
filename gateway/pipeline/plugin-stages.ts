/**
 * Stages `onRequest`, `onOperation`, `onPlan`: the moments at which plugins are asked or told. Without plugins each is one comparison.
 * Exports the stages, `toPluginRequest`, `watchFetches`, `mapErrors`, `tellAnswer`.
 */
import { createHash } from 'node:crypto';
import type { Plan } from '../../engine/plan/index.ts';
import { isHubError, toErrorCode } from '../../lib/errors/errors.ts';
import type { Principal } from '../../lib/identity/index.ts';
import type { SubgraphFetcher } from '../execute/index.ts';
import type { PluginOperation, PluginRequest } from '../plugins/plugin.ts';
import type { Plugins } from '../plugins/run-plugins.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument, KnownOperation } from './known-document.ts';
import type { Answer, AnswerError, GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';

/** `pluginRequest`: null without plugins. */
export type Hooked = { pluginRequest: PluginRequest | null };

const nothing: Record<never, never> = Object.freeze({});
const toNothing = () => nothing;

export const askOnRequest: Stage<Hooked, object, Hub> = {
  name: 'onRequest',
  run: ({ pluginRequest }, { plugins }) =>
    plugins === null || pluginRequest === null ? nothing : plugins.onRequest(pluginRequest).then(toNothing),
};

type OperationNeeds = Hooked & { text: string; checked: KnownDocument; operation: KnownOperation; principal: Principal };

export const askOnOperation: Stage<OperationNeeds, object, Hub> = {
  name: 'onOperation',
  run(needs, { plugins }) {
    if (plugins === null || needs.pluginRequest === null) return nothing;
    return plugins.onOperation(needs.pluginRequest, () => toPluginOperation(needs)).then(toNothing);
  },
};

function toPluginOperation({ text, checked, operation, principal }: OperationNeeds): PluginOperation {
  const { memberId: member, kinds, roles, scopes } = principal;
  return {
    name: operation.name,
    kind: operation.definition.operation,
    sha256: hashOf(checked, text),
    member,
    kinds: Object.freeze([...kinds]),
    roles: Object.freeze([...roles]),
    scopes: Object.freeze([...scopes]),
  };
}

/** A document is known by its text: both are forgotten together. */
const hashes = new WeakMap<KnownDocument, string>();

function hashOf(document: KnownDocument, text: string): string {
  const known = hashes.get(document);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(text).digest('hex');
  hashes.set(document, hash);
  return hash;
}

export const tellOnPlan: Stage<Hooked & { plan: Plan; knownPlan: unknown }, object, Hub> = {
  name: 'onPlan',
  run({ pluginRequest, plan, knownPlan }, { plugins }) {
    if (plugins === null || pluginRequest === null) return nothing;
    plugins.onPlan(pluginRequest, { fetches: plan.fetches.length, levels: plan.cost.levels, known: knownPlan !== undefined });
    return nothing;
  },
};

/** Never shown to plugins: they hold who somebody is. */
const secretHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

export function toPluginRequest({ requestId, readOnly, header }: GatewayRequest, { plugins }: Hub): PluginRequest | null {
  if (plugins === null) return null;
  const lookUp = (name: string) => (secretHeaders.has(name.toLowerCase()) ? undefined : header?.(name.toLowerCase()));
  return Object.freeze({ id: requestId, readOnly, header: Object.freeze(lookUp) });
}

/** Stands next to the network: what plugins see is what is sent, after sharing within the plan and before sharing with others. */
export function watchFetches(fetcher: SubgraphFetcher, pluginRequest: PluginRequest | null, plugins: Plugins | null): SubgraphFetcher {
  const onFetch = plugins?.onFetch ?? null;
  if (onFetch === null || pluginRequest === null) return fetcher;
  return async (request) => {
    const { headers, after } = onFetch(pluginRequest, { subgraph: request.graph.name, kind: request.kind });
    try {
      const answer = await fetcher({ ...request, headers: { ...request.headers, ...headers } });
      after({ status: answer.status, code: null, bytes: Buffer.byteLength(answer.text) });
      return answer;
    } catch (error) {
      after({ status: null, code: isHubError(error) ? error.code : toErrorCode(error) || 'INTERNAL', bytes: 0 });
      throw error;
    }
  };
}

type Asked = Hooked & { plugins: Plugins | null; mask: () => AnswerError };

/** Locations and paths stay as they are. */
export function mapErrors(errors: readonly AnswerError[], { pluginRequest, plugins, mask }: Asked): readonly AnswerError[] {
  const onError = plugins?.onError ?? null;
  if (onError === null || pluginRequest === null) return errors;
  return errors.map((error) => {
    const { message, path, locations, extensions } = error;
    const { code, service } = extensions;
    const mapped = onError(pluginRequest, { message, code, path: path ?? [], subgraph: typeof service === 'string' ? service : null });
    const place = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
    if (mapped === 'failed') return { ...mask(), ...place };
    return { message: mapped.message, ...place, extensions: { ...extensions, code: mapped.code } };
  });
}

export function tellAnswer(answer: Answer, ms: number, { pluginRequest, plugins }: Hooked & { plugins: Plugins | null }): void {
  if (plugins === null || pluginRequest === null) return;
  const { kind, status, errorCodes, bytes } = answer;
  plugins.onAnswer(pluginRequest, {
    kind,
    status,
    errorCodes: Object.freeze([...errorCodes]),
    bytes: bytes?.length ?? Buffer.byteLength(answer.text),
    ms,
  });
}
