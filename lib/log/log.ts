/**
 * Logs: one JSON object per line, or short lines for a terminal. Request ids travel by child loggers: log.child({requestId}).
 * Secrets are hidden on the way out (redact.ts), so no caller has to think of it.
 */
import pino from 'pino';
import { toLine } from './lines.ts';
import { redactFields, redactText, toBounded } from './redact.ts';

export type LogMethod = {
  (message: string): void;
  (fields: object, message?: string): void;
};

export type Log = {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  child(fields: Record<string, unknown>): Log;
  /**
   * An info line that is written for every request, so it must cost little: `fields` is JSON text that begins with a comma
   * (`,"status":200`). What a client sent may only stand in it as a short word; secrets are looked for as everywhere. Lines are handed
   * to the stream together, once a turn of the event loop.
   */
  readonly line?: (fields: string, message: string) => void;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFormat = 'json' | 'lines';
export type LogStream = { write(text: string): unknown };

export type LogOptions = {
  service: string;
  level?: LogLevel;
  format?: LogFormat;
  /** Where the lines go; by default standard output. */
  stream?: LogStream;
};

/** A pino logger: it can be given to fastify (`loggerInstance`) too. */
export function createLog({
  service,
  level = 'info',
  format = 'json',
  stream = process.stdout,
}: LogOptions): pino.Logger & Pick<Log, 'line'> {
  const logger = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: redactEntry },
      serializers: { err: asIs, req: toRequestFields, res: toResponseFields },
      hooks: {
        logMethod(args, method) {
          // what a caller hands in stays what pino takes: only its texts are cut
          method.apply(this, args.map((arg: unknown) => (typeof arg === 'string' ? toBounded(arg) : arg)) as typeof args);
        },
      },
    },
    { write: (json) => stream.write(format === 'lines' ? toLine(redactText(json)) : redactText(json)) },
  );
  const line = logger.isLevelEnabled('info') ? createLineWriter({ service, format, stream }) : ignoreLine;
  return Object.assign(hideChildFields(logger), { line });
}

const ignoreLine = (): void => undefined;

/** So many lines are written at once, at the latest. */
const maxLinesTogether = 1_000;

function createLineWriter({
  service,
  format,
  stream,
}: Required<Pick<LogOptions, 'service' | 'format' | 'stream'>>): (fields: string, message: string) => void {
  const begin = `{"level":30,"time":"`;
  const end = `","service":${JSON.stringify(service)}`;
  let waiting: string[] = [];
  let lastMs = 0;
  let lastTime = '';
  const toTime = (): string => {
    const nowMs = Date.now();
    if (nowMs !== lastMs) lastTime = new Date(nowMs).toISOString();
    lastMs = nowMs;
    return lastTime;
  };
  const flush = (): void => {
    const lines = waiting;
    waiting = [];
    if (lines.length === 0) return;
    stream.write(redactText(format === 'lines' ? lines.map(toLine).join('') : lines.join('')));
  };
  return (fields, message) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push(`${begin}${toTime()}${end}${fields},"msg":"${message}"}\n`);
    if (waiting.length >= maxLinesTogether) flush();
  };
}

/** Pino does not run its formatters over the fields of child loggers. Children inherit from their parent, so this holds for all. */
function hideChildFields(logger: pino.Logger): pino.Logger {
  const createChild = logger.child;
  logger.child = function child<Levels extends string = never>(
    this: pino.Logger,
    fields: pino.Bindings,
    options?: pino.ChildLoggerOptions<Levels>,
  ): pino.Logger<Levels> {
    return Reflect.apply(createChild, this, [redactFields(fields), options]);
  };
  return logger;
}

/** Requests and responses of an HTTP server are left to their serializers. */
function redactEntry({ req, res, ...fields }: Record<string, unknown>): Record<string, unknown> {
  return { ...redactFields(fields), ...(req === undefined ? {} : { req }), ...(res === undefined ? {} : { res }) };
}

const asIs = (value: unknown): unknown => value;

/** Never the query string: it may hold variables. */
function toRequestFields(request: { method?: string; url?: string }): object {
  return { method: request.method, path: request.url?.split('?')[0] };
}

function toResponseFields(response: { statusCode?: number }): object {
  return { status: response.statusCode };
}

const nothing: LogMethod = () => undefined;

/** A log that writes nothing: for tests and tools. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLog };
