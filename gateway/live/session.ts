/**
 * One subscription of one client: in which cohort it is, how far it got, what its client is told. It outlives its cohort: with a new
 * supergraph, or when rights change, it goes on in another one from where it stands. Exports `Session`.
 */
import { isHubError, toMessage, type ErrorCode } from '../../lib/errors/errors.ts';
import type { FeedPosition } from '../../lib/feed/index.ts';
import type { Hub } from '../pipeline/hub.ts';
import { recheckSubscription, type Asked, type CheckedOperation } from '../pipeline/subscription.ts';
import type { LoadedGraph } from '../pipeline/supergraph/loaded-graph.ts';
import type { LiveClient, LiveEnd, LiveSubscription } from './client.ts';
import type { CohortBook, CohortEntry } from './cohort-book.ts';
import type { Family } from './cursor.ts';
import type { Aside, Encoder } from './encoder.ts';
import type { Frame } from './frame-log.ts';
import { planLive } from './live-plan.ts';
import { createOutlet, type Delivery, type EndReason, type Outlet, type Sink } from './outlet.ts';
import { RightsChanged } from './resolve-events.ts';

export type SessionOptions = {
  /** Under which name its limits stand. */
  readonly member: string;
  readonly asked: Asked;
  readonly operation: CheckedOperation;
  readonly client: LiveClient;
  readonly family: Family;
  readonly delivery: Delivery;
  /** By the clock of the hub; null: its token does not expire. */
  readonly expiresAtMs: number | null;
  readonly entry: CohortEntry;
  /** What the client has. */
  readonly from: FeedPosition;
  /** It came back with a cursor. */
  readonly isResumed: boolean;
  readonly budgetBytes: number;
  readonly book: CohortBook;
  readonly hub: Hub;
  /** It has ended, for whatever reason. */
  readonly onEnd: (session: Session, code: ErrorCode | null) => void;
};

/** Below it a client that catches up gets the next part. */
const roomBytes = 65_536;

export class Session implements LiveSubscription, Sink {
  readonly client: LiveClient;
  readonly expiresAtMs: number | null;
  readonly member: string;
  readonly #options: SessionOptions;
  #operation: CheckedOperation;
  #entry: CohortEntry;
  #outlet: Outlet;
  #encoder: Encoder;
  #epoch: string;
  #resume: Aside['resume'];
  #isOver = false;
  /** It is between two cohorts. */
  #isMoving = false;
  #told: FeedPosition;
  #spokeAtMs = 0;
  readonly #waitingForRoom = new Set<() => void>();

  constructor(options: SessionOptions) {
    const { client, entry, from } = options;
    this.#options = options;
    this.client = client;
    this.expiresAtMs = options.expiresAtMs;
    this.member = options.member;
    this.#operation = options.operation;
    this.#entry = entry;
    this.#encoder = entry.encoders.of(options.family, client.wire);
    this.#epoch = from.epoch;
    this.#told = from;
    this.#resume = options.isResumed ? { status: 'RESUMED' } : undefined;
    this.#outlet = this.#newOutlet(from.seq);
  }

  get graph(): LoadedGraph {
    return this.#operation.graph;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(): void {
    if (this.#isOver) return;
    this.client.bookmark(this.#encoder.cursor(this.#told));
    this.#join(this.#told);
  }

  drain(): void {
    this.#outlet.drain();
    for (const go of this.#waitingForRoom) go();
  }

  stop(): void {
    this.#finish(null);
  }

  /** Ends it with words of the gateway. */
  close({ code, message, scope }: Omit<LiveEnd, 'cursor'>): void {
    if (this.#isOver) return;
    const cursor = this.#encoder.cursor(this.#position());
    this.#finish(code);
    this.client.end({ scope, code, message, cursor });
  }

  endAsTooSlow(): void {
    const message = 'The client reads more slowly than events come. Connect again and resume from the cursor.';
    this.close({ scope: 'connection', code: 'LIVE_TOO_SLOW', message });
  }

  /** A bookmark, if nothing was said for so long and there is something to say. */
  tick(nowMs: number, idleMs: number): void {
    if (this.#isOver || this.#isMoving || nowMs - this.#spokeAtMs < idleMs) return;
    const position = this.#position();
    this.#spokeAtMs = nowMs;
    if (position.epoch === this.#told.epoch && position.seq === this.#told.seq) return;
    this.#told = position;
    this.client.bookmark(this.#encoder.cursor(position));
  }

  /** Checked and planned anew on this supergraph, or with the rights of now; ends where it does not fit any more. */
  async move(graph: LoadedGraph): Promise<void> {
    if (this.#isOver || this.#isMoving) return;
    this.#isMoving = true;
    try {
      const { asked, hub, book } = this.#options;
      const operation = await recheckSubscription(asked, graph, hub);
      const plan = planLive(operation);
      const entry = await book.enter({ asked, operation, plan }, this.#position());
      if (this.#isOver) return entry.leave();
      this.#changeTo(entry, operation);
    } catch (error) {
      const isSaid = isHubError(error) && error.visible;
      if (!isSaid) this.#options.hub.log.error({ err: error }, 'a subscription cannot go on');
      const reason = isSaid ? toMessage(error) : 'the gateway failed';
      this.close({ scope: 'operation', code: 'LIVE_INVALIDATED', message: `The subscription does not fit what is served now: ${reason}` });
    } finally {
      this.#isMoving = false;
    }
    this.keepUp();
  }

  /** It may have been moved, or begun, while yet another supergraph came. */
  keepUp(): void {
    const graph = this.#options.hub.graphs.current();
    if (!this.#isOver && graph !== this.graph) void this.move(graph);
  }

  // As the sink of its outlet

  waiting(): number {
    return this.client.waiting();
  }

  write(frames: readonly Frame[], skipped: number): void {
    this.#spokeAtMs = performance.now();
    const last = frames.at(-1);
    if (last !== undefined) this.#told = { epoch: this.#epoch, seq: last.seq };
    if (this.#resume === undefined && skipped === 0) return this.client.write(this.#encoder.messages(frames, this.#epoch));
    const aside = { ...(this.#resume ? { resume: this.#resume } : {}), ...(skipped > 0 ? { delivery: { skipped } } : {}) };
    this.#resume = undefined;
    this.client.write(this.#encoder.messagesWith(aside, frames, this.#epoch));
  }

  reset(seq: number): void {
    this.#epoch = this.#entry.cohort.position.epoch;
    this.#resume = undefined;
    this.#told = { epoch: this.#epoch, seq };
    const { responseName, isRequired } = this.#entry.plan;
    this.client.write([this.#encoder.reset(isRequired ? null : responseName, this.#told)]);
  }

  end(reason: EndReason): void {
    if (reason === 'TOO_SLOW') return this.endAsTooSlow();
    // Its cohort has ended, which will tell in a moment why
    setImmediate(() => this.#goOn(this.#entry.failure()));
  }

  #goOn(failure: unknown): void {
    if (this.#isOver || this.#isMoving) return;
    if (failure === null || failure instanceof RightsChanged) return void this.move(this.#options.hub.graphs.current());
    this.#options.hub.log.error({ err: failure }, 'a subscription ended by a fault');
    this.close({ scope: 'operation', code: 'LIVE_FAILED', message: 'The gateway failed. Subscribe again and resume from the cursor.' });
  }

  #changeTo(entry: CohortEntry, operation: CheckedOperation): void {
    const position = this.#position();
    this.#entry.cohort.leave(this.#outlet);
    this.#entry.retire();
    this.#entry.leave();
    this.#entry = entry;
    this.#operation = operation;
    this.#encoder = entry.encoders.of(this.#options.family, this.client.wire);
    this.#outlet = this.#newOutlet(position.seq);
    this.#join(position);
  }

  #join(from: FeedPosition): void {
    const entry = this.#entry;
    entry.cohort
      .join(this.#outlet, from, () => this.#room())
      .catch((error: unknown) => {
        if (this.#entry === entry) this.#goOn(error);
      });
  }

  #newOutlet(after: number): Outlet {
    const { delivery, budgetBytes } = this.#options;
    return createOutlet(this, { delivery, budgetBytes, after });
  }

  #position(): FeedPosition {
    return { epoch: this.#epoch, seq: this.#outlet.position };
  }

  #room(): Promise<void> {
    if (this.#isOver || this.client.waiting() <= roomBytes) return Promise.resolve();
    return new Promise((resolve) => {
      const go = (): void => {
        if (!this.#isOver && this.client.waiting() > roomBytes) return;
        this.#waitingForRoom.delete(go);
        resolve();
      };
      this.#waitingForRoom.add(go);
    });
  }

  #finish(code: ErrorCode | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#entry.cohort.leave(this.#outlet);
    this.#entry.leave();
    for (const go of this.#waitingForRoom) go();
    this.#options.onEnd(this, code);
  }
}
