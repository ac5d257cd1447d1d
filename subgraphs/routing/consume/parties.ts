// A party that enters the hub brings its member: who is not known yet is entered, and what it does is added to its kinds.
import type { Consume } from '../../../subgraph-kit/consumer.ts';
import type { Tx } from '../data/client.ts';

/** Enters the owner of a party; `nameField` of the event names it when it is new. */
export const enterOwner =
  (kind: string, nameField: string): Consume<Tx> =>
  async ({ tx, emit, now }, events) => {
    const latest = new Map(events.map((event) => [event.text('memberId'), event.text(nameField)]));
    const known = new Map(
      (await tx.member.findMany({ where: { memberId: { in: [...latest.keys()] } } })).map((row) => [row.memberId, row]),
    );
    const fresh = [...latest]
      .filter(([memberId]) => !known.has(memberId))
      .map(([memberId, name]) => ({ memberId, name, kinds: [kind], changedAt: now }));
    if (fresh.length > 0) await tx.member.createMany({ data: fresh });
    for (const row of fresh) emit('member.changed', row);
    for (const row of known.values()) {
      if (row.kinds.includes(kind)) continue;
      const changed = await tx.member.update({ where: { memberId: row.memberId }, data: { kinds: [...row.kinds, kind], changedAt: now } });
      emit('member.changed', changed);
    }
  };
