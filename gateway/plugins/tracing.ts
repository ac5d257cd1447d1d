/**
 * Plugin `tracing`: OpenTelemetry spans of requests, plans and fetches, sent by OTLP over HTTP. A trace that the client began (W3C
 * traceparent) goes on here and in the subgraphs. No attribute ever holds a variable, a token, a literal or a message. Exports `tracing`.
 */
import {
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Plugin, PluginKit, PluginRequest } from './plugin.ts';

export type TracingOptions = {
  /** OTEL_EXPORTER_OTLP_ENDPOINT: `/v1/traces` is added. */
  readonly endpoint: string;
  readonly version: string;
  readonly log: PluginKit['log'];
};

/** Spans that wait to be sent; further ones are dropped. */
const maxWaiting = 2_048;
const maxInOneExport = 512;
const exportDelayMs = 2_000;
const exportLimitMs = 5_000;
const maxExportsAtATime = 2;
/** For the spans that wait when the gateway stops. */
const flushLimitMs = 800;
const maxAttributeLength = 256;

type Open = { readonly span: Span; readonly context: Context; planning: Span | null };

export function tracing({ endpoint, version, log }: TracingOptions): Plugin {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.endsWith('/') ? endpoint.slice(0, -1) : endpoint}/v1/traces`,
    timeoutMillis: exportLimitMs,
    concurrencyLimit: maxExportsAtATime,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'gateway', 'service.version': version }),
    spanLimits: { attributeValueLengthLimit: maxAttributeLength },
    spanProcessors: [
      new BatchSpanProcessor(tellFailures(exporter, log), {
        maxQueueSize: maxWaiting,
        maxExportBatchSize: maxInOneExport,
        scheduledDelayMillis: exportDelayMs,
        exportTimeoutMillis: exportLimitMs,
      }),
    ],
  });
  return { ...createHooks(provider.getTracer('industry-router', version)), stop: () => within(provider.shutdown(), flushLimitMs) };
}

function createHooks(tracer: Tracer): Plugin {
  const open = new WeakMap<PluginRequest, Open>();
  const endPlanning = (of: Open) => {
    of.planning?.end();
    of.planning = null;
  };
  return {
    name: 'tracing',
    onRequest(request) {
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER, attributes: { 'request.id': request.id } }, readParent(request));
      open.set(request, { span, context: trace.setSpan(ROOT_CONTEXT, span), planning: null });
    },
    onOperation(request, { name, kind, sha256 }) {
      const of = open.get(request);
      if (!of) return;
      of.span.updateName(name === null ? kind : `${kind} ${name}`);
      of.span.setAttributes({ 'graphql.operation.type': kind, 'graphql.operation.hash': sha256 });
      if (name !== null) of.span.setAttribute('graphql.operation.name', name);
      of.planning = tracer.startSpan('plan', {}, of.context);
    },
    onPlan(request, { fetches, levels, known }) {
      const of = open.get(request);
      of?.planning?.setAttributes({ 'plan.fetches': fetches, 'plan.levels': levels, 'plan.known': known });
      if (of) endPlanning(of);
    },
    onFetch(request, { subgraph, kind }) {
      const of = open.get(request);
      if (!of) return undefined;
      const attributes = { 'subgraph.name': subgraph, 'graphql.operation.type': kind };
      const span = tracer.startSpan(`fetch ${subgraph}`, { kind: SpanKind.CLIENT, attributes }, of.context);
      return {
        headers: toHeaders(span.spanContext()),
        after({ status, code, bytes }) {
          if (status !== null) span.setAttributes({ 'http.response.status_code': status, 'http.response.body.size': bytes });
          if (code !== null) span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    onAnswer(request, { status, errorCodes, kind }) {
      const of = open.get(request);
      if (!of) return;
      endPlanning(of);
      const [first] = errorCodes;
      of.span.setAttributes({ 'http.response.status_code': status, 'answer.kind': kind, 'answer.errors': errorCodes.length });
      if (first !== undefined) of.span.setAttribute('error.type', first);
      if (kind !== 'data') of.span.setStatus({ code: SpanStatusCode.ERROR });
      of.span.end();
      open.delete(request);
    },
  };
}

/** https://www.w3.org/TR/trace-context/#traceparent-header, version 00 and what later ones keep of it. */
const traceparent = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

function readParent({ header }: PluginRequest): Context {
  const [, traceId, spanId, flags] = traceparent.exec(header('traceparent') ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const state = header('tracestate');
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: createTraceState(state) }),
  };
  return isSpanContextValid(context) ? trace.setSpanContext(ROOT_CONTEXT, context) : ROOT_CONTEXT;
}

function toHeaders({ traceId, spanId, traceFlags, traceState }: SpanContext): Record<string, string> {
  const state = traceState?.serialize() ?? '';
  const header = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  return state === '' ? { traceparent: header } : { traceparent: header, tracestate: state };
}

/** The SDK keeps failures to itself. Told when sending begins to fail, and when it works again. */
function tellFailures(exporter: SpanExporter, log: PluginKit['log']): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const fails = result.code !== 0;
        if (fails && !failing)
          log.warn({ spans: spans.length, reason: result.error?.name ?? 'unknown' }, 'spans cannot be sent: they are lost');
        if (!fails && failing) log.info({}, 'spans can be sent again');
        failing = fails;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
