/** Sends operations to this gateway and keeps the plan that comes with the answer for the Plan tab. */
import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { setPlan, type PlanReport } from './plan-store.tsx';

type AnswerBody = { extensions?: { plan?: PlanReport } & Record<string, unknown> } & Record<string, unknown>;

export function createFetcher(readToken: () => string): Fetcher {
  return async (params, options) => {
    const isIntrospection = params.operationName === 'IntrospectionQuery';
    const body = isIntrospection ? params : { ...withCurrentName(params), extensions: { plan: true } };
    const answer = await send('/graphql', body, { ...readHeaders(options?.headers), ...toAuthorization(readToken()) });
    if (isIntrospection) return answer;
    const { extensions = {}, ...rest } = answer;
    const { plan, ...others } = extensions;
    setPlan(plan ?? null);
    return Object.keys(others).length > 0 ? { ...rest, extensions: others } : rest;
  };
}

/** GraphiQL learns the name of the operation a moment after it was typed: whoever runs it at once would send the name it had before. */
function withCurrentName(params: FetcherParams): FetcherParams {
  const { operationName, ...rest } = params;
  const names: readonly string[] = params.query.match(/[_A-Za-z]\w*/g) ?? [];
  return operationName && names.includes(operationName) ? params : rest;
}

/** The plan of an operation that is not run. */
export async function fetchPlan(params: FetcherParams, token: string): Promise<string> {
  const { data, errors } = await send('/graphql/plan', params, toAuthorization(token));
  if (isRecord(data) && typeof data['plan'] === 'string') return data['plan'];
  return Array.isArray(errors) ? errors.map((error: unknown) => (isRecord(error) ? String(error['message']) : '')).join('\n') : 'No plan.';
}

async function send(path: string, body: unknown, headers: Record<string, string>): Promise<AnswerBody> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { accept: 'application/graphql-response+json, application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  // The gateway answers with an object, also for errors
  return (await response.json()) as AnswerBody;
}

function toAuthorization(token: string): Record<string, string> {
  return token === '' ? {} : { authorization: `Bearer ${token}` };
}

function readHeaders(headers: unknown): Record<string, string> {
  if (!isRecord(headers)) return {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
