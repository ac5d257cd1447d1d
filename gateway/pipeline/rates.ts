/**
 * How many requests one member may send in a time: a bucket of tokens each, which fills again with time. Stage `rate`.
 * Exports `createRates` and `limitRate`.
 */
import type { Clock } from '../../lib/clock/clock.ts';
import { createError } from '../../lib/errors/errors.ts';
import type { Principal } from '../../lib/identity/index.ts';
import type { Hub } from './hub.ts';
import type { GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';
import { isVisitorName, toWho } from './who.ts';

type Asking = {
  readonly principal: Principal;
  readonly request: Pick<GatewayRequest, 'address' | 'fromLoopback' | 'token' | 'identified'>;
};

export type Rates = {
  /** Seconds to wait; 0: the request may pass, and is counted. */
  take(asking: Asking): number;
  /** Buckets that are kept. */
  size(): number;
};

type RateOptions = {
  /** Requests a second; 0: no bound. */
  readonly perSecond: number;
  readonly exemptKinds: readonly string[];
  readonly clock: Clock;
  /** Of members, and again of visitors. */
  readonly maxBuckets?: number;
};

const usualMaxBuckets = 10_000;
/** So many seconds' worth may come at once. */
const burstSeconds = 10;

export function createRates({ perSecond, exemptKinds, clock, maxBuckets = usualMaxBuckets }: RateOptions): Rates {
  const bounds = { perSecond, capacity: perSecond * burstSeconds, clock, maxBuckets };
  // Apart, so that nobody without a token can make the gateway forget what a member has used
  const members = createBuckets(bounds);
  const visitors = createBuckets(bounds);
  return {
    take(asking) {
      if (perSecond === 0 || isExempt(asking, exemptKinds)) return 0;
      const who = toWho(asking.principal, asking.request);
      return (isVisitorName(who) ? visitors : members).take(who);
    },
    size: () => members.size() + visitors.size(),
  };
}

/** Without a token, on this machine and through no proxy, asks whoever runs it. */
function isExempt({ principal, request }: Asking, exemptKinds: readonly string[]): boolean {
  if (request.fromLoopback && request.token === null && request.identified === undefined) return true;
  return principal.kinds.some((kind) => exemptKinds.includes(kind));
}

type Bucket = { tokens: number; atMs: number };
type BucketBounds = { readonly perSecond: number; readonly capacity: number; readonly clock: Clock; readonly maxBuckets: number };

/** When there are too many, the one that was not asked for longest is forgotten. */
function createBuckets({ perSecond, capacity, clock, maxBuckets }: BucketBounds) {
  const buckets = new Map<string, Bucket>();
  return {
    size: () => buckets.size,
    take(who: string): number {
      const nowMs = clock.now().getTime();
      const bucket = buckets.get(who) ?? { tokens: capacity, atMs: nowMs };
      buckets.delete(who);
      buckets.set(who, bucket);
      const [oldest] = buckets.size > maxBuckets ? buckets.keys() : [];
      if (oldest !== undefined) buckets.delete(oldest);
      // A clock that was set back gives nothing
      const passedSeconds = Math.max(0, nowMs - bucket.atMs) / 1_000;
      bucket.tokens = Math.min(capacity, bucket.tokens + passedSeconds * perSecond);
      bucket.atMs = nowMs;
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      bucket.tokens -= 1;
      return 0;
    },
  };
}

const nothing = Object.freeze({});

export const limitRate: Stage<Asking, object, Hub> = {
  name: 'rate',
  run(asking, { rates, metrics }) {
    const retryAfterSeconds = rates.take(asking);
    if (retryAfterSeconds === 0) return nothing;
    metrics.countRateRefusal(asking.principal.memberId ?? 'visitor');
    throw createError('RATE_LIMITED', `More is asked than may be in this time: come again in ${retryAfterSeconds} s.`, {
      details: { limit: 'rate', retryAfterSeconds },
    });
  },
};
