/**
 * Who may send a request at all: allowed names in `Host` (against DNS rebinding) and the rules against requests that another site
 * makes a browser send. The hub never authenticates by cookie. Exports `createSenderCheck`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { createError } from '../../lib/errors/errors.ts';
import { remember } from './remember.ts';

export type SenderRules = {
  /** Names or addresses without port, besides the loopback ones. */
  readonly allowedHosts: readonly string[];
  /** Exact origins, `https://app.example.com`. */
  readonly allowedOrigins: readonly string[];
};

export type SenderCheck = {
  /** Throws HOST_REFUSED. */
  assertHost(headers: IncomingHttpHeaders): void;
  /** Throws CSRF_PREVENTED when a GET that runs an operation could have been sent by a foreign page. */
  assertReadFromHere(headers: IncomingHttpHeaders): void;
  /** Throws CSRF_PREVENTED when the request names an origin that is neither our own nor allowed. */
  assertOrigin(headers: IncomingHttpHeaders): void;
  /** The origin to name in Access-Control-Allow-Origin, or null. */
  allowedOrigin(headers: IncomingHttpHeaders): string | null;
};

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];
const foreignSites = new Set(['cross-site', 'same-site']);

export function createSenderCheck({ allowedHosts, allowedOrigins }: SenderRules): SenderCheck {
  const hosts = new Set([...loopbackNames, ...allowedHosts.map(toHostName)]);
  const isOurs = remember((host) => hosts.has(toHostName(host)));
  const origins = new Set(allowedOrigins);
  const allowedOrigin = ({ origin }: IncomingHttpHeaders) => (origin !== undefined && origins.has(origin) ? origin : null);
  return {
    assertHost({ host }) {
      if (isOurs(host)) return;
      throw createError('HOST_REFUSED', 'The request names a host that is not ours. Add the name to HUB_ALLOWED_HOSTS if it is.');
    },
    assertReadFromHere(headers) {
      if (allowedOrigin(headers) !== null) return;
      const site = headers['sec-fetch-site'];
      if (headers.origin === undefined && !(typeof site === 'string' && foreignSites.has(site))) return;
      throw createError(
        'CSRF_PREVENTED',
        'A page of another site may not send this by GET. Use POST, or add its origin to HUB_ALLOWED_ORIGINS.',
      );
    },
    assertOrigin(headers) {
      if (headers.origin === undefined || allowedOrigin(headers) !== null || isSameOrigin(headers)) return;
      throw createError('CSRF_PREVENTED', 'A page of another site may not send this. Add its origin to HUB_ALLOWED_ORIGINS.');
    },
    allowedOrigin,
  };
}

/** Behind a proxy that ends TLS the page's origin says https while we speak http: the host alone is compared. */
function isSameOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** `Example.com:4000` → `example.com`; `[::1]:4000` → `[::1]`; `::1` → `[::1]`. */
function toHostName(host: string): string {
  const name = host.trim().toLowerCase();
  if (name.startsWith('[')) return name.slice(0, name.indexOf(']') + 1);
  if (name.split(':').length > 2) return `[${name}]`;
  return name.replace(/:\d*$/, '').replace(/\.$/, '');
}
