/**
 * The steps by which each kind of object is written, in the client's order. Exports `compileEmitters`.
 */
import type { Plan, PlanEntry, PlanPosition } from '../../plan/index.ts';
import { StepList } from './emit-steps.ts';
import type { ClassEmitter, Emitter } from './emit-steps.ts';
import { NotSpliced } from './not-spliced.ts';
import { fieldOf } from './rows.ts';
import type { Access, Accesses, Site } from './rows.ts';
import { decides } from './same-objects.ts';
import type { Decidable } from './same-objects.ts';

/** All of them; that of the root comes first. */
export function compileEmitters(plan: Plan, accesses: Accesses): Emitter[] {
  const [part] = plan.parts;
  const position = plan.positions[part?.position ?? -1];
  if (position === undefined || plan.parts.length !== 1) throw new NotSpliced('not one root');
  const compiler: Compiler = { plan, accesses, known: new Map(), readsOf: new Map() };
  compilePosition(compiler, position, 0);
  const emitters = [...compiler.known.values()];
  for (const emitter of emitters) emitter.decider = findDecider(compiler, emitter);
  return emitters;
}

type Compiler = {
  readonly plan: Plan;
  readonly accesses: Accesses;
  readonly known: Map<string, Emitter>;
  /** What the objects of an emitter are written from; null when that cannot be told. */
  readonly readsOf: Map<Emitter, Decidable[] | null>;
};

function compilePosition(compiler: Compiler, position: PlanPosition, lane: number): Emitter {
  const key = `${position.id}:${lane}`;
  const found = compiler.known.get(key);
  if (found !== undefined) return found;
  const emitter: Emitter = { id: compiler.known.size, site: compiler.accesses.site(position.id), classes: [], decider: null };
  compiler.known.set(key, emitter);
  const reads: Decidable[] = [];
  for (const cls of position.classes) emitter.classes.push(compileClass(compiler, emitter.site, cls.lanes[lane] ?? [], reads));
  compiler.readsOf.set(emitter, emitter.site.typed === null ? reads : null);
  return emitter;
}

function findDecider({ accesses, readsOf }: Compiler, emitter: Emitter): Access | null {
  const reads = readsOf.get(emitter) ?? [];
  const where = { position: emitter.site.position.id, classIndex: 0 };
  const isDecider = (access: Access): boolean => access.mode === 'sent' && reads.every((read) => decides(accesses, access, where, read));
  return reads.find(({ access }) => isDecider(access))?.access ?? null;
}

function compileClass(compiler: Compiler, site: Site, entries: readonly PlanEntry[], reads: Decidable[]): ClassEmitter {
  const steps = new StepList();
  for (const entry of entries) {
    const comma = steps.comma();
    const key = `${comma}${JSON.stringify(entry.responseKey)}:`;
    if (entry.kind === 'local') throw new NotSpliced('introspection');
    if (entry.kind === 'typename') compileType(site, key, steps);
    else compileField(compiler, entry, { comma, key, reads }, steps);
  }
  return steps.end();
}

function compileType({ position, typed }: Site, key: string, steps: StepList): void {
  steps.text(key);
  if (typed !== null) return steps.typeName(typed);
  const [only] = position.classes;
  const name = position.classes.length === 1 && only?.types.length === 1 ? only.types[0] : undefined;
  steps.text(JSON.stringify(name ?? position.typeName));
}

type FieldEntry = PlanEntry & { readonly kind: 'field' };
type FieldText = { readonly comma: string; readonly key: string; readonly reads: Decidable[] };

function compileField(compiler: Compiler, entry: FieldEntry, { comma, key, reads }: FieldText, steps: StepList): void {
  const { source, type, responseKey } = entry;
  switch (source.kind) {
    case 'denied':
      return steps.refuse();
    case 'none':
      if (type.nonNull) steps.refuse();
      return steps.text(`${key}null`);
    case 'leaf': {
      const access = compiler.accesses.node(source.node);
      const field = fieldOf(access.shape, source.name);
      if (access.shape.strict && responseKey === field.name) steps.run(access, field, comma, type.nonNull);
      else {
        steps.text(key);
        steps.value(access, field, type.nonNull);
      }
      reads.push({ access, field });
      return;
    }
    case 'position': {
      const child = compiler.plan.positions[source.position];
      const holder = child === undefined ? null : compiler.accesses.site(child.id).holder;
      if (child === undefined || holder === null) throw new NotSpliced('objects that no field holds');
      const { access, field } = holder;
      reads.push({ access, field });
      if (access.shape.strict && responseKey === field.name && isAsAnswered(compiler, child, source.lane))
        return steps.run(access, field, comma, type.nonNull);
      steps.text(key);
      steps.child(access, field, { emitter: compilePosition(compiler, child, source.lane), nonNull: type.nonNull });
    }
  }
}

/** Every object below stands in the answer as the client wants it, key by key. */
function isAsAnswered(compiler: Compiler, position: PlanPosition, lane: number): boolean {
  const { typed, primary } = compiler.accesses.site(position.id);
  const entries = position.classes[0]?.lanes[lane] ?? [];
  if (typed !== null || primary === null || !primary.shape.strict || entries.length !== primary.shape.fields.length) return false;
  return entries.every((entry, index) => {
    const field = primary.shape.fields[index];
    if (field === undefined || entry.kind !== 'field' || entry.responseKey !== field.name) return false;
    if (entry.source.kind === 'leaf') return entry.source.node === primary.node.id && entry.source.name === field.name;
    if (entry.source.kind !== 'position') return false;
    const child = compiler.plan.positions[entry.source.position];
    const holder = child === undefined ? null : compiler.accesses.site(child.id).holder;
    return child !== undefined && holder?.access === primary && holder.field === field && isAsAnswered(compiler, child, entry.source.lane);
  });
}
