/**
 * Which addresses a subgraph may have. http(s) only; addresses at which a machine's cloud gives away its secrets, and link-local ones,
 * never. Loopback and private ones may stand in a supergraph file of this machine. Exports `assertRoutingUrl`.
 */
import { createError } from '../../../lib/errors/errors.ts';
import { isRefusedHost } from '../../execute/index.ts';

/** Throws SUPERGRAPH_INVALID. An empty URL passes: such a graph gets its URL elsewhere, or cannot be called. */
export function assertRoutingUrl(graphName: string, text: string): void {
  if (text === '') return;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) throw createError('SUPERGRAPH_INVALID', `The URL of subgraph ${graphName} is not a URL.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw createError(
      'SUPERGRAPH_INVALID',
      `The URL of subgraph ${graphName} begins with ${url.protocol}// where http:// or https:// is expected.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw createError('SUPERGRAPH_INVALID', `The URL of subgraph ${graphName} holds a user or password. Take it out.`);
  }
  if (!isRefusedHost(url.hostname)) return;
  throw createError('SUPERGRAPH_INVALID', `The URL of subgraph ${graphName} leads to ${url.hostname}, where no subgraph may be.`);
}
