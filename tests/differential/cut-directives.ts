/** The steps of the cutter that come once all fields have owners: keys that may be null, provides, override, types that differ. */
import { fieldsOfKey, KEYS } from './draft.ts';
import type { Draft, GraphCut, GraphField, Provided } from './draft.ts';
import { FABRICS, KEY_FIELDS, isFabricField, isPlainLeaf, namedType, typesBehind } from './monolith.ts';
import type { FieldSpec, TypeSpec } from './monolith.ts';

/** Of progressive overrides; each operation draws which are active. */
export const LABELS: readonly string[] = ['early', 'percent(40)'];

/** Fields that every type of those that lead to tales may have. */
const TIPS: readonly string[] = ['name', 'alt', 'code', 'extra'];
const EXTRAS: readonly string[] = ['extra', 'extras'];

/**
 * A graph that hangs on the rest by a key that some objects lack, or that does not know some objects: its fields are null for them,
 * which the data of the monolith keeps.
 */
export function annex(draft: Draft, type: TypeSpec): void {
  const { random } = draft;
  const core = draft.core.get(type.name) ?? [];
  const [graph] = random.sample(
    draft.graphs.filter((one) => !one.types.has(type.name) && draft.mayKnow(one, type.name)),
    1,
  );
  const other = random.pick(core);
  if (graph === undefined || FABRICS.includes(type.name) || !random.chance(0.7)) {
    for (const name of ['alt', ...EXTRAS]) draft.own(random.pick(core), type.name, name);
    return;
  }
  const mode = random.pick(['alt', 'absent'] as const);
  for (const name of EXTRAS) {
    const spec = type.fields.find((field) => field.name === name);
    if (spec !== undefined) spec.masked = mode;
    draft.own(graph, type.name, name);
  }
  if (mode === 'alt') {
    const key = random.pick(['alt', 'alt no', 'alt ref { n }']);
    draft.addKey(graph, type.name, key, true);
    for (const name of fieldsOfKey(key)) draft.own(other, type.name, name);
  } else {
    const key = random.pick(KEYS);
    draft.addKey(graph, type.name, key, true);
    draft.addKey(other, type.name, key, random.chance(0.5));
    draft.own(other, type.name, 'alt');
  }
  draft.annexed.add(`${graph.name} ${type.name}`);
}

/** At a field that returns entities: a field of them that this graph does not resolve otherwise, at times one level deeper. */
export function provide(draft: Draft): void {
  for (const graph of draft.graphs) {
    // As they are now: providing adds external fields.
    for (const [parent, { fields }] of Array.from(graph.types)) {
      for (const [name, field] of Array.from(fields)) {
        if (field.role !== 'own' || field.overrides !== null || parent === 'Mutation') continue;
        const spec =
          draft.monolith.types.get(parent)?.fields.find((one) => one.name === name) ??
          draft.monolith.queries.find((one) => one.name === name);
        const type = namedType(field.type);
        const isAbstract = type === 'Goods' || type === 'Named';
        if (spec === undefined || type === 'Fabric' || !draft.random.chance(isAbstract ? 0.8 : 0.35)) continue;
        const members = typesBehind(draft.monolith, spec).filter((one) => draft.monolith.types.get(one)?.kind === 'entity');
        for (const one of draft.random.sample(members, isAbstract ? 2 : 1)) {
          const provided = provideAt(draft, graph, one, 0);
          if (provided !== null) field.provides.push(provided);
        }
      }
    }
  }
}

function provideAt(draft: Draft, graph: GraphCut, entity: string, depth: number): Provided | null {
  const target = draft.monolith.types.get(entity);
  const known = graph.types.get(entity)?.fields;
  if (target === undefined || known === undefined) return null;
  const free = target.fields.filter(
    (one) => !known.has(one.name) && !isFabricField(target, one) && draft.ownersOf(entity, one.name).length > 0,
  );
  const links = free.filter((one) => /^(to|the)(Mill|Loom|Crate|Buyer)$/.test(one.name) && draft.mayReturn(graph, one));
  if (depth < 2 && links.length > 0 && draft.random.chance(0.8)) {
    const link = draft.random.pick(links);
    draft.external(graph, entity, link.name);
    const below = provideAt(draft, graph, namedType(link.type), depth + 1);
    if (below !== null) return { on: entity, field: link.name, below: [below] };
    graph.types.get(entity)?.fields.delete(link.name);
  }
  const [leaf] = draft.random.sample(
    free.filter((one) => isPlainLeaf(draft.monolith, one) && one.args === ''),
    1,
  );
  if (leaf === undefined) return null;
  draft.external(graph, entity, leaf.name);
  return { on: entity, field: leaf.name, below: [] };
}

export function override(draft: Draft): void {
  for (const type of draft.entities()) {
    for (const spec of type.fields) {
      if (isFabricField(type, spec)) continue;
      if (KEY_FIELDS.includes(spec.name) && draft.random.chance(0.35)) overrideKey(draft, type, spec);
      else if (isPlainLeaf(draft.monolith, spec) && draft.random.chance(0.5)) overridePlain(draft, type, spec);
    }
  }
}

function overridePlain(draft: Draft, type: TypeSpec, spec: FieldSpec): void {
  const homes = draft.homesOf(type.name).map((graph) => ({ graph, field: graph.types.get(type.name)?.fields.get(spec.name) }));
  const loser = homes.find(({ field }) => field?.role === 'own');
  const [winner] = draft.random.sample(
    homes.filter((one) => one !== loser && draft.random.chance(0.7)),
    1,
  );
  const owners = draft.ownersOf(type.name, spec.name);
  const rows = draft.graphs.flatMap((graph) => graph.types.get(type.name)?.fields.get(spec.name) ?? []);
  if (owners.length !== 1 || rows.length !== 1) return;
  const canWin = winner !== undefined && !winner.graph.isOld && winner.field === undefined;
  if (canWin && loser?.field !== undefined && loser.field === owners[0]) {
    const won = draft.own(winner.graph, type.name, spec.name);
    won.overrides = loser.graph.name;
    loser.field.role = 'overridden';
    if (!loser.graph.isOld && draft.random.chance(0.75)) won.label = loser.field.label = draft.random.pick(LABELS);
  } else if (owners[0] !== undefined && draft.random.chance(0.3)) {
    const graph = draft.graphs.find((one) => one.types.get(type.name)?.fields.get(spec.name) === owners[0]);
    if (graph?.isOld === false) owners[0].overrides = 'gone';
  }
}

/** A field that is a key elsewhere, at times also a key of the loser that nothing hangs on: the composer does not leave by it. */
function overrideKey(draft: Draft, type: TypeSpec, spec: FieldSpec): void {
  const { random } = draft;
  const isKey = (graph: GraphCut): boolean =>
    [...(graph.types.get(type.name)?.keys.keys() ?? [])].some((key) => fieldsOfKey(key).includes(spec.name));
  const known = draft.graphs.filter(
    (graph) => graph.types.has(type.name) && !graph.isOld && !draft.annexed.has(`${graph.name} ${type.name}`),
  );
  const winners = known.filter((graph) => isKey(graph) && graph.types.get(type.name)?.interfaces.size === 0);
  const [winner] = random.sample(winners, 1);
  const [loser] = random.sample(
    known.filter((graph) => graph !== winner && !isKey(graph)),
    1,
  );
  const lost = loser?.types.get(type.name);
  if (winner === undefined || loser === undefined || lost === undefined) return;
  const old = draft.own(loser, type.name, spec.name);
  if (old.role !== 'own') return;
  draft.own(winner, type.name, spec.name).overrides = loser.name;
  old.role = 'overridden';
  if (['id', 'code', 'mark'].includes(spec.name) && draft.random.chance(0.5))
    lost.keys.set(spec.name, loser.isOld || draft.random.chance(0.5));
}

/** The graph that tells tales says of each type that leads to them what they are told by: at times a field that others have. */
export function carryTips(draft: Draft): void {
  const tells = draft.monolith.types.get('Tale')?.fields.find((field) => field.tells !== undefined)?.tells;
  if (tells === undefined) return;
  for (const type of draft.entities()) {
    if (!type.fields.some(({ name }) => name === 'tale' || name === 'tales')) continue;
    draft.join(draft.teller, type.name, false);
    const row = draft.addType(draft.teller, type.name);
    row.tips = true;
    const able = type.fields.filter(({ name }) => TIPS.includes(name) && row.fields.get(name)?.role !== 'overridden');
    const { name } = draft.random.pick(able);
    tells.set(type.name, name);
    draft.external(draft.teller, type.name, name);
  }
}

/** One of several owners promises non-null, or a member of its union or interface, which the data keeps. */
export function tighten(draft: Draft): void {
  for (const { type, field, rows } of sharedRows(draft)) {
    const [only, ...others] = field.only ?? [];
    const row = draft.random.pick(rows).types.get(field.parent)?.fields.get(field.name);
    // The composer wants the types of external copies to be equal.
    if (draft.graphs.some((graph) => graph.types.get(field.parent)?.fields.get(field.name)?.role === 'external')) continue;
    if (only !== undefined && others.length === 0 && row !== undefined) row.type = row.type.replace(type, only);
  }
  for (const type of draft.entities()) {
    for (const spec of type.fields) {
      const owners = draft.ownersOf(type.name, spec.name);
      const all = draft.graphs.flatMap((graph) => graph.types.get(type.name)?.fields.get(spec.name) ?? []);
      const mayDiffer = owners.length >= 2 && all.length === owners.length && isPlainLeaf(draft.monolith, spec) && !/[[!]/.test(spec.type);
      if (!mayDiffer || draft.random.chance(0.4)) continue;
      spec.neverNull = true;
      draft.random.pick(owners).type = `${spec.type}!`;
    }
  }
}

/** Graphs that share an abstract field have the same members: else PLANNER §3.3 narrows to those that all know. */
export function evenMembers(draft: Draft): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const { type, field, rows } of sharedRows(draft)) {
      const all = new Set(rows.flatMap((graph) => [...(graph.types.get(type)?.members ?? [])]));
      for (const graph of rows) {
        for (const member of all) {
          if (graph.types.get(type)?.members.has(member) === true) continue;
          if (!draft.mayKnow(graph, type, [member])) throw new Error(`${graph.name} cannot share ${field.name}`);
          draft.knowMember(graph, type, member);
          changed = true;
        }
      }
    }
  }
}

type Shared = { readonly type: string; readonly field: FieldSpec & { readonly parent: string }; readonly rows: readonly GraphCut[] };

/** Abstract fields with the graphs that resolve them, where these are several. */
function sharedRows(draft: Draft): Shared[] {
  const parents: (readonly [string, readonly FieldSpec[]])[] = [
    ['Query', draft.monolith.queries],
    ...draft.entities().map((type) => [type.name, type.fields] as const),
  ];
  return parents.flatMap(([parent, fields]) =>
    fields.flatMap((field) => {
      const type = namedType(field.type);
      const rows = draft.graphs.filter((graph) => graph.types.get(parent)?.fields.get(field.name)?.role === 'own');
      return ['Goods', 'Named'].includes(type) && rows.length > 1 ? [{ type, field: { ...field, parent }, rows }] : [];
    }),
  );
}

export function declareInterfaces(draft: Draft): void {
  for (const spec of draft.monolith.types.values()) {
    if (spec.kind !== 'interface') continue;
    for (const graph of draft.graphs) {
      const type = graph.types.get(spec.name);
      if (type === undefined || type.interfaceObject) continue;
      for (const field of spec.fields) {
        const rows = [...type.members].map((member) => graph.types.get(member)?.fields.get(field.name));
        const mustHave = spec.name === 'Fabric' || field.name === 'id';
        if (!rows.every((row) => row !== undefined) || (!mustHave && !draft.random.chance(0.7))) continue;
        const row: GraphField = { role: 'own', type: field.type, requires: null, provides: [], overrides: null, label: null };
        type.fields.set(field.name, row);
      }
    }
    const declared = (field: FieldSpec): boolean => draft.graphs.some((graph) => graph.types.get(spec.name)?.fields.has(field.name));
    spec.fields.splice(0, spec.fields.length, ...spec.fields.filter(declared));
  }
}

/** Federation 1 cannot hide: what only such a graph knows is public. */
export function unhide(draft: Draft): void {
  const modern = draft.graphs.filter((graph) => !graph.isOld);
  const knows = (graph: GraphCut, type: string, field: FieldSpec): boolean => {
    const role = graph.types.get(type)?.fields.get(field.name)?.role;
    return role === 'own' || role === 'overridden';
  };
  const fields = draft.entities().flatMap((type) => type.fields.map((field) => ({ type: type.name, field })));
  for (const { type, field } of fields)
    if (field.hidden === true && !modern.some((graph) => knows(graph, type, field))) field.hidden = false;
  const hides = ({ type, field }: (typeof fields)[number]): boolean =>
    field.grades?.includes('D') === true && modern.some((graph) => graph.types.get(type)?.fields.has(field.name));
  if (!fields.some(hides)) draft.monolith.hiddenGrade = null;
}

/** Objects of a type that no graph has in a union or interface are not of it. */
export function trimMembers(draft: Draft): void {
  for (const spec of draft.monolith.types.values()) {
    if (spec.name !== 'Goods' && spec.name !== 'Named') continue;
    const known = spec.members.filter((member) => draft.graphs.some((graph) => graph.types.get(spec.name)?.members.has(member) === true));
    for (const member of spec.members) {
      const above = known.includes(member) ? undefined : draft.monolith.types.get(member)?.interfaces;
      if (above?.includes(spec.name) === true) above.splice(above.indexOf(spec.name), 1);
    }
    spec.members.splice(0, spec.members.length, ...known);
  }
}
