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
import { createError, isHubError, type ErrorCode, type HubError } from '../../lib/errors/errors.ts';
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
import { createCohortBook, type CohortBook } from './cohort-book.ts';
import { createCursors, type Cursors, type Family } from './cursor.ts';
import { planLive, type LivePlan } from './live-plan.ts';
import type { Delivery } from './outlet.ts';
import { Session } from './session.ts';
import { createTopics, type Topics } from './topics.ts';

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
const patienceMs = 10_000;
/** Sessions that are moved without letting others have their turn. */
const movedAtOnce = 50;

export function createLive(options: LiveOptions): LiveCore {
  return new Core(options);
}

class Core implements LiveCore {
  readonly #hub: Hub;
  readonly #cursors: Cursors;
  readonly #topics: Topics;
  readonly #book: CohortBook;
  readonly #sessions = new Set<Session>();
  readonly #perMember = new Map<string, number>();
  readonly #ticker: NodeJS.Timeout;
  /** Subscriptions that are about to stand. */
  #opening = 0;
  #isDraining = false;

  constructor({ hub, feed, cursorKeys }: LiveOptions) {
    this.#hub = hub;
    this.#cursors = createCursors(cursorKeys);
    this.#topics = createTopics(feed, hub.log);
    this.#book = createCohortBook({ hub, topics: this.#topics, cursors: this.#cursors });
    this.#ticker = setInterval(() => tick({ sessions: this.#sessions, hub }), tickMs);
    this.#ticker.unref();
  }

  async subscribe(subscription: Subscription, client: LiveClient, { cursor }: { readonly cursor: string | null }): Promise<Session> {
    const member = toMember(subscription.principal);
    this.#take(member);
    try {
      const session = await this.#open(subscription, client, cursor);
      this.#sessions.add(session);
      this.#hub.metrics.setSubscriptions(this.#sessions.size);
      setImmediate(() => {
        session.start();
        session.keepUp();
      });
      return session;
    } catch (error) {
      this.#giveBack(member);
      throw isHubError(error, 'FEED_CLOSED') ? createError('LIVE_GOING_AWAY', 'The gateway stops. Connect again.') : error;
    } finally {
      this.#opening -= 1;
    }
  }

  async take(graph: LoadedGraph): Promise<void> {
    let moved = 0;
    for (const session of Array.from(this.#sessions)) {
      // Yet another one: that is taken by a call of its own
      if (this.#hub.graphs.current() !== graph) return;
      if (session.graph === graph || session.isOver) continue;
      const moving = session.move(graph);
      moved += 1;
      if (moved % movedAtOnce === 0) await moving.then(() => new Promise((resolve) => setImmediate(resolve)));
    }
  }

  counts(): { readonly subscriptions: number; readonly cohorts: number } {
    return { subscriptions: this.#sessions.size, cohorts: this.#book.size };
  }

  async drain(overMs: number): Promise<void> {
    this.#isDraining = true;
    const all = [...this.#sessions];
    const slices = Math.max(1, Math.min(all.length, Math.floor(overMs / drainStepMs)));
    for (let slice = 0; slice < slices; slice += 1) {
      for (const session of all.slice((slice * all.length) / slices, ((slice + 1) * all.length) / slices)) session.close(goingAway);
      if (slice + 1 < slices) await new Promise((resolve) => setTimeout(resolve, drainStepMs));
    }
    clearInterval(this.#ticker);
    this.#book.close();
    this.#topics.close();
  }

  /** Throws LIVE_LIMIT, LIVE_GOING_AWAY. */
  #take(member: string): void {
    const { subscriptions, memberSubscriptions } = this.#hub.limits;
    const count = this.#perMember.get(member) ?? 0;
    if (this.#isDraining) throw createError('LIVE_GOING_AWAY', 'The gateway stops. Connect again.');
    if (this.#sessions.size + this.#opening >= subscriptions)
      throw toOverLimit('subscriptions', `${subscriptions} subscriptions are open here`);
    if (count >= memberSubscriptions)
      throw toOverLimit('memberSubscriptions', `${memberSubscriptions} subscriptions of this member are open here`);
    this.#perMember.set(member, count + 1);
    this.#opening += 1;
  }

  #giveBack(member: string): void {
    const count = (this.#perMember.get(member) ?? 1) - 1;
    if (count > 0) this.#perMember.set(member, count);
    else this.#perMember.delete(member);
  }

  async #open(subscription: Subscription, client: LiveClient, given: string | null): Promise<Session> {
    const hub = this.#hub;
    const asked = toAsked(subscription, hub);
    const plan = planLive(subscription);
    const family = toFamily(subscription);
    const delivery = toDelivery(subscription, plan);
    const resume = given ?? toResume(subscription);
    const [position = null] = resume === null ? [] : this.#cursors.read(family, resume);
    const operation = toOperation(subscription);
    const entry = await within(patienceMs, this.#book.enter({ asked, operation, plan }, position), (late) => late.leave());
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
      budgetBytes: hub.limits.socketBytes,
      book: this.#book,
      hub,
      onEnd: (session, code) => this.#forget(session, code),
    });
  }

  #forget(session: Session, code: ErrorCode | null): void {
    this.#sessions.delete(session);
    this.#giveBack(session.member);
    this.#hub.metrics.setSubscriptions(this.#sessions.size);
    if (code !== null) this.#hub.metrics.countErrors([code]);
  }
}

const goingAway = {
  scope: 'connection',
  code: 'LIVE_GOING_AWAY',
  message: 'The gateway stops. Connect again and resume from the cursor.',
} as const;

function toOverLimit(limit: string, what: string): HubError {
  return createError('LIVE_LIMIT', `As many as may be: ${what}. End some of them, or come again later.`, { details: { limit } });
}

const drainStepMs = 25;

function tick({ sessions, hub }: { sessions: ReadonlySet<Session>; hub: Hub }): void {
  const nowMs = performance.now();
  const clockMs = hub.clock.now().getTime();
  for (const session of sessions) {
    if (session.expiresAtMs !== null && clockMs >= session.expiresAtMs) {
      session.close({
        scope: 'connection',
        code: 'TOKEN_EXPIRED',
        message: 'The token has expired. Connect with a new one and resume from the cursor.',
      });
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
  const headers = new Map(
    forwarding.names().flatMap((name): [string, string][] => {
      const value = request.header?.(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const header: HeaderLookup = (name) => headers.get(name);
  const { readOnly, fromLoopback, address, requestId, live } = request;
  const kept: GatewayRequest = {
    params: null,
    readOnly,
    token: null,
    fromLoopback,
    address,
    requestId,
    header,
    live: live === true,
    signal: never,
  };
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
    timer = setTimeout(
      () => reject(createError('NOT_READY', 'The feed does not answer. Come again.', { details: { retryAfterSeconds: 2 } })),
      ms,
    );
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
