/**
 * What of a client travels on to a subgraph: nothing but what is listed for that subgraph. Headers as the client sent them, claims of a
 * foreign issuer inside the internal token. Exports `createForwarding` and `assertForwardable`.
 */
import { createError } from '../../lib/errors/errors.ts';

/** Subgraph name → names. */
export type AllowLists = Readonly<Record<string, readonly string[]>>;

export type Forwarding = {
  /** Headers for the subgraph, with lower-case names, in the order of the list. */
  headersFor(subgraph: string, header: HeaderLookup | undefined): Readonly<Record<string, string>>;
  /** Of all headers that travel on to some subgraph. */
  names(): readonly string[];
  /** Claims that the subgraph may see. */
  claimsFor(subgraph: string): readonly string[];
};

/** A header of the client's request by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/** Of one connection, or written by the hub itself. */
const neverForwarded: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'accept',
  'accept-encoding',
  'content-type',
  'content-length',
  'content-encoding',
]);
const internalPrefix = 'ir-';
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Other characters have no one meaning in a header (RFC 9110, 5.5): such a header does not travel. */
const headerValue = /^[\t\x20-\x7e]*$/;
/** All forwarded headers of one request, names and values; beyond it none travels. */
const maxForwardedLength = 8_192;

/** Throws CONFIG_INVALID_VALUE. */
export function assertForwardable(headers: AllowLists): void {
  for (const name of Object.values(headers).flat()) {
    const lower = name.toLowerCase();
    if (headerName.test(lower) && !neverForwarded.has(lower) && !lower.startsWith(internalPrefix)) continue;
    throw createError('CONFIG_INVALID_VALUE', `HUB_FORWARD_HEADERS names ${name}, which never travels on. Take it out.`);
  }
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});
const noClaims: readonly string[] = Object.freeze([]);

export function createForwarding(headers: AllowLists, claims: AllowLists): Forwarding {
  assertForwardable(headers);
  const names = new Map(
    Object.entries(headers).map(([subgraph, list]) => [subgraph, [...new Set(list.map((name) => name.toLowerCase()))]]),
  );
  const all = [...new Set([...names.values()].flat())];
  const allowed = new Map(Object.entries(claims).map(([subgraph, list]) => [subgraph, [...new Set(list)].toSorted()]));
  return {
    headersFor(subgraph, header) {
      const list = names.get(subgraph);
      if (!list || !header) return noHeaders;
      const found = list.flatMap((name): [string, string][] => {
        const value = header(name);
        return value === undefined || !headerValue.test(value) ? [] : [[name, value]];
      });
      const length = found.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
      return length > maxForwardedLength ? {} : Object.fromEntries(found);
    },
    names: () => all,
    claimsFor: (subgraph) => allowed.get(subgraph) ?? noClaims,
  };
}
