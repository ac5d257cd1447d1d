// Copies of makers, creators, agencies, campaigns and demand lines. The newest `changedAt` counts, whatever comes first; what only some
// events of a row say is kept until one says it.
import type { Consume, ReceivedEvent } from '../../../subgraph-kit/consumer.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { newest } from '../../../subgraph-kit/newest.ts';
import { optionalNumber, textsOf } from './columns.ts';

/** Keeps owner, name and state of a maker, and when it was first heard of. */
export const keepMaker: Consume<Tx> = async ({ tx }, all) => {
  const events = newest(all, 'gln');
  const first = new Map<string, string>();
  for (const event of all) {
    const known = first.get(event.text('gln'));
    if (known === undefined || event.at('changedAt') < new Date(known)) first.set(event.text('gln'), event.text('changedAt'));
  }
  await execute(
    tx,
    sql`INSERT INTO "MakerCopy" AS t ("gln", "memberId", "origin", "name", "status", "country", "enteredAt", "changedAt")
        SELECT w.gln, w.owner, w.origin, w.name, w.status, w.country, w.entered::timestamptz, w.changed::timestamptz
        FROM unnest(${textsOf(events, 'gln')}::text[], ${textsOf(events, 'memberId')}::text[], ${textsOf(events, 'origin')}::text[], ${textsOf(events, 'name')}::text[],
          ${textsOf(events, 'status')}::text[], ${textsOf(events, 'country')}::text[], ${events.map((e) => first.get(e.text('gln')))}::text[],
          ${textsOf(events, 'changedAt')}::text[]) AS w(gln, owner, origin, name, status, country, entered, changed)
        ON CONFLICT ("gln") DO UPDATE SET "enteredAt" = least(t."enteredAt", EXCLUDED."enteredAt"),
          "memberId" = CASE WHEN EXCLUDED."changedAt" > t."changedAt" THEN EXCLUDED."memberId" ELSE t."memberId" END,
          "origin" = coalesce(t."origin", EXCLUDED."origin"),
          "name" = CASE WHEN EXCLUDED."changedAt" > t."changedAt" THEN EXCLUDED."name" ELSE t."name" END,
          "status" = CASE WHEN EXCLUDED."changedAt" > t."changedAt" THEN EXCLUDED."status" ELSE t."status" END,
          "country" = CASE WHEN EXCLUDED."changedAt" > t."changedAt" THEN EXCLUDED."country" ELSE t."country" END,
          "changedAt" = greatest(t."changedAt", EXCLUDED."changedAt")`,
  );
};

/** Keeps owner and agency of a creator. */
export const keepCreator: Consume<Tx> = async ({ tx }, all) => {
  const events = newest(all, 'creatorId');
  await execute(
    tx,
    sql`INSERT INTO "CreatorCopy" AS t ("creatorId", "memberId", "mcnId", "changedAt")
        SELECT w.id, w.owner, w.mcn, w.changed::timestamptz
        FROM unnest(${textsOf(events, 'creatorId')}::text[], ${textsOf(events, 'memberId')}::text[], ${textsOf(events, 'mcnId')}::text[],
          ${textsOf(events, 'changedAt')}::text[]) AS w(id, owner, mcn, changed)
        ON CONFLICT ("creatorId") DO UPDATE SET "memberId" = EXCLUDED."memberId", "mcnId" = EXCLUDED."mcnId", "changedAt" = EXCLUDED."changedAt"
        WHERE EXCLUDED."changedAt" > t."changedAt"`,
  );
};

/** Keeps owner and share of an agency. */
export const keepMcn: Consume<Tx> = async ({ tx }, all) => {
  const events = newest(all, 'mcnId');
  await execute(
    tx,
    sql`INSERT INTO "McnCopy" AS t ("mcnId", "memberId", "takeRateBps", "changedAt")
        SELECT w.id, w.owner, w.share, w.changed::timestamptz
        FROM unnest(${textsOf(events, 'mcnId')}::text[], ${textsOf(events, 'memberId')}::text[], ${events.map((e) => e.number('takeRateBps'))}::int[],
          ${textsOf(events, 'changedAt')}::text[]) AS w(id, owner, share, changed)
        ON CONFLICT ("mcnId") DO UPDATE SET "memberId" = EXCLUDED."memberId", "takeRateBps" = EXCLUDED."takeRateBps", "changedAt" = EXCLUDED."changedAt"
        WHERE EXCLUDED."changedAt" > t."changedAt"`,
  );
};

/** Keeps owner, creator, state, commission and days of a campaign; an event without the commission leaves it as it was. */
export const keepCampaign: Consume<Tx> = async ({ tx }, all) => {
  const events = newest(all, 'campaignId');
  await execute(
    tx,
    sql`INSERT INTO "CampaignCopy" AS t ("campaignId", "memberId", "creatorId", "status", "cpsRateBps", "startsAt", "endsAt", "changedAt")
        SELECT w.id, w.owner, w.creator, w.status, coalesce(w.rate, k."cpsRateBps", 0), w.starts::timestamptz, w.ends::timestamptz, w.changed::timestamptz
        FROM unnest(${textsOf(events, 'campaignId')}::text[], ${textsOf(events, 'memberId')}::text[], ${textsOf(events, 'creatorId')}::text[],
          ${textsOf(events, 'status')}::text[], ${events.map((e) => optionalNumber(e, 'cpsRateBps'))}::int[], ${textsOf(events, 'startsAt')}::text[],
          ${textsOf(events, 'endsAt')}::text[], ${textsOf(events, 'changedAt')}::text[]) AS w(id, owner, creator, status, rate, starts, ends, changed)
          LEFT JOIN "CampaignCopy" k ON k."campaignId" = w.id
        ON CONFLICT ("campaignId") DO UPDATE SET "memberId" = EXCLUDED."memberId", "creatorId" = EXCLUDED."creatorId", "status" = EXCLUDED."status",
          "cpsRateBps" = EXCLUDED."cpsRateBps", "startsAt" = EXCLUDED."startsAt", "endsAt" = EXCLUDED."endsAt", "changedAt" = EXCLUDED."changedAt"
        WHERE EXCLUDED."changedAt" > t."changedAt"`,
  );
};

/**
 * Keeps a demand line by any of its three topics. What never changes (kind, origin, when it was raised) is taken from the event that says
 * it; the rest is that of the newest event. A cancelled line has no days: its event does not say them.
 */
export const keepDemand: Consume<Tx> = async ({ tx }, all) => {
  const events = newest(all, 'demandLineId');
  const says = sayOnce(all);
  const once = (field: string): (string | null)[] => events.map((event) => says.get(`${field} ${event.text('demandLineId')}`) ?? null);
  await execute(
    tx,
    sql`INSERT INTO "DemandCopy" AS t ("demandLineId", "memberId", "origin", "styleId", "campaignId", "kind", "quantity", "dueDate", "latestDate",
          "status", "submittedAt", "changedAt")
        SELECT w.id, w.owner, w.origin, w.style, w.campaign, w.kind, w.quantity, w.due::date, w.latest::date, w.status, w.submitted::timestamptz, w.changed::timestamptz
        FROM unnest(${textsOf(events, 'demandLineId')}::text[], ${textsOf(events, 'memberId')}::text[], ${once('origin')}::text[],
          ${textsOf(events, 'styleId')}::text[], ${textsOf(events, 'campaignId')}::text[], ${once('kind')}::text[],
          ${events.map((e) => e.number('quantity'))}::int[], ${textsOf(events, 'dueDate')}::text[], ${textsOf(events, 'latestDate')}::text[],
          ${events.map(statusOf)}::text[], ${once('submittedAt')}::text[], ${textsOf(events, 'changedAt')}::text[])
          AS w(id, owner, origin, style, campaign, kind, quantity, due, latest, status, submitted, changed)
        ON CONFLICT ("demandLineId") DO UPDATE SET "origin" = coalesce(t."origin", EXCLUDED."origin"), "kind" = coalesce(t."kind", EXCLUDED."kind"),
          "submittedAt" = coalesce(t."submittedAt", EXCLUDED."submittedAt"),
          ("memberId", "styleId", "campaignId", "quantity", "dueDate", "latestDate", "status", "changedAt") = (
            SELECT n."memberId", n."styleId", n."campaignId", n."quantity", n."dueDate", n."latestDate", n."status", n."changedAt"
            FROM (VALUES (t."memberId", t."styleId", t."campaignId", t."quantity", t."dueDate", t."latestDate", t."status", t."changedAt", 1),
              (EXCLUDED."memberId", EXCLUDED."styleId", EXCLUDED."campaignId", EXCLUDED."quantity", EXCLUDED."dueDate", EXCLUDED."latestDate",
                EXCLUDED."status", EXCLUDED."changedAt", 2))
              AS n("memberId", "styleId", "campaignId", "quantity", "dueDate", "latestDate", "status", "changedAt", place)
            ORDER BY n."changedAt" DESC, n.place LIMIT 1)`,
  );
};

const statusOf = (event: ReceivedEvent): string => (event.envelope.topic === 'demand.cancelled' ? 'CANCELLED' : event.text('status'));

// What a line is told once in its life, by field and id.
function sayOnce(events: readonly ReceivedEvent[]): Map<string, string> {
  const says = new Map<string, string>();
  for (const event of events)
    for (const field of ['origin', 'kind', 'submittedAt']) {
      const value = event.optionalText(field);
      if (value !== null) says.set(`${field} ${event.text('demandLineId')}`, value);
    }
  return says;
}
