// Tables and lists of routing.
import { definePagedList, type PageArgs } from '../../../subgraph-kit/page.ts';
import { sql } from '../../../subgraph-kit/sql.ts';
import { defineTable, openToAll } from '../../../subgraph-kit/table.ts';

export type MemberRow = { memberId: string; name: string; kinds: string[]; changedAt: Date };

export const members = defineTable<MemberRow>({ table: 'Member', key: ['memberId'], fence: openToAll });

export type MembersArgs = PageArgs & { readonly kind?: string | null };

export const membersByName = definePagedList<MemberRow, MembersArgs>({
  from: sql`"Member" t`,
  where: ({ kind }) => (kind ? sql`${kind} = ANY(t."kinds")` : sql`true`),
  order: [
    { column: 'name', cast: 'text' },
    { column: 'memberId', cast: 'text' },
  ],
});
