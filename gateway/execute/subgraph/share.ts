/**
 * Outermost step: reads that are equal in address, body and all that their answer may depend on (`shareKey`) and are in flight at the
 * same time become one request; `flights.ts` says what that means for those who wait. Here a StopSignal is listened to, further in it
 * is a Cancel. Exports `createShare`.
 */
import { createFlights, type FlightKey } from '../flights.ts';
import type { SubgraphFetcher, SubgraphRequest, SubgraphResponse } from '../types.ts';
import type { Step } from './step.ts';

/**
 * The headers of the request that came first are sent. Of all that make a header, only the request id and the time of signing are not in
 * the key: no answer depends on them, they stand in logs; the subgraph sees one request, under the id of the first.
 */
export function createShare(next: Step, onShared: (subgraph: string) => void): SubgraphFetcher {
  const flights = createFlights<SubgraphResponse>();
  return (request) => {
    const key = toFlightKey(request);
    let isFirst = false;
    const answer = flights.join(key, request.signal, (cancel) => {
      isFirst = true;
      return next(request, cancel);
    });
    if (!isFirst && !request.signal.aborted) onShared(request.graph.name);
    return answer;
  };
}

function toFlightKey({ graph, kind, body, shareKey = null }: SubgraphRequest): FlightKey | null {
  if (shareKey === null || kind === 'mutation') return null;
  // The length keeps the two apart, whatever stands in them. The text of a body is mostly that of the plan, whose hash is known
  return { place: `${graph.url.length}:${graph.url}${shareKey}`, text: body };
}
