// Copies of styles and demand lines. Their events come by several topics, each with a place of its own in the feed, so one that was
// made later may come first: the newest `changedAt` counts.
import type { Consume } from '../../../subgraph-kit/consumer.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { makeOperations } from '../import/made-up-work.ts';
import { writeMadeUpWork } from '../writes/operations.ts';
import { newest } from '../../../subgraph-kit/newest.ts';

/** Keeps owner and kind of a style; `at` names the field with the time of the change. */
export const keepStyle =
  (at: string): Consume<Tx> =>
  async ({ tx }, all) => {
    const events = newest(all, 'styleId', at);
    await execute(
      tx,
      sql`INSERT INTO "StyleCopy" AS t ("styleId", "memberId", "category", "changedAt")
          SELECT w."styleId", w."memberId", w."category", w."changedAt"::timestamptz
          FROM unnest(${events.map((e) => e.text('styleId'))}::text[], ${events.map((e) => e.text('memberId'))}::text[],
            ${events.map((e) => e.optionalText('category'))}::text[], ${events.map((e) => e.text(at))}::text[])
            AS w("styleId", "memberId", "category", "changedAt")
          ON CONFLICT ("styleId") DO UPDATE SET "category" = coalesce(t."category", EXCLUDED."category"),
            "memberId" = CASE WHEN EXCLUDED."changedAt" > t."changedAt" THEN EXCLUDED."memberId" ELSE t."memberId" END,
            "changedAt" = greatest(EXCLUDED."changedAt", t."changedAt")`,
    );
  };

/** Keeps a style that was proposed, and makes up the work on one that a file brought: no public file has it. */
export const takeStyle: Consume<Tx> = async (change, events) => {
  await keepStyle('proposedAt')(change, events);
  const imported = events.filter((event) => event.optionalText('origin') === 'IMPORTED');
  const works = imported.map((event) => {
    const styleId = event.text('styleId');
    return { styleId, memberId: event.text('memberId'), operations: makeOperations(styleId, event.text('category')) };
  });
  if (works.length > 0) await writeMadeUpWork(change, works);
};

/** Keeps owner, quantity, days and state of a demand line; `status` is the state that the topic itself means. */
export const keepDemand =
  (status?: string): Consume<Tx> =>
  async ({ tx }, all) => {
    const events = newest(all, 'demandLineId', 'changedAt');
    const text = (field: string): (string | null)[] => events.map((event) => event.optionalText(field));
    await execute(
      tx,
      sql`INSERT INTO "DemandCopy" AS t ("demandLineId", "memberId", "styleId", "quantity", "dueDate", "latestDate", "status", "changedAt")
          SELECT w."demandLineId", w."memberId", w."styleId", w."quantity", w."dueDate"::date, w."latestDate"::date, w."status", w."changedAt"::timestamptz
          FROM unnest(${text('demandLineId')}::text[], ${text('memberId')}::text[], ${text('styleId')}::text[],
            ${events.map((e) => e.number('quantity'))}::int[], ${text('dueDate')}::text[], ${text('latestDate')}::text[],
            ${events.map((e) => status ?? e.text('status'))}::text[], ${text('changedAt')}::text[])
            AS w("demandLineId", "memberId", "styleId", "quantity", "dueDate", "latestDate", "status", "changedAt")
          ON CONFLICT ("demandLineId") DO UPDATE SET "quantity" = EXCLUDED."quantity", "status" = EXCLUDED."status",
            "dueDate" = coalesce(EXCLUDED."dueDate", t."dueDate"), "latestDate" = coalesce(EXCLUDED."latestDate", t."latestDate"),
            "changedAt" = EXCLUDED."changedAt"
          WHERE EXCLUDED."changedAt" > t."changedAt"`,
    );
  };
