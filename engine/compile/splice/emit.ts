/**
 * Emission: the client's answer put together from pieces of the subgraphs' answers. What a subgraph answers as the client wants it is
 * copied as one piece, from one field to whole lists of objects. Exports `compileEmit`.
 */
import type { Plan, PlanEntry, PlanPosition } from '../../plan/index.ts';
import { Writer, constant } from './bytes.ts';
import type { Constant } from './bytes.ts';
import { NotSpliced } from './not-spliced.ts';
import { fieldOf, find } from './rows.ts';
import type { Access, Accesses, Bound, Run, Site } from './rows.ts';
import { NONE } from './scan-values.ts';
import type { Tape } from './scan.ts';
import { INNER_LIST, PRESENT, useChild, useRange } from './shape.ts';
import type { Shape, ShapeField } from './shape.ts';

/** UTF-8 of `{"data":{…}}`; throws NotSpliced when an error is due. */
export type Emit = (run: Run) => Uint8Array;

const COMMA = 44;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const LETTER_N = 110;
const NULL = constant('null');
const HEAD = constant('{"data":');
const TAIL = constant('}');

const out = new Writer();

export function compileEmit(plan: Plan, accesses: Accesses): Emit {
  const [part] = plan.parts;
  const position = plan.positions[part?.position ?? -1];
  if (position === undefined || plan.parts.length !== 1) throw new NotSpliced('not one root');
  const compiler: Compiler = { plan, accesses, known: new Map() };
  const root = compilePosition(compiler, position, 0);
  return (run) => {
    out.begin();
    out.write(HEAD);
    emitObject(run, root, 0);
    out.write(TAIL);
    return out.take();
  };
}

type Compiler = { readonly plan: Plan; readonly accesses: Accesses; readonly known: Map<string, Emitter> };

type Emitter = { readonly site: Site; readonly classes: ClassEmitter[] };
type ClassEmitter = { readonly steps: readonly Step[]; readonly end: Constant };

/**
 * `before` is written first. 'run': from the key of one field to the end of another, as they stand; `orNull` when the object is null.
 * 'value': one value under another key. 'child': objects below. 'type': their type. 'refuse': a null that is an error.
 */
type Step =
  | {
      readonly kind: 'run';
      readonly before: Constant;
      readonly access: Access;
      readonly from: number;
      readonly keyLength: number;
      readonly to: number;
      readonly orNull: Constant | null;
    }
  | { readonly kind: 'value'; readonly before: Constant; readonly access: Access; readonly at: number; readonly nonNull: boolean }
  | {
      readonly kind: 'child';
      readonly before: Constant;
      readonly access: Access;
      readonly at: number;
      readonly list: Shape | null;
      readonly nonNull: boolean;
      readonly emitter: Emitter;
    }
  | { readonly kind: 'type'; readonly before: Constant; readonly access: Access; readonly names: readonly Constant[] }
  | { readonly kind: 'refuse' };

function compilePosition(compiler: Compiler, position: PlanPosition, lane: number): Emitter {
  const key = `${position.id}:${lane}`;
  const found = compiler.known.get(key);
  if (found !== undefined) return found;
  const emitter: Emitter = { site: compiler.accesses.site(position.id), classes: [] };
  compiler.known.set(key, emitter);
  for (const cls of position.classes) emitter.classes.push(compileClass(compiler, emitter.site, cls.lanes[lane] ?? []));
  return emitter;
}

/** Fields that follow each other in the answer as in the client's. */
type OpenRun = {
  readonly access: Access;
  readonly first: ShapeField;
  last: ShapeField;
  readonly before: string;
  nulls: string;
  nonNull: boolean;
};

class Steps {
  readonly steps: Step[] = [];
  /** Text that is known, up to the next value. */
  #text = '{';
  #run: OpenRun | null = null;
  #isFirst = true;

  comma(): string {
    const comma = this.#isFirst ? '' : ',';
    this.#isFirst = false;
    return comma;
  }

  text(text: string): void {
    this.#close();
    this.#text += text;
  }

  before(): Constant {
    this.#close();
    const before = constant(this.#text);
    this.#text = '';
    return before;
  }

  run(access: Access, field: ShapeField, comma: string, nonNull: boolean): void {
    const open = this.#run;
    const isNull = `${JSON.stringify(field.name)}:null`;
    if (open !== null && open.access === access && field.order === open.last.order + 1) {
      open.last = field;
      open.nulls += `,${isNull}`;
      open.nonNull ||= nonNull;
      return;
    }
    this.#close();
    this.#run = { access, first: field, last: field, before: this.#text + comma, nulls: isNull, nonNull };
    this.#text = '';
  }

  end(): ClassEmitter {
    this.#close();
    return { steps: this.steps, end: constant(`${this.#text}}`) };
  }

  #close(): void {
    const open = this.#run;
    if (open === null) return;
    this.#run = null;
    const { shape } = open.access;
    this.steps.push({
      kind: 'run',
      before: constant(open.before),
      access: open.access,
      from: useRange(shape, open.first),
      keyLength: open.first.keyLength,
      to: useRange(shape, open.last) + 1,
      orNull: open.nonNull ? null : constant(open.nulls),
    });
  }
}

function compileClass(compiler: Compiler, site: Site, entries: readonly PlanEntry[]): ClassEmitter {
  const steps = new Steps();
  for (const entry of entries) compileEntry(compiler, site, entry, steps);
  return steps.end();
}

function compileEntry(compiler: Compiler, site: Site, entry: PlanEntry, steps: Steps): void {
  const comma = steps.comma();
  const key = `${comma}${JSON.stringify(entry.responseKey)}:`;
  switch (entry.kind) {
    case 'local':
      throw new NotSpliced('introspection');
    case 'typename':
      return compileType(site, key, steps);
    case 'field':
      return compileField(compiler, entry, { comma, key }, steps);
  }
}

function compileType({ position, typed }: Site, key: string, steps: Steps): void {
  if (typed === null) {
    const [only] = position.classes;
    const name = position.classes.length === 1 && only?.types.length === 1 ? only.types[0] : undefined;
    steps.text(key + JSON.stringify(name ?? position.typeName));
    return;
  }
  steps.text(key);
  const names = typed.shape.typeNames.map((name) => constant(JSON.stringify(name)));
  steps.steps.push({ kind: 'type', before: steps.before(), access: typed, names });
}

type FieldEntry = PlanEntry & { readonly kind: 'field' };

function compileField(compiler: Compiler, entry: FieldEntry, { comma, key }: { comma: string; key: string }, steps: Steps): void {
  const { source, type, responseKey } = entry;
  switch (source.kind) {
    case 'denied':
      steps.steps.push({ kind: 'refuse' });
      return;
    case 'none':
      if (type.nonNull) steps.steps.push({ kind: 'refuse' });
      steps.text(`${key}null`);
      return;
    case 'leaf': {
      const access = compiler.accesses.node(source.node);
      const field = fieldOf(access.shape, source.name);
      if (access.shape.strict && responseKey === field.name) return steps.run(access, field, comma, type.nonNull);
      steps.text(key);
      steps.steps.push({ kind: 'value', before: steps.before(), access, at: useRange(access.shape, field), nonNull: type.nonNull });
      return;
    }
    case 'position': {
      const child = compiler.plan.positions[source.position];
      const holder = child === undefined ? null : compiler.accesses.site(child.id).holder;
      if (child === undefined || holder === null) throw new NotSpliced('objects that no field holds');
      const { access, field } = holder;
      if (access.shape.strict && responseKey === field.name && isAsAnswered(compiler, child, source.lane))
        return steps.run(access, field, comma, type.nonNull);
      steps.text(key);
      steps.steps.push({
        kind: 'child',
        before: steps.before(),
        access,
        at: useChild(access.shape, field),
        list: field.kind === 'list' ? field.child : null,
        nonNull: type.nonNull,
        emitter: compilePosition(compiler, child, source.lane),
      });
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

function emitObject(run: Run, { site, classes }: Emitter, row: number): void {
  const emitter = classes[site.typed === null ? 0 : run.classOf(site, row)];
  if (emitter === undefined) throw new NotSpliced('a class without entries');
  const { steps, end } = emitter;
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index];
    if (step === undefined || step.kind === 'refuse') throw new NotSpliced('an error is due');
    out.write(step.before);
    const bound = run.bind(step.access);
    const at = find(bound, row);
    switch (step.kind) {
      case 'run':
        if (at === NONE) emitNull(step.orNull);
        else out.copy(bound.bytes, bound.view, (bound.rows[at + step.from] ?? 0) - step.keyLength, bound.rows[at + step.to] ?? 0);
        break;
      case 'value':
        emitValue(step, bound, at);
        break;
      case 'child':
        emitChild(run, step, bound, at);
        break;
      case 'type': {
        const name = step.names[run.typeOf(step.access, row)];
        if (name === undefined) throw new NotSpliced('a type that is not known');
        out.write(name);
      }
    }
  }
  out.write(end);
}

function emitNull(text: Constant | null): void {
  if (text === null) throw new NotSpliced('an error is due');
  out.write(text);
}

function emitValue({ at: column, nonNull }: Step & { readonly kind: 'value' }, { bytes, view, rows }: Bound, at: number): void {
  const from = at === NONE ? NONE : (rows[at + column] ?? NONE);
  if (from === NONE || bytes[from] === LETTER_N) return emitNull(nonNull ? null : NULL);
  out.copy(bytes, view, from, rows[at + column + 1] ?? from);
}

function emitChild(
  run: Run,
  { access, at: column, list, nonNull, emitter }: Step & { readonly kind: 'child' },
  { rows }: Bound,
  at: number,
): void {
  const first = at === NONE ? NONE : (rows[at + column] ?? NONE);
  if (first === NONE) return emitNull(nonNull ? null : NULL);
  if (list === null) emitObject(run, emitter, first);
  else {
    const tape = run.tapes[access.fetch];
    if (tape !== null && tape !== undefined) emitList(run, emitter, tape, { shape: list, first, items: rows[at + column + 1] ?? 0 });
  }
}

type List = { readonly shape: Shape; readonly first: number; readonly items: number };

function emitList(run: Run, emitter: Emitter, tape: Tape, { shape, first, items }: List): void {
  const { rows } = tape;
  const start = tape.starts[shape.index] ?? 0;
  out.byte(OPEN_LIST);
  for (let item = first; item < first + items; item += 1) {
    if (item > first) out.byte(COMMA);
    const at = start + item * shape.stride;
    // What may not be null was seen when the answer was read.
    if (rows[at + PRESENT] === NONE) out.write(NULL);
    else if (shape.item === null) emitObject(run, emitter, item);
    else emitList(run, emitter, tape, { shape: shape.item, first: rows[at + INNER_LIST] ?? 0, items: rows[at + INNER_LIST + 1] ?? 0 });
  }
  out.byte(CLOSE_LIST);
}
