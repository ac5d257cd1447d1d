/**
 * What a plugin is: a name, and functions on named moments of a request, each of them optional. For authors of plugins; docs/plugins.md
 * shows one. Exports `Plugin` with what its hooks are given, `PluginKit`, `PluginRefusal`.
 */
import type { Log } from '../../lib/log/log.ts';

/** One request: the same object in every hook, so that a WeakMap may keep what a plugin knows of it. All inputs are frozen. */
export type PluginRequest = {
  readonly id: string;
  /** The transport may only read: GET. */
  readonly readOnly: boolean;
  /** A header of the client by its lower-case name; never one that holds a token or a cookie. */
  readonly header: (name: string) => string | undefined;
};

/** The operation after all checks of the document, and before it is planned. */
export type PluginOperation = {
  readonly name: string | null;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** SHA-256 of the text as it was sent, 64 hex digits. */
  readonly sha256: string;
  readonly member: string | null;
  readonly kinds: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
};

export type PluginPlan = { readonly fetches: number; readonly levels: number; readonly known: boolean };

export type PluginFetch = { readonly subgraph: string; readonly kind: 'query' | 'mutation' };

/** `code`: null when an answer came, whatever is in it. */
export type PluginFetchEnd = { readonly status: number | null; readonly code: string | null; readonly bytes: number };

export type PluginFetchWatch = {
  /** Only those of `traceHeaders`: an answer cannot depend on them, so that it may be shared. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly after?: ((end: PluginFetchEnd) => void) | undefined;
};

export type PluginError = {
  readonly message: string;
  readonly code: string;
  /** The subgraph that it comes from; null: the hub itself. */
  readonly subgraph: string | null;
  readonly path: readonly (string | number)[];
};

export type PluginErrorChange = { readonly message: string; readonly code?: string | undefined };

export type PluginAnswer = {
  readonly kind: 'data' | 'refused' | 'failed';
  readonly status: number;
  readonly errorCodes: readonly string[];
  readonly bytes: number;
  readonly ms: number;
};

export type Plugin = {
  readonly name: string;
  /** Before anything else is done. May refuse. */
  readonly onRequest?: ((request: PluginRequest) => void | Promise<void>) | undefined;
  /** May refuse. */
  readonly onOperation?: ((request: PluginRequest, operation: PluginOperation) => void | Promise<void>) | undefined;
  /** Told. */
  readonly onPlan?: ((request: PluginRequest, plan: PluginPlan) => void) | undefined;
  /** Before a request to a subgraph. May refuse it: then its fields are null, with this error. */
  readonly onFetch?: ((request: PluginRequest, fetch: PluginFetch) => PluginFetchWatch | undefined) | undefined;
  /** Each error of an answer on its way to the client; undefined leaves it as it is. */
  readonly onError?: ((request: PluginRequest, error: PluginError) => PluginErrorChange | undefined) | undefined;
  /** Told, also of a request that was refused. */
  readonly onAnswer?: ((request: PluginRequest, answer: PluginAnswer) => void) | undefined;
  /** When the gateway stops, after the last answer. */
  readonly stop?: (() => void | Promise<void>) | undefined;
};

/** Given to a plugin that is a function. `refusal` makes what a hook throws to refuse. */
export type PluginKit = {
  readonly refusal: (code: string, message: string, status?: number) => PluginRefusal;
  readonly log: Pick<Log, 'debug' | 'info' | 'warn' | 'error'>;
};

/** The default export of a plugin's file. */
export type PluginExport = Plugin | ((kit: PluginKit) => Plugin | Promise<Plugin>);

export const traceHeaders: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

const codeShape = /^[A-Z][A-Z0-9_]{0,63}$/;

export function isCode(value: unknown): value is string {
  return typeof value === 'string' && codeShape.test(value);
}

/** Thrown by a hook: the client is told this code and this message, with this HTTP status. */
export class PluginRefusal extends Error {
  override readonly name = 'PluginRefusal';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 403) {
    super(message);
    if (!isCode(code)) throw new TypeError('the code of a refusal is of capital letters, digits and underscores, at most 64');
    if (!Number.isInteger(status) || status < 400 || status > 599) throw new TypeError('the status of a refusal is from 400 to 599');
    this.code = code;
    this.status = status;
  }
}
