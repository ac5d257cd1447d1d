/**
 * Which addresses a subgraph may have. http(s) only; addresses at which a machine's cloud gives away its secrets, and link-local ones,
 * never. Loopback and private ones may stand in a supergraph file of this machine. Exports `assertRoutingUrl`.
 */
import { BlockList, isIP } from 'node:net';
import { createError } from '../../../lib/errors/errors.ts';

const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('224.0.0.0', 3, 'ipv4');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('168.63.129.16', 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('::', 'ipv6');
const refusedNames = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal']);

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

/** `hostname` as in a URL: lower case, IPv4 in dotted form whatever its spelling was, IPv6 in brackets. */
function isRefusedHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const family = isIP(host);
  if (family === 0) return refusedNames.has(host);
  return refused.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
