// Asks the gateway as the subgraph itself: with a token of the hub that a file holds. What it may read, the token says.
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { createError, isHubError } from '../lib/errors/errors.ts';

/**
 * Resolves to the `data` of the answer. Rejects with GATEWAY_UNREACHABLE or GATEWAY_REFUSED; a part of an answer is none. Members may read the
 * message: addresses and files of this machine stand in the cause only.
 */
export type AskHub = (
  source: string,
  variables?: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
) => Promise<Record<string, unknown>>;

export type HubAsker = { readonly ask: AskHub; readonly close: () => Promise<void> };

const ANSWER_MS = 20_000;
const CONNECTIONS = 6;
const ANSWER_BYTES = 67_108_864;
const ERRORS_SHOWN = 3;

const answerShape = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** Both are asked for anew by each question. A `url` of undefined refuses it with the name of the variable to set. */
export function createHubAsker(options: { url: () => string | undefined; token: () => Promise<string> }): HubAsker {
  let agent: Agent | undefined;

  const send = async (url: string, body: string, signal: AbortSignal | undefined): Promise<{ status: number; text: string }> => {
    const token = await options.token();
    agent ??= new Agent({
      connections: CONNECTIONS,
      maxResponseSize: ANSWER_BYTES,
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
      connectTimeout: ANSWER_MS,
    });
    try {
      const answer = await request(new URL('/graphql', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
        body,
        dispatcher: agent,
        signal: AbortSignal.any([AbortSignal.timeout(ANSWER_MS), ...(signal === undefined ? [] : [signal])]),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (cause) {
      throw createError('GATEWAY_UNREACHABLE', 'the gateway did not answer; HUB_GATEWAY_URL says where it is', { cause });
    }
  };

  return {
    ask: async (source, variables = {}, signal) => {
      const url = options.url();
      if (url === undefined)
        throw createError('GATEWAY_UNREACHABLE', 'the address of the gateway is not known here; set HUB_GATEWAY_URL and start again');
      const { status, text } = await send(url, JSON.stringify({ query: source, variables }), signal);
      return readAnswer(status, text);
    },
    close: async () => agent?.close(),
  };
}

/** The token that a file holds. Rejects with GATEWAY_UNREACHABLE. */
export async function readToken(file: string): Promise<string> {
  const token = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw createError('GATEWAY_UNREACHABLE', 'the token for the gateway cannot be read; starting the hub makes it', { cause });
  });
  return token.trim();
}

function readAnswer(status: number, text: string): Record<string, unknown> {
  try {
    const { data, errors = [] } = answerShape.parse(JSON.parse(text));
    if (errors.length > 0) {
      const shown = errors.slice(0, ERRORS_SHOWN).map(({ message }) => message);
      const rest = errors.length - shown.length;
      throw createError('GATEWAY_REFUSED', `the gateway answered with errors: ${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`);
    }
    if (data) return data;
  } catch (error) {
    if (isHubError(error)) throw error;
  }
  throw createError('GATEWAY_REFUSED', `the gateway answered with status ${status} and no GraphQL response`);
}
