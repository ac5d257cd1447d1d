/**
 * What is equal and runs at the same time runs once, and all who wait get the same object. One who goes away does not end it for the
 * others; when all have gone it is ended. Exports `createFlights`.
 */
import { toStopReason, type StopSignal } from './stop.ts';
import { Cancel } from './subgraph/cancel.ts';

/** Both parts must be equal. Two, because a long text whose hash is known is a cheaper key than one put together each time. */
export type FlightKey = { readonly place: string; readonly text: string };

export type Flights<Result extends object> = {
  /** A key of null shares with nobody. Rejects with the reason of the signal, or with that of the work. */
  join(key: FlightKey | null, signal: StopSignal, begin: (cancel: Cancel) => Promise<Result>): Promise<Result>;
};

/** How many run at a time is bounded by the work itself. `begin` is called at once, or not at all. */
export function createFlights<Result extends object>(): Flights<Result> {
  const flights = new Map<string, Map<string, Flight<Result>>>();

  const find = (key: FlightKey, begin: (cancel: Cancel) => Promise<Result>): Flight<Result> => {
    const here = flights.get(key.place) ?? new Map<string, Flight<Result>>();
    const known = here.get(key.text);
    if (known !== undefined && !known.cancel.cancelled) return known;
    const fresh: Flight<Result> = new Flight(begin, () => {
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
        if (signal.aborted) return reject(toStopReason(signal.reason));
        const flight = key === null ? new Flight(begin, null) : find(key, begin);
        const leave = (): void => {
          flight.leave(waiter, signal.reason);
          reject(toStopReason(signal.reason));
        };
        const waiter: Waiter<Result> = { resolve, reject, signal, leave };
        flight.waiters.push(waiter);
        signal.addEventListener('abort', leave);
      }),
  };
}

type Waiter<Result> = {
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: StopSignal;
  readonly leave: () => void;
};

class Flight<Result extends object> {
  readonly cancel = new Cancel();
  waiters: Waiter<Result>[] = [];

  constructor(begin: (cancel: Cancel) => Promise<Result>, onSettled: (() => void) | null) {
    begin(this.cancel).then(
      (result) => {
        onSettled?.();
        for (const { resolve } of this.#land()) resolve(result);
      },
      (reason: unknown) => {
        onSettled?.();
        for (const { reject } of this.#land()) reject(toStopReason(reason));
      },
    );
  }

  leave(waiter: Waiter<Result>, reason: unknown): void {
    this.waiters = this.waiters.filter((one) => one !== waiter);
    if (this.waiters.length === 0) this.cancel.cancel(reason);
  }

  /** Those who waited to the end. */
  #land(): readonly Waiter<Result>[] {
    for (const { signal, leave } of this.waiters) signal.removeEventListener('abort', leave);
    return this.waiters;
  }
}
