/** The bugs that `npm run simulate -- --planted` plants, each as a change of text, and the seeds within which it must be caught. */
import type { Planted } from '../../scripts/planted/run-planted.ts';
import type { Property } from './check.ts';

/** `caughtAs`: what it breaks, one of them is enough. */
export type PlantedLive = Planted & { readonly withinSeeds: number; readonly caughtAs: readonly Property[] };

export const PLANTED_LIVE: readonly PlantedLive[] = [
  {
    name: 'drops every 1000th event',
    file: 'gateway/live/cohort.ts',
    edits: [
      {
        find: 'return { frames, upTo: next.seq, read: events.length };',
        replace: 'return { frames: frames.filter(({ seq }) => seq % 1_000 !== 0), upTo: next.seq, read: events.length };',
      },
    ],
    withinSeeds: 40,
    caughtAs: ['reliable'],
  },
  {
    name: 'acknowledges before durable',
    file: 'lib/feed/group-append.ts',
    edits: [
      {
        find: 'const { epoch, seqs, before } = await appendGroup(group.flatMap(({ events }) => events));',
        replace: `const durable = appendGroup(group.flatMap(({ events }) => events));
    const sent = await Promise.race([durable, Promise.resolve({ epoch: 'epoch1', seqs: [] as number[], before: 0 })]);
    durable.catch(() => undefined);
    const { epoch, seqs, before } = sent;`,
      },
    ],
    withinSeeds: 20,
    caughtAs: ['reliable'],
  },
  {
    name: 'skips the epoch check',
    file: 'gateway/live/cohort.ts',
    edits: [{ find: 'if (epoch !== this.#epoch) throw new OtherEpoch();', replace: 'if (epoch === "") throw new OtherEpoch();' }],
    withinSeeds: 100,
    caughtAs: ['reliable'],
  },
  {
    name: 'skips the epoch check of the stream',
    file: 'lib/feed/feed.ts',
    edits: [{ find: 'if (after.epoch !== epoch) return `the stream has a new epoch (${epoch})`;', replace: '' }],
    withinSeeds: 100,
    caughtAs: ['reliable', 'no phantom'],
  },
  {
    name: 'cohort key without member',
    file: 'tests/simulation/gateway.ts',
    edits: [{ find: '`${supergraph}|${member}|${version}|${least}`', replace: '`${supergraph}|${version}|${least}`' }],
    withinSeeds: 20,
    caughtAs: ['authorised'],
  },
  {
    name: 'skips rights on replay',
    file: 'tests/simulation/gateway.ts',
    edits: [
      {
        find: 'const cohort = open(asked, allowed);',
        replace: 'const cohort = open(asked, from === null ? allowed : rights.first(asked.member));',
      },
    ],
    withinSeeds: 40,
    caughtAs: ['authorised'],
  },
  {
    name: 'goes on after the token has ended',
    file: 'tests/simulation/gateway.ts',
    edits: [{ find: 'clock.at(seat.tokenUntil, () => expire(seat))', replace: 'clock.at(seat.tokenUntil + 1_000, () => expire(seat))' }],
    withinSeeds: 40,
    caughtAs: ['authorised'],
  },
  {
    name: 'delivers after complete',
    file: 'gateway/live/outlet.ts',
    edits: [{ find: 'isOpen = false;\n    putOff.clear();\n    sink.end', replace: 'putOff.clear();\n    sink.end' }],
    withinSeeds: 40,
    caughtAs: ['unique'],
  },
  {
    name: 'trims silently',
    file: 'lib/feed/feed.ts',
    edits: [{ find: 'if (after.seq < first - 1) return `it has been trimmed up to ${first - 1}`;', replace: '' }],
    withinSeeds: 40,
    caughtAs: ['reliable', 'bookmarkable'],
  },
  {
    name: 'buffer reused too early',
    file: 'gateway/live/frame-log.ts',
    edits: [
      {
        find: 'for (const { body } of frames.slice(0, count)) bytes -= body.length;',
        replace: 'for (const { body } of frames.slice(0, count)) bytes -= body.fill(32).length;',
      },
    ],
    withinSeeds: 20,
    caughtAs: ['no phantom'],
  },
  {
    name: 'cursor forgotten after a resume that dies early',
    file: 'gateway/live/outlet.ts',
    edits: [
      {
        find: 'let [seen, position, skipped] = [options.after, options.after, 0];',
        replace: 'let [seen, position, skipped] = [options.after, 0, 0];',
      },
    ],
    withinSeeds: 20,
    caughtAs: ['resumable', 'ordered'],
  },
  {
    name: 'epoch reused after a restore',
    file: 'tests/simulation/log.ts',
    edits: [
      {
        find: 'begin(\n        nextEpoch(),',
        replace: 'begin(\n        epoch,',
      },
    ],
    withinSeeds: 100,
    caughtAs: ['reliable', 'no phantom', 'ordered'],
  },
  {
    name: 'inbox applied twice',
    file: 'subgraph-kit/consumer.ts',
    edits: [{ find: 'return events.filter((event) => fresh.has(event.id));', replace: 'return events.filter(() => fresh.size >= 0);' }],
    withinSeeds: 40,
    caughtAs: ['exactly once'],
  },
  {
    name: 'socket budget counted after the write',
    file: 'gateway/live/outlet.ts',
    edits: [
      {
        find: 'waiting + frames.reduce((sum, { body }) => sum + body.length, 0) <= budgetBytes;',
        replace: 'waiting <= budgetBytes;',
      },
    ],
    withinSeeds: 20,
    caughtAs: ['bounded'],
  },
  {
    name: 'a released outlet is still caught up',
    file: 'gateway/live/cohort.ts',
    edits: [
      {
        find: 'return visit.outlet.isOpen && this.#all.get(visit.outlet) === visit && !this.#live.has(visit.outlet);',
        replace: 'return visit.outlet.isOpen && !this.#live.has(visit.outlet);',
      },
    ],
    withinSeeds: 300,
    caughtAs: ['reliable', 'ordered', 'authorised', 'no phantom', 'bounded'],
  },
  {
    name: 'a crash inside an append leaves a half of it',
    file: 'tests/simulation/log.ts',
    edits: [
      {
        find: "throw createError('FEED_UNAVAILABLE', 'The append was not durable.');",
        replace: "throw (commit(events.slice(0, events.length >> 1)), createError('FEED_UNAVAILABLE', 'The append was not durable.'));",
      },
    ],
    withinSeeds: 100,
    caughtAs: ['atomic'],
  },
  {
    name: 'cohorts that nobody is in stay',
    file: 'tests/simulation/gateway.ts',
    edits: [{ find: 'void (cohort.size === 0 && cohort.end())', replace: 'void (cohort.size < 0 && cohort.end())' }],
    withinSeeds: 20,
    caughtAs: ['bounded'],
  },
  {
    name: 'what was missed and is kept is sent in one go',
    file: 'gateway/live/cohort.ts',
    edits: [{ find: '} else if (rest === null || sizeOf(rest) > this.#limits.sliceBytes) {', replace: '} else if (rest === null) {' }],
    withinSeeds: 200,
    caughtAs: ['converged'],
  },
];
