/**
 * Loads the plugins of HUB_PLUGINS, in their order: those of the hub by name, others from files. What cannot be used refuses the start in
 * one line. Exports `loadPlugins`.
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createError, toMessage } from '../../lib/errors/errors.ts';
import type { Log } from '../../lib/log/log.ts';
import { fromRoot } from '../../lib/paths.ts';
import { allowOperations, readAllowList } from './allow-operations.ts';
import { maskErrors } from './mask-errors.ts';
import { PluginRefusal, type Plugin, type PluginKit } from './plugin.ts';

export type PluginSettings = {
  readonly version: string;
  readonly log: Log;
  /** mask-errors: codes whose messages pass. */
  readonly shownErrors?: readonly string[] | undefined;
  /** allow-operations: its file. */
  readonly allowOperationsFile?: string | undefined;
  /** tracing: where spans are sent. */
  readonly tracesEndpoint?: string | undefined;
};

const maxPlugins = 20;
const hookNames: ReadonlySet<string> = new Set([
  'onRequest',
  'onOperation',
  'onPlan',
  'onFetch',
  'onError',
  'onAnswer',
  'stop',
] satisfies (keyof Plugin)[]);

/** Throws CONFIG_INVALID_VALUE, or CONFIG_MISSING_VALUE where a plugin lacks its setting. */
export async function loadPlugins(entries: readonly string[], settings: PluginSettings): Promise<readonly Plugin[]> {
  if (entries.length > maxPlugins) throw createError('CONFIG_INVALID_VALUE', `HUB_PLUGINS names more than ${maxPlugins} plugins.`);
  const twice = entries.find((entry, index) => entries.indexOf(entry) !== index);
  if (twice !== undefined) throw createError('CONFIG_INVALID_VALUE', `HUB_PLUGINS names ${twice} twice.`);
  const kit: PluginKit = Object.freeze({
    refusal: (code: string, message: string, status?: number) => new PluginRefusal(code, message, status),
    log: settings.log,
  });
  const plugins: Plugin[] = [];
  for (const entry of entries) plugins.push(Object.freeze(await loadPlugin(entry, settings, kit)));
  return Object.freeze(plugins);
}

async function loadPlugin(entry: string, settings: PluginSettings, kit: PluginKit): Promise<Plugin> {
  switch (entry) {
    case 'mask-errors':
      return maskErrors(settings.shownErrors ?? []);
    case 'allow-operations':
      return allowOperations(await readAllowList(demand(entry, 'HUB_ALLOW_OPERATIONS', settings.allowOperationsFile)), kit);
    case 'tracing': {
      // OpenTelemetry costs nothing where it is not wanted
      const { tracing } = await import('./tracing.ts');
      const endpoint = demand(entry, 'OTEL_EXPORTER_OTLP_ENDPOINT', settings.tracesEndpoint);
      return tracing({ endpoint, version: settings.version, log: kit.log });
    }
    default:
      return loadFile(entry, kit);
  }
}

function demand(plugin: string, variable: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw createError('CONFIG_MISSING_VALUE', `The plugin ${plugin} needs ${variable}: set it, or take ${plugin} out of HUB_PLUGINS.`);
}

async function loadFile(entry: string, kit: PluginKit): Promise<Plugin> {
  try {
    if (!/\.m?js$/.test(entry)) throw new Error('expected a file .mjs or .js, or mask-errors, allow-operations, tracing');
    const file = isAbsolute(entry) ? entry : fromRoot(entry);
    const module: unknown = await import(pathToFileURL(file).href);
    const exported: unknown = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
    return toPlugin(typeof exported === 'function' ? await Reflect.apply(exported, undefined, [kit]) : exported);
  } catch (cause) {
    throw createError('CONFIG_INVALID_VALUE', `The plugin ${entry} of HUB_PLUGINS cannot be used: ${toMessage(cause)}.`, { cause });
  }
}

/** A hook with a wrong name would never be called: for an allow-list that would be a hole. */
function toPlugin(value: unknown): Plugin {
  if (typeof value !== 'object' || value === null)
    throw new Error('its default export is no plugin: {name, …hooks}, or a function that gives one');
  const { name, ...hooks } = value as Readonly<Record<string, unknown>>; // read as what it may be, and looked at below
  if (typeof name !== 'string' || name === '') throw new Error('it has no name');
  for (const [hook, run] of Object.entries(hooks)) {
    if (!hookNames.has(hook)) throw new Error(`${hook} is no hook; hooks are ${[...hookNames].join(', ')}`);
    if (run !== undefined && typeof run !== 'function') throw new Error(`${hook} is no function`);
  }
  // Name and functions are there; what these return is looked at whenever they are called
  return { name, ...hooks };
}
