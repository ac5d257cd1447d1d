/**
 * What is equal and runs at the same time runs once, and all who wait get the same object. One who goes away does not end it for the
 * others; when all have gone it is ended. Exports `createFlights`.
 */
import { Cancel } from './subgraph/cancel.ts';

/** Both parts must be equal. Two, because a long text whose hash is known is a cheaper key than one put together each time. */
export type FlightKey = { readonly place: string; readonly text: string };

export type Flights<Result extends object> = {
  /** A key of null shares with nobody. Rejects with the reason of the signal, or with that of the work. */
  join(key: FlightKey | null, signal: AbortSignal, begin: (cancel: Cancel) => Promise<Result>): Promise<Result>;
};

type Waiter<Result> = { readonly resolve: (result: Result) => void; readonly reject: (reason: unknown) => void };
type Flight<Result> = { readonly cancel: Cancel; readonly waiters: Set<Waiter<Result>> };

/** How many run at a time is bounded by the work itself. `begin` is called at once, or not at all. */
export function createFlights<Result extends object>(): Flights<Result> {
  const flights = new Map<string, Map<string, Flight<Result>>>();

  const start = (begin: (cancel: Cancel) => Promise<Result>, onSettled: () => void): Flight<Result> => {
    const flight: Flight<Result> = { cancel: new Cancel(), waiters: new Set() };
    begin(flight.cancel).then(
      (result) => {
        onSettled();
        for (const { resolve } of flight.waiters) resolve(result);
      },
      (reason: unknown) => {
        onSettled();
        for (const { reject } of flight.waiters) reject(reason);
      },
    );
    return flight;
  };

  const find = (key: FlightKey, begin: (cancel: Cancel) => Promise<Result>): Flight<Result> => {
    const here = flights.get(key.place) ?? new Map<string, Flight<Result>>();
    const known = here.get(key.text);
    if (known !== undefined && !known.cancel.cancelled) return known;
    const fresh: Flight<Result> = start(begin, () => {
      if (here.get(key.text) !== fresh) return;
      here.delete(key.text);
      if (here.size === 0) flights.delete(key.place);
    });
    here.set(key.text, fresh);
    flights.set(key.place, here);
    return fresh;
  };

  return {
    join: (key, signal, begin) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(toReason(signal));
        const { cancel, waiters } = key === null ? start(begin, () => undefined) : find(key, begin);
        const stays = listenersOf(signal);
        const leave = () => {
          waiters.delete(waiter);
          reject(toReason(signal));
          if (waiters.size === 0) cancel.cancel(signal.reason);
        };
        const waiter: Waiter<Result> = {
          resolve(result) {
            stays.delete(leave);
            resolve(result);
          },
          reject(reason) {
            stays.delete(leave);
            reject(toError(reason));
          },
        };
        waiters.add(waiter);
        stays.add(leave);
      }),
  };
}

/** The fetches of one operation have one signal: it is listened to once, because that costs as much as the rest of waiting. */
const listeners = new WeakMap<AbortSignal, Set<() => void>>();

function listenersOf(signal: AbortSignal): Set<() => void> {
  const known = listeners.get(signal);
  if (known !== undefined) return known;
  const fresh = new Set<() => void>();
  listeners.set(signal, fresh);
  signal.addEventListener('abort', () => fresh.forEach((leave) => leave()), { once: true });
  return fresh;
}

function toReason(signal: AbortSignal): Error {
  return toError(signal.reason);
}

function toError(reason: unknown): Error {
  // Not by instanceof alone: errors made by Node itself are of another realm when the code runs in a vm context, as under jest
  return reason instanceof Error || (typeof reason === 'object' && reason !== null && 'message' in reason)
    ? // It has a message, which is all that anybody reads
      (reason as Error)
    : new Error('ended', { cause: reason });
}
