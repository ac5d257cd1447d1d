/**
 * The plugins as the pipeline sees them: one object with a function for each moment. Here inputs are frozen, times limited and return
 * values looked at; what a hook throws is told in the log with the plugin's name. Exports `createPlugins`.
 *
 * A hook that fails refuses the request (onRequest, onOperation) or the one fetch (onFetch), or masks the one error (onError); what is
 * only told changes nothing when it fails: the answer is there, and a mutation is done.
 */
import { createError, toMessage } from '../../lib/errors/errors.ts';
import type { Log } from '../../lib/log/log.ts';
import {
  isCode,
  PluginRefusal,
  traceHeaders,
  type Plugin,
  type PluginAnswer,
  type PluginError,
  type PluginFetch,
  type PluginFetchEnd,
  type PluginOperation,
  type PluginPlan,
  type PluginRequest,
} from './plugin.ts';

export type Plugins = {
  /** Throws PluginRefusal, or INTERNAL. */
  onRequest(request: PluginRequest): Promise<void>;
  onOperation(request: PluginRequest, toOperation: () => PluginOperation): Promise<void>;
  onPlan(request: PluginRequest, plan: PluginPlan): void;
  /** Null: nobody watches fetches. */
  readonly onFetch: ((request: PluginRequest, fetch: PluginFetch) => FetchWatch) | null;
  /** Null: errors pass as they are. */
  readonly onError: ((request: PluginRequest, error: PluginError) => MappedError) | null;
  onAnswer(request: PluginRequest, answer: PluginAnswer): void;
  stop(): Promise<void>;
};

type FetchWatch = { readonly headers: Readonly<Record<string, string>>; readonly after: (end: PluginFetchEnd) => void };

/** `failed`: a plugin threw, and nothing of this error may be shown. */
export type MappedError = { readonly message: string; readonly code: string } | 'failed';

type HookName = Exclude<keyof Plugin, 'name'>;
type Hooked<Name extends HookName> = Plugin & { readonly [Hook in Name]: NonNullable<Plugin[Hook]> };

/** For one call of a hook that may wait. */
export const hookLimitMs = 1_000;
/** All plugins together get no more for stopping. */
export const pluginsStopLimitMs = 5_000;
const maxHeaderLength = 8_192;
const headerValue = /^[\t\x20-\x7e]*$/;

export type PluginsOptions = { readonly log: Log; readonly limitMs?: number };

/** Null without plugins: then the pipeline does nothing for them. */
export function createPlugins(plugins: readonly Plugin[], { log, limitMs = hookLimitMs }: PluginsOptions): Plugins | null {
  if (plugins.length === 0) return null;
  const fail = (plugin: string, hook: HookName, error: unknown) => log.error({ plugin, hook, reason: toMessage(error) }, 'a plugin failed');
  const toThrown = (plugin: string, hook: HookName, error: unknown): Error => {
    if (error instanceof PluginRefusal) return error;
    fail(plugin, hook, error);
    return createError('INTERNAL', `The plugin ${plugin} failed in ${hook}.`, { cause: error });
  };
  const call = async (plugin: string, hook: HookName, run: () => void | Promise<void>): Promise<void> => {
    try {
      await inTime(run, limitMs);
    } catch (error) {
      throw toThrown(plugin, hook, error);
    }
  };
  const tell = (plugin: string, hook: HookName, run: () => unknown): void => {
    try {
      const returned = run();
      if (returned instanceof Promise) returned.catch((error: unknown) => fail(plugin, hook, error));
    } catch (error) {
      fail(plugin, hook, error);
    }
  };
  const on = withHook(plugins, 'onRequest');
  const onOperation = withHook(plugins, 'onOperation');
  const onPlan = withHook(plugins, 'onPlan');
  const onAnswer = withHook(plugins, 'onAnswer');
  return {
    async onRequest(request) {
      for (const plugin of on) await call(plugin.name, 'onRequest', () => plugin.onRequest(request));
    },
    async onOperation(request, toOperation) {
      if (onOperation.length === 0) return;
      const operation = Object.freeze(toOperation());
      for (const plugin of onOperation) await call(plugin.name, 'onOperation', () => plugin.onOperation(request, operation));
    },
    onPlan(request, plan) {
      const frozen = Object.freeze(plan);
      for (const plugin of onPlan) tell(plugin.name, 'onPlan', () => plugin.onPlan(request, frozen));
    },
    onFetch: createFetchHook(withHook(plugins, 'onFetch'), { toThrown, tell }),
    onError: createErrorHook(withHook(plugins, 'onError'), fail),
    onAnswer(request, answer) {
      const frozen = Object.freeze(answer);
      for (const plugin of onAnswer) tell(plugin.name, 'onAnswer', () => plugin.onAnswer(request, frozen));
    },
    async stop() {
      for (const plugin of withHook(plugins, 'stop').toReversed()) {
        try {
          await inTime(() => plugin.stop(), limitMs);
        } catch (error) {
          fail(plugin.name, 'stop', error);
        }
      }
    },
  };
}

function withHook<Name extends HookName>(plugins: readonly Plugin[], name: Name): Hooked<Name>[] {
  return plugins.filter((plugin): plugin is Hooked<Name> => plugin[name] !== undefined);
}

async function inTime(run: () => void | Promise<void>, limitMs: number): Promise<void> {
  const running = run();
  // Most hooks return at once, and then no timer is made
  if (!isThenable(running)) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A promise may be of another realm, or of the author's own making. */
function isThenable(value: unknown): value is PromiseLike<void> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

type Told = {
  readonly toThrown: (plugin: string, hook: HookName, error: unknown) => Error;
  readonly tell: (plugin: string, hook: HookName, run: () => unknown) => void;
};

function createFetchHook(plugins: readonly Hooked<'onFetch'>[], { toThrown, tell }: Told): Plugins['onFetch'] {
  if (plugins.length === 0) return null;
  return (request, fetch) => {
    const frozen = Object.freeze(fetch);
    const headers = new Map<string, string>();
    const afters: (() => void)[] = [];
    let end: PluginFetchEnd | null = null;
    for (const plugin of plugins) {
      try {
        const watch = readWatch(plugin.onFetch(request, frozen));
        for (const [name, value] of watch.headers) headers.set(name, value);
        const { after } = watch;
        if (after) afters.push(() => tell(plugin.name, 'onFetch', () => Reflect.apply(after, undefined, [end])));
      } catch (error) {
        throw toThrown(plugin.name, 'onFetch', error);
      }
    }
    return {
      headers: Object.fromEntries(headers),
      after(found) {
        end = Object.freeze(found);
        for (const after of afters) after();
      },
    };
  };
}

type ReadWatch = { readonly headers: readonly (readonly [string, string])[]; readonly after: ((...args: never[]) => unknown) | undefined };

function readWatch(value: unknown): ReadWatch {
  if (value === undefined) return { headers: [], after: undefined };
  if (typeof value !== 'object' || value === null || isThenable(value)) throw new Error('expected nothing or {headers, after}');
  const headers: unknown = 'headers' in value ? (value.headers ?? {}) : {};
  const after: unknown = 'after' in value ? value.after : undefined;
  if (typeof headers !== 'object' || headers === null) throw new Error('headers is no object');
  if (after !== undefined && typeof after !== 'function') throw new Error('after is no function');
  const entries = Object.entries(headers).map(([name, text]: [string, unknown]) => toHeader(name, text));
  // It is a function by now: it is called with what the type in plugin.ts says, and what it returns is not looked at
  return { headers: entries, after: after as ReadWatch['after'] };
}

function toHeader(name: string, value: unknown): readonly [string, string] {
  if (!traceHeaders.has(name)) throw new Error(`a plugin may add the headers ${[...traceHeaders].join(', ')} only`);
  if (typeof value === 'string' && value.length <= maxHeaderLength && headerValue.test(value)) return [name, value];
  throw new Error(`the header ${name} is no text that may stand in a header`);
}

function createErrorHook(
  plugins: readonly Hooked<'onError'>[],
  fail: (plugin: string, hook: HookName, error: unknown) => void,
): Plugins['onError'] {
  if (plugins.length === 0) return null;
  return (request, error) => {
    let now: PluginError = Object.freeze({ ...error, path: Object.freeze([...error.path]) });
    for (const plugin of plugins) {
      try {
        now = changeError(now, plugin.onError(request, now));
      } catch (thrown) {
        fail(plugin.name, 'onError', thrown);
        return 'failed';
      }
    }
    return now;
  };
}

function changeError(error: PluginError, change: unknown): PluginError {
  if (change === undefined) return error;
  if (typeof change !== 'object' || change === null) throw new Error('expected nothing or {message, code}');
  const message: unknown = 'message' in change ? change.message : undefined;
  const code: unknown = ('code' in change ? change.code : undefined) ?? error.code;
  if (typeof message !== 'string') throw new Error('message is no text');
  if (code !== error.code && !isCode(code)) throw new Error('code is of capital letters, digits and underscores, at most 64');
  return Object.freeze({ ...error, message, code: String(code) });
}
