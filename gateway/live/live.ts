/**
 * The live core: takes subscriptions that have passed the pipeline, and carries each from event to event until its client goes. Exports
 * `createLive`.
 *
 *   client.ts          what doors and the core say to each other
 *   topics.ts          the streams, read once for all
 *   event-graph.ts     the events of a field as a graph of their own      live-plan.ts   what is asked of whom for each batch
 *   cohort-book.ts     who sees the same; cohort.ts reads, resolves (resolve-events.ts, split-items.ts) and keeps (frame-log.ts)
 *   session.ts         one client's subscription; outlet.ts what it still has to get; encoder.ts bytes; cursor.ts where it stands
 *   budgets.ts         what may wait for all of them
 */
import { createHash } from 'node:crypto';
import { createError, isHubError, type ErrorCode } from '../../lib/errors/errors.ts';
import type { Feed } from '../../lib/feed/index.ts';
import type { Principal } from '../../lib/identity/index.ts';
import type { HeaderLookup } from '../pipeline/forwarding.ts';
import type { Hub } from '../pipeline/hub.ts';
import { toExpiryMs } from '../pipeline/identify.ts';
import type { GatewayRequest } from '../pipeline/request.ts';
import type { Asked, CheckedOperation, Subscription } from '../pipeline/subscription.ts';
import type { LoadedGraph } from '../pipeline/supergraph/loaded-graph.ts';
import { findTooSlow } from './budgets.ts';
import type { Live, LiveClient } from './client.ts';
import { createCohortBook } from './cohort-book.ts';
import { createCursors, type Family } from './cursor.ts';
import { planLive, type LivePlan } from './live-plan.ts';
import type { Delivery } from './outlet.ts';
import { Session } from './session.ts';
import { createTopics } from './topics.ts';

export type LiveOptions = {
  readonly hub: Hub;
  readonly feed: Feed;
  /** The first signs cursors, all verify. */
  readonly cursorKeys: readonly Uint8Array[];
};

export type LiveCore = Live & {
  /** Each subscription goes on with this supergraph, or ends alone. */
  take(graph: LoadedGraph): Promise<void>;
  counts(): { readonly subscriptions: number; readonly cohorts: number };
  /** Ends all, spread over so many milliseconds, and takes no more. */
  drain(overMs: number): Promise<void>;
};

/** Between two looks at tokens, budgets and bookmarks. */
const tickMs = 1_000;
/** Silence after which a client is told how far its stream was read. */
const idleMs = 12_000;
/** For the feed to say where a stream stands. */
const patienceMs = 5_000;
/** Sessions that are moved without letting others have their turn. */
const movedAtOnce = 50;

export function createLive({ hub, feed, cursorKeys }: LiveOptions): LiveCore {
  const { limits, log } = hub;
  const cursors = createCursors(cursorKeys);
  const topics = createTopics(feed, log);
  const book = createCohortBook({ hub, topics, cursors });
  const sessions = new Set<Session>();
  const perMember = new Map<string, number>();
  let opening = 0;
  let isDraining = false;

  const take = (member: string): void => {
    const count = perMember.get(member) ?? 0;
    if (isDraining) throw createError('LIVE_GOING_AWAY', 'The gateway stops. Connect again.');
    if (sessions.size + opening >= limits.subscriptions)
      throw createError('LIVE_LIMIT', `More than ${limits.subscriptions} subscriptions are open here.`, { details: { limit: 'subscriptions' } });
    if (count >= limits.memberSubscriptions)
      throw createError('LIVE_LIMIT', `More than ${limits.memberSubscriptions} subscriptions of this member are open here.`, {
        details: { limit: 'memberSubscriptions' },
      });
    perMember.set(member, count + 1);
    opening += 1;
  };
  const giveBack = (member: string): void => {
    const count = (perMember.get(member) ?? 1) - 1;
    if (count > 0) perMember.set(member, count);
    else perMember.delete(member);
  };
  const onEnd = (session: Session, code: ErrorCode | null): void => {
    sessions.delete(session);
    giveBack(session.member);
    hub.metrics.setSubscriptions(sessions.size);
    if (code !== null) hub.metrics.countErrors([code]);
  };

  const open = async (subscription: Subscription, client: LiveClient, given: string | null): Promise<Session> => {
    const asked = toAsked(subscription, hub);
    const plan = planLive(subscription);
    const family = toFamily(subscription);
    const delivery = toDelivery(subscription, plan);
    const resume = given ?? toResume(subscription);
    const positions = resume === null ? null : cursors.read(family, resume);
    const [position = null] = positions ?? [];
    const operation = toOperation(subscription);
    const entry = await within(patienceMs, book.enter({ asked, operation, plan }, position), (late) => late.leave());
    return new Session({
      member: toMember(subscription.principal),
      asked,
      operation,
      client,
      family,
      delivery,
      expiresAtMs: toExpiryMs(subscription.request, hub),
      entry,
      from: position ?? entry.cohort.position,
      isResumed: position !== null,
      budgetBytes: limits.socketBytes,
      book,
      hub,
      onEnd,
    });
  };

  const ticker = setInterval(() => tick({ sessions, hub }), tickMs);
  ticker.unref();

  return {
    async subscribe(subscription, client, { cursor }) {
      const member = toMember(subscription.principal);
      take(member);
      try {
        const session = await open(subscription, client, cursor);
        sessions.add(session);
        hub.metrics.setSubscriptions(sessions.size);
        setImmediate(() => {
          session.start();
          session.keepUp();
        });
        return session;
      } catch (error) {
        giveBack(member);
        throw isHubError(error, 'FEED_CLOSED') ? createError('LIVE_GOING_AWAY', 'The gateway stops. Connect again.') : error;
      } finally {
        opening -= 1;
      }
    },
    async take(graph) {
      let moved = 0;
      for (const session of [...sessions]) {
        if (hub.graphs.current() !== graph) return;
        if (session.graph === graph || session.isOver) continue;
        const moving = session.move(graph);
        moved += 1;
        if (moved % movedAtOnce === 0) await moving.then(() => new Promise((resolve) => setImmediate(resolve)));
      }
    },
    counts: () => ({ subscriptions: sessions.size, cohorts: book.size }),
    async drain(overMs) {
      isDraining = true;
      const all = [...sessions];
      const slices = Math.max(1, Math.min(all.length, Math.floor(overMs / drainStepMs)));
      for (let slice = 0; slice < slices; slice += 1) {
        for (const session of all.slice((slice * all.length) / slices, ((slice + 1) * all.length) / slices))
          session.close({ scope: 'connection', code: 'LIVE_GOING_AWAY', message: 'The gateway stops. Connect again and resume from the cursor.' });
        if (slice + 1 < slices) await new Promise((resolve) => setTimeout(resolve, drainStepMs));
      }
      clearInterval(ticker);
      book.close();
      topics.close();
    },
  };
}

const drainStepMs = 25;

function tick({ sessions, hub }: { sessions: ReadonlySet<Session>; hub: Hub }): void {
  const nowMs = performance.now();
  const clockMs = hub.clock.now().getTime();
  for (const session of sessions) {
    if (session.expiresAtMs !== null && clockMs >= session.expiresAtMs) {
      session.close({ scope: 'connection', code: 'TOKEN_EXPIRED', message: 'The token has expired. Connect with a new one and resume from the cursor.' });
    } else session.tick(nowMs, idleMs);
  }
  for (const session of findTooSlow(sessions, hub.limits)) session.endAsTooSlow();
}

/** Without the request: it holds the connection. */
function toOperation({ graph, checked, operation, variables, denied, activeLabels }: Subscription): CheckedOperation {
  return { graph, checked, operation, variables, denied, activeLabels };
}

/** Of a request only what is looked at later: nothing that holds the connection or its other headers. */
function toAsked({ request, params, principal, text, pluginRequest }: Subscription, { forwarding }: Hub): Asked {
  const headers = new Map(forwarding.names().flatMap((name): [string, string][] => {
    const value = request.header?.(name);
    return value === undefined ? [] : [[name, value]];
  }));
  const header: HeaderLookup = (name) => headers.get(name);
  const { readOnly, fromLoopback, address, requestId, live } = request;
  const kept: GatewayRequest = { params: null, readOnly, token: null, fromLoopback, address, requestId, header, live: live === true, signal: never };
  return { request: kept, params, principal, text, pluginRequest };
}

const never = Object.freeze({ aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined });

function toMember({ memberId, roles }: Principal): string {
  return memberId ?? `role ${roles[0] ?? 'none'}`;
}

/** One member, one operation, one set of variables. */
function toFamily({ principal, operation, checked, variables }: Subscription): Family {
  const text = JSON.stringify([toMember(principal), operation.name, checked.canonicalText, variables]);
  return createHash('sha256').update(text).digest().subarray(0, 12);
}

function toResume({ params }: Subscription): string | null {
  const resume = params.extensions['resume'];
  if (resume === undefined || resume === null) return null;
  const cursor = typeof resume === 'object' && 'cursor' in resume ? resume.cursor : undefined;
  if (typeof cursor !== 'string') throw createError('BAD_USER_INPUT', 'extensions.resume holds no cursor: expected {"cursor": "…"}.');
  return cursor;
}

/** As declared; a client may be content with less. */
function toDelivery({ params }: Subscription, { feed }: LivePlan): Delivery {
  const wanted = params.extensions['delivery'] ?? feed.delivery;
  if (wanted !== 'ALL' && wanted !== 'LATEST') throw createError('BAD_USER_INPUT', 'extensions.delivery must be "ALL" or "LATEST".');
  if (wanted === 'ALL' && feed.delivery === 'LATEST')
    throw createError('BAD_USER_INPUT', `${feed.coordinate} keeps the newest state only: extensions.delivery cannot be "ALL".`);
  return wanted;
}

async function within<Result>(ms: number, work: Promise<Result>, onLate: (result: Result) => void): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(createError('LIVE_UNAVAILABLE', 'The feed does not answer. Come again.', { details: { retryAfterSeconds: 2 } })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    work.then(onLate, () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
