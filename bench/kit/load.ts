/**
 * The load of the bench: connections that each send the next request when the answer before has come whole. Prints one line of JSON.
 * `node load.ts '{"port":…,"path":…,"body":…,"connections":…,"warmMs":…,"runMs":…,"count":…}'`; a nonce in the body is new in every request.
 */
import { connect } from 'node:net';
import { NONCE } from './graph.ts';
import { toRequest } from './http.ts';

export type LoadOptions = {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  readonly connections: number;
  readonly warmMs: number;
  readonly runMs: number;
  /** First nonce: no two runs share one. */
  readonly count: number;
};

export type LoadResult = {
  readonly requests: number;
  /** With those before and after the time that counts. */
  readonly all: number;
  readonly failed: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytes: number;
};

// The bench's own argument
const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const request = toRequest(options.port, options.path, options.body);
const nonceAt = request.indexOf(NONCE);
let nonce = options.count;
let counting = false;
let stopped = false;
let requests = 0;
let all = 0;
let failed = 0;
let bytes = 0;
const times: number[] = [];

function nextRequest(): string {
  if (nonceAt === -1) return request;
  nonce += 1;
  return `${request.slice(0, nonceAt)}nonce-${String(nonce).padStart(12, '0')}${request.slice(nonceAt + NONCE.length)}`;
}

/** Counts bytes: heads are read, bodies are only measured. */
function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true });
    let sentAt = 0;
    let left = 0;
    let received = 0;
    let chunked = '';
    let head = '';
    const send = (): void => {
      if (stopped) {
        socket.destroy();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(nextRequest());
    };
    const done = (): void => {
      all += 1;
      if (counting) {
        requests += 1;
        times.push(performance.now() - sentAt);
      }
      head = '';
      chunked = '';
      received = 0;
      left = 0;
      send();
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => (stopped ? resolve() : reject(new Error('connection closed'))));
    socket.on('data', (chunk: Buffer) => {
      if (counting) bytes += chunk.length;
      if (left > 0) {
        left -= chunk.length;
        if (left <= 0) done();
        return;
      }
      if (chunked !== '') {
        chunked = (chunked + chunk.toString('latin1', Math.max(0, chunk.length - 8))).slice(-8);
        if (chunked.endsWith('0\r\n\r\n')) done();
        return;
      }
      received += chunk.length;
      head += chunk.toString('latin1', 0, Math.min(chunk.length, 4_096));
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      if (!head.startsWith('HTTP/1.1 200')) {
        failed += 1;
        if (failed === 1) console.error(head.slice(0, 500));
      }
      const length = /\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end))?.[1];
      if (length === undefined) {
        chunked = chunk.toString('latin1', Math.max(0, chunk.length - 8));
        if (chunked.endsWith('0\r\n\r\n')) done();
        return;
      }
      left = Number(length) + end + 4 - received;
      if (left <= 0) done();
    });
  });
}

const closed = Promise.all(Array.from({ length: options.connections }, open));
const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
await rest(options.warmMs);
counting = true;
const from = performance.now();
await Promise.race([rest(options.runMs), closed]);
counting = false;
const seconds = (performance.now() - from) / 1_000;
stopped = true;
await Promise.race([closed, rest(2_000)]);
const sorted = times.toSorted((a, b) => a - b);
const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
const result: LoadResult = { requests, all, failed, seconds, p50Ms: at(0.5), p99Ms: at(0.99), bytes };
console.log(JSON.stringify(result));
process.exit(0);
