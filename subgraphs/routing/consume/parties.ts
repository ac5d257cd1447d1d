// A party that enters the hub brings its member: who is not known yet is entered, and what it does is added to its kinds.
import type { Consume } from '../../../subgraph-kit/consumer.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { MemberRow } from '../data/tables.ts';

/**
 * Enters the owner of a party; `nameField` of the event names it when it is new. Several topics bring the same member at a time, so each
 * statement says what it adds and none writes back what it read before.
 */
export const enterOwner =
  (kind: string, nameField: string): Consume<Tx> =>
  async ({ tx, emit, now }, events) => {
    const names = new Map(events.map((event) => [event.text('memberId'), event.text(nameField)]));
    // in the order of their keys, so that two topics lock rows in one order
    const memberIds = [...names.keys()].toSorted();
    const entered = await query<MemberRow>(
      tx,
      sql`INSERT INTO "Member" ("memberId", "name", "kinds", "changedAt")
          SELECT w."memberId", w."name", ARRAY[${kind}]::text[], ${now}::timestamptz
          FROM unnest(${memberIds}::text[], ${memberIds.map((memberId) => names.get(memberId) ?? '')}::text[]) AS w("memberId", "name")
          ON CONFLICT ("memberId") DO NOTHING RETURNING *`,
    );
    const added = await query<MemberRow>(
      tx,
      sql`UPDATE "Member" t SET "kinds" = array_append(t."kinds", ${kind}::text),
            "changedAt" = greatest(${now}::timestamptz, t."changedAt" + interval '1 millisecond')
          WHERE t."memberId" = ANY(${memberIds}::text[]) AND NOT ${kind}::text = ANY(t."kinds") RETURNING t.*`,
    );
    for (const row of [...entered, ...added]) emit('member.changed', row);
  };
