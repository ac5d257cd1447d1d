/**
 * A field asked on an interface itself, where several graphs can return the objects: one of these graphs must lead to the field for
 * all the types that it returns. Taking one type's value by way of one graph and another's by way of another would make the answer
 * depend on both returning the same objects, which nobody has promised.
 */
import type { ClassNode, Position, Rule, Slot, View } from './model.ts';
import type { Run } from './run.ts';

/** The slots of a field for which no single entry does, one for each class; none when all is well. */
export function findSplitEntry(run: Run, position: Position): Slot[] {
  if (position.type.kind !== 'interface' || position.classes.length < 2) return [];
  const entries = entriesOf(run, position);
  if (entries.size < 2) return [];
  const classes = position.classes.filter((cls) => !cls.masked && [...cls.views.values()].some((view) => view.known));
  const [first] = classes;
  const known = [...entries].map(([, views]) => closure(position, views));
  for (const { key } of first?.slots.values() ?? []) {
    const all = classes.map((cls) => cls.slots.get(key));
    if (!all.every((slot) => slot?.client === true)) continue;
    const slots = all.filter((slot) => slot?.denied === false);
    const served = [...entries.values()].some((views, index) =>
      [...new Set(views.map(({ cls }) => cls))].every((cls) => {
        const slot = cls.slots.get(key);
        return slot?.denied === true || slot?.sources.some((view) => known[index]?.has(view) === true) === true;
      }),
    );
    if (!served) return slots.filter((slot) => slot !== undefined);
  }
  return [];
}

/** Views that came by the field itself, by graph. */
function entriesOf(run: Run, position: Position): Map<number, View[]> {
  const entries = new Map<number, View[]>();
  for (const cls of position.classes) {
    for (const view of cls.views.values()) {
      if (!view.known || !view.derivations.some(({ kind }) => kind === 'field')) continue;
      run.budget.count('facts');
      const views = entries.get(view.graph) ?? [];
      entries.set(view.graph, views);
      views.push(view);
    }
  }
  return entries;
}

/** All views of the position that can be had when its objects come from these views only. */
function closure(position: Position, entry: readonly View[]): ReadonlySet<View> {
  const known = new Set(entry);
  const rules = new Set(position.classes.flatMap(rulesOf));
  for (let before = -1; before !== known.size;) {
    before = known.size;
    for (const rule of rules) if (rule.missing === 0 && rule.slots.every((slot) => isKnown(position, known, slot))) known.add(rule.head);
  }
  return known;
}

function rulesOf(cls: ClassNode): Rule[] {
  const waiting = [...cls.slots.values()].flatMap((slot) => slot.waiting);
  return [...waiting, ...cls.position.typeFact.waiting].filter(({ head }) => head.cls.position === cls.position);
}

/** What lies deeper is taken as known if it is known at all. */
function isKnown(position: Position, known: ReadonlySet<View>, slot: Slot): boolean {
  return slot.owner.position === position ? slot.sources.some((view) => known.has(view)) : slot.sources.length > 0;
}
