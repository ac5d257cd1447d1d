/**
 * Root fields that were planned as one (twins.ts) become what they are: each gets positions, nodes and paths of its own, as copies
 * of those of the field that stood for it. Requests stay as they are; their documents name all of them already.
 */
import { costOfPlan } from './cost.ts';
import type { Position, Slot, Twin } from './model.ts';
import type { Part } from './nodes.ts';
import type { Run } from './run.ts';
import { responseKeyOf } from './twins.ts';
import type { Folded } from './twins.ts';
import type { Plan, PlanCall, PlanEntry, PlanFetch, PlanNeed, PlanNode, PlanPath, PlanPosition, PlanSource } from './types.ts';

/** One field that stands for others, and what lies below it, in the order of the plan. */
type Group = { readonly slot: Slot; readonly positions: number[]; readonly nodes: number[]; readonly copies: Copy[] };

/** One of the others: numbers of the original's positions and nodes → its own. */
type Copy = {
  readonly twin: Twin;
  readonly slot: number;
  readonly positions: Map<number, number>;
  readonly nodes: Map<number, number>;
  /** Its path in each call. */
  readonly paths: Map<number, number>;
};

export type NumberOf = (position: Position) => number | undefined;

export function instantiate(run: Run, part: Part, plan: Plan, numberOf: NumberOf): Plan {
  const slots = [...(part.root.classes[0]?.slots.values() ?? [])].filter(({ twins }) => twins.length > 0);
  if (run.folded === null) return plan;
  const groups = collectGroups(run, plan, slots, numberOf);
  const positions = [...plan.positions];
  const nodes = [...plan.nodes];
  const fetches = copyPaths(run, plan, groups);
  for (const group of groups) {
    for (const copy of group.copies) {
      for (const id of group.positions) addTo(positions, plan.positions[id], (one) => copyPosition(one, copy));
      for (const id of group.nodes) addTo(nodes, plan.nodes[id], (one) => copyNode(one, copy, part));
    }
  }
  const root = numberOf(part.root) ?? 0;
  const rootPosition = positions[root];
  if (rootPosition !== undefined) positions[root] = withTwins(rootPosition, groups, run.folded);
  for (const node of part.nodes) {
    const known = nodes[node.id];
    if (node.position === part.root && known !== undefined)
      nodes[node.id] = { ...known, fields: [...known.fields, ...twinFields(node, groups)] };
  }
  return { ...plan, positions, nodes, fetches, cost: costOfPlan(fetches, nodes) };
}

function addTo<T>(list: T[], original: T | undefined, copy: (original: T) => T): void {
  if (original !== undefined) list.push(copy(original));
}

/** Numbers everything that will be copied: copies come after all that is there. */
function collectGroups(run: Run, plan: Plan, slots: readonly Slot[], numberOf: NumberOf): Group[] {
  const groups: Group[] = slots.map((slot) => ({ slot, positions: [], nodes: [], copies: [] }));
  const groupAt = new Map<number, Group>();
  for (const group of groups) {
    const child = group.slot.child === null ? undefined : numberOf(group.slot.child);
    if (child !== undefined) groupAt.set(child, group);
  }
  // Parents come before their children.
  for (const { id, parent } of plan.positions) {
    const group = groupAt.get(id) ?? (parent === null ? undefined : groupAt.get(parent.position));
    if (group === undefined) continue;
    groupAt.set(id, group);
    group.positions.push(id);
  }
  for (const { id, position } of plan.nodes) groupAt.get(position)?.nodes.push(id);
  let [nextSlot, nextPosition, nextNode] = [run.slots.length, plan.positions.length, plan.nodes.length];
  for (const group of groups) {
    run.budget.count('positions', group.positions.length * group.slot.twins.length);
    for (const twin of group.slot.twins) {
      const copy: Copy = { twin, slot: nextSlot++, positions: new Map(), nodes: new Map(), paths: new Map() };
      for (const id of group.positions) copy.positions.set(id, nextPosition++);
      for (const id of group.nodes) copy.nodes.set(id, nextNode++);
      group.copies.push(copy);
    }
  }
  return groups;
}

/** Paths of the copies stand behind those of the originals in the same call. */
function copyPaths(run: Run, plan: Plan, groups: readonly Group[]): PlanFetch[] {
  const groupOf = new Map(groups.flatMap((group) => group.nodes.map((node) => [node, group])));
  return plan.fetches.map((fetch) =>
    fetch.calls.length === 0 ? fetch : { ...fetch, calls: fetch.calls.map((call) => copyCall(run, call, groupOf)) },
  );
}

function copyCall(run: Run, call: PlanCall, groupOf: ReadonlyMap<number, Group>): PlanCall {
  const paths: PlanPath[] = [...call.paths];
  for (const path of call.paths) {
    for (const copy of groupOf.get(path.node)?.copies ?? []) {
      copy.paths.set(path.node, paths.length);
      paths.push({
        ...path,
        position: copy.positions.get(path.position) ?? path.position,
        node: copy.nodes.get(path.node) ?? path.node,
        entries: path.entries.map((entry) => ({
          ...entry,
          key: copyNeeds(run, entry.key, copy),
          requires: entry.requires.map(({ needs, names }) => ({ needs: copyNeeds(run, needs, copy), names })),
        })),
      });
    }
  }
  return { ...call, paths };
}

function copyNeeds(run: Run, needs: readonly PlanNeed[], copy: Copy): PlanNeed[] {
  run.budget.count('representationLeaves', needs.length);
  return needs.map((need) =>
    need.kind === 'leaf'
      ? { kind: 'leaf', field: need.field, node: copy.nodes.get(need.node) ?? need.node, name: need.name }
      : {
          ...need,
          position: copy.positions.get(need.position) ?? need.position,
          byClass: need.byClass.map((one) => ({ ...one, needs: copyNeeds(run, one.needs, copy) })),
        },
  );
}

function copyPosition(position: PlanPosition, copy: Copy): PlanPosition {
  const node = (id: number): number => copy.nodes.get(id) ?? id;
  const { parent } = position;
  const above = parent === null ? undefined : copy.positions.get(parent.position);
  return {
    ...position,
    id: copy.positions.get(position.id) ?? position.id,
    parent: parent === null ? null : above === undefined ? { ...parent, field: copy.twin.key } : { ...parent, position: above },
    nodes: position.nodes.map(node),
    primary: node(position.primary),
    typeNode: position.typeNode === null ? null : node(position.typeNode),
    classes: position.classes.map(({ types, lanes, opens }) => ({
      types,
      opens,
      lanes: lanes.map((lane) =>
        lane.map((entry) => (entry.kind === 'field' ? { ...entry, source: copySource(entry.source, copy) } : entry)),
      ),
    })),
  };
}

function copySource(source: PlanSource, copy: Copy): PlanSource {
  switch (source.kind) {
    case 'leaf':
      return { kind: 'leaf', node: copy.nodes.get(source.node) ?? source.node, name: source.name };
    case 'position':
      return { kind: 'position', position: copy.positions.get(source.position) ?? source.position, lane: source.lane };
    case 'denied':
    case 'none':
      return source;
  }
}

function copyNode(node: PlanNode, copy: Copy, part: Part): PlanNode {
  return {
    ...node,
    id: copy.nodes.get(node.id) ?? node.id,
    position: copy.positions.get(node.position) ?? node.position,
    origin: copyOrigin(node, copy, part),
    fields: node.fields.map((field) => (field.child === null ? field : { ...field, child: copy.nodes.get(field.child) ?? field.child })),
  };
}

function copyOrigin({ id, origin }: PlanNode, copy: Copy, part: Part): PlanNode['origin'] {
  switch (origin.kind) {
    case 'root':
      return origin;
    case 'entity':
      return { ...origin, path: copy.paths.get(id) ?? origin.path };
    case 'field': {
      const parent = copy.nodes.get(origin.node);
      return parent === undefined ? { ...origin, name: nameBelow(part, id, copy) } : { ...origin, node: parent };
    }
  }
}

/** What the copy is called in the root node from which the original comes. */
function nameBelow(part: Part, id: number, { twin }: Copy): string {
  const origin = part.nodes.find((node) => node.id === id)?.origin;
  if (origin?.kind !== 'field') return '';
  return origin.parent.fields.get(origin.slot)?.twins[origin.slot.twins.indexOf(twin)] ?? '';
}

function twinFields(node: Part['nodes'][number], groups: readonly Group[]): PlanNode['fields'] {
  return groups.flatMap(({ slot, copies }) => {
    const field = node.fields.get(slot);
    if (field === undefined) return [];
    const child = field.child?.id ?? null;
    return copies.map((copy, index) => ({
      name: field.twins[index] ?? '',
      slot: copy.slot,
      child: child === null ? null : (copy.nodes.get(child) ?? child),
    }));
  });
}

/** The root shows all fields, in the client's order. */
function withTwins(root: PlanPosition, groups: readonly Group[], folded: Folded): PlanPosition {
  const classes = root.classes.map((cls) => ({
    ...cls,
    lanes: cls.lanes.map((lane) => {
      const entries = new Map(lane.map((entry): [string, PlanEntry] => [entry.responseKey, entry]));
      for (const { slot, copies } of groups) {
        const entry = entries.get(slot.responseKey ?? '');
        if (entry?.kind !== 'field') continue;
        for (const copy of copies) {
          const { responseKey } = copy.twin;
          entries.set(responseKey, { ...entry, responseKey, slot: copy.slot, source: copySource(entry.source, copy) });
        }
      }
      // A field that may not be read has no slot.
      for (const [node, others] of folded.twins) {
        const entry = entries.get(responseKeyOf(node));
        for (const key of others.map(responseKeyOf))
          if (entry !== undefined && !entries.has(key)) entries.set(key, { ...entry, responseKey: key });
      }
      return folded.order.flatMap((key) => entries.get(key) ?? []);
    }),
  }));
  return { ...root, classes };
}
