/**
 * Group append: while one statement is on its way, further appends of this process wait, and go together in the next one. One commit,
 * and one flush to disk, then serves many.
 */
import { createError } from '../errors/errors.ts';
import { feedLimits, type Appended } from './feed.ts';

export type PreparedEvent = { readonly id: string; readonly payloadText: string };
/** The seq of each event, in the order given, and the last seq before them: those that are new come after it. */
export type AppendedGroup = { readonly epoch: string; readonly seqs: readonly number[]; readonly before: number };
/** Appends all of these durably. */
export type AppendGroup = (events: readonly PreparedEvent[]) => Promise<AppendedGroup>;

export type GroupAppender = {
  append(events: readonly PreparedEvent[]): Promise<Appended>;
  /** Resolves when all that was handed in is settled. */
  drain(): Promise<void>;
};

type Waiting = { events: readonly PreparedEvent[]; resolve: (appended: Appended) => void; reject: (error: unknown) => void };

const groupEvents = 1_000;
const groupCharacters = 4_194_304;

export function createGroupAppender(appendGroup: AppendGroup): GroupAppender {
  const queue: Waiting[] = [];
  let queuedEvents = 0;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    // one turn of the event loop, so that appends made in the same tick go together
    await Promise.resolve();
    while (queue.length > 0) {
      const group = takeGroup(queue);
      queuedEvents -= group.reduce((sum, { events }) => sum + events.length, 0);
      await settleGroup(group, appendGroup);
    }
    running = undefined;
  }

  return {
    append: (events) =>
      new Promise((resolve, reject) => {
        if (queuedEvents + events.length > feedLimits.queuedEvents) {
          reject(
            createError(
              'FEED_UNAVAILABLE',
              `More than ${feedLimits.queuedEvents} events wait to be appended. Append more slowly, or see whether the database answers.`,
            ),
          );
          return;
        }
        queuedEvents += events.length;
        queue.push({ events, resolve, reject });
        running ??= run();
      }),
    drain: async () => {
      await running;
    },
  };
}

/** Whole appends from the front of the queue: at least one, then as many as fit. */
function takeGroup(queue: Waiting[]): Waiting[] {
  let [events, characters, taken] = [0, 0, 0];
  for (const waiting of queue) {
    events += waiting.events.length;
    characters += waiting.events.reduce((sum, { payloadText }) => sum + payloadText.length, 0);
    if (taken > 0 && (events > groupEvents || characters > groupCharacters)) break;
    taken += 1;
  }
  return queue.splice(0, taken);
}

async function settleGroup(group: readonly Waiting[], appendGroup: AppendGroup): Promise<void> {
  try {
    const { epoch, seqs, before } = await appendGroup(group.flatMap(({ events }) => events));
    let [end, last] = [0, before];
    for (const { events, resolve } of group) {
      const own = seqs.slice(end, end + events.length);
      end += events.length;
      const { repeated, greatest } = countRepeated(own, last);
      last = greatest;
      resolve({ epoch, seq: own.at(-1) ?? 0, repeated });
    }
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}

/** New events are numbered in their order: what does not come after all before it has its seq from an earlier append. */
function countRepeated(seqs: readonly number[], last: number): { repeated: number; greatest: number } {
  let [repeated, greatest] = [0, last];
  for (const seq of seqs) {
    if (seq > greatest) greatest = seq;
    else repeated += 1;
  }
  return { repeated, greatest };
}
