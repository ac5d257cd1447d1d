/** Which database errors pass by themselves, and waiting for them to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { toErrorCode, toMessage } from '../errors/errors.ts';

const passingCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  '40001',
  '40P01',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '55000',
]);
const passingText =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|server closed/i;
const firstDelayMs = 25;
const maxDelayMs = 1_000;

/** The server is gone, starting, stopping or full, or the transaction lost a race: the same call may succeed later. */
export function isPassing(error: unknown): boolean {
  if (typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors)) return error.errors.some(isPassing);
  const code = toErrorCode(error);
  return passingCodes.has(code) || code.startsWith('08') || passingText.test(toMessage(error));
}

/** Calls again, with growing pauses, while the error is one that passes; until the limit or the signal. Throws the last error. */
export async function withRetry<T>(work: () => Promise<T>, { limitMs, signal }: { limitMs: number; signal?: AbortSignal }): Promise<T> {
  const endsAt = performance.now() + limitMs;
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || signal?.aborted || performance.now() + delayMs > endsAt) throw error;
      await sleep(delayMs, undefined, signal ? { signal } : {}).catch(() => undefined);
      if (signal?.aborted) throw error;
    }
  }
}
