/**
 * Emission: the client's answer put together from pieces of the subgraphs' answers. What a subgraph answers as the client wants it is
 * copied as one piece, from one field to whole lists of objects; objects that must be written alike are written once, then copied.
 * Exports `compileEmit`.
 */
import type { Plan } from '../../plan/index.ts';
import { Writer, constant } from './bytes.ts';
import { compileEmitters } from './compile-emit.ts';
import { LIST, OBJECT, RUN, TYPE_NAME, VALUE } from './emit-steps.ts';
import type { Emitter, Step } from './emit-steps.ts';
import { NotSpliced } from './not-spliced.ts';
import type { Access, Accesses } from './rows.ts';
import { ABSENT, find } from './run.ts';
import type { Bound, Run } from './run.ts';
import { NONE } from './scan-values.ts';
import type { Tape } from './scan.ts';
import { INNER_LIST, PRESENT } from './shape.ts';
import type { Shape } from './shape.ts';

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
  const emitters = compileEmitters(plan, accesses);
  const [root] = emitters;
  if (root === undefined) throw new NotSpliced('no root');
  const accessesOf = [
    ...new Set(emitters.flatMap(({ classes }) => classes.flatMap(({ steps }) => steps.flatMap(({ access }) => access ?? [])))),
  ];
  return (run) => {
    out.begin();
    out.write(HEAD);
    const written = emitters.map(({ decider }) => (decider === null ? NOTHING : new Int32Array(2 * run.rowsOf(decider))));
    const bounds: Bound[] = [];
    for (const access of accessesOf) bounds[access.node.id] = run.bind(access);
    emitObject({ run, written, bounds }, root, 0);
    out.write(TAIL);
    return out.take();
  };
}

/**
 * `bounds`: by node. `written`: by emitter and row of its decider, from where to where it stands in what is written.
 */
type Context = { readonly run: Run; readonly written: readonly Int32Array[]; readonly bounds: readonly Bound[] };

const NOTHING = new Int32Array(0);

function emitObject(context: Context, emitter: Emitter, row: number): void {
  const { decider, id } = emitter;
  if (decider === null) return emitClass(context, emitter, row);
  const decided = context.run.bind(decider).map?.[row] ?? NONE;
  const written = context.written[id];
  if (decided === NONE || written === undefined) return emitClass(context, emitter, row);
  const from = written[2 * decided] ?? 0;
  // Nothing stands before the head of the answer.
  if (from > 0) return out.again(from, written[2 * decided + 1] ?? from);
  const begin = out.length;
  emitClass(context, emitter, row);
  written[2 * decided] = begin;
  written[2 * decided + 1] = out.length;
}

function emitClass(context: Context, { site, classes }: Emitter, row: number): void {
  const { run } = context;
  const emitter = classes[site.typed === null ? 0 : run.classOf(site, row)];
  if (emitter === undefined) throw new NotSpliced('a class without entries');
  const { steps, end } = emitter;
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index];
    if (step === undefined || step.access === null) throw new NotSpliced('an error is due');
    if (step.before.length > 0) out.write(step.before);
    const bound = context.bounds[step.access.node.id] ?? ABSENT;
    const at = find(bound, row);
    switch (step.kind) {
      case RUN:
        if (at === NONE) emitNull(step);
        else
          out.copy(
            bound.bytes,
            bound.view,
            (bound.rows[at + step.from] ?? 0) + step.fromShift,
            (bound.rows[at + step.to] ?? 0) + step.toShift,
          );
        break;
      case VALUE:
        emitValue(step, bound, at);
        break;
      case OBJECT:
      case LIST:
        emitChild(context, step, bound, at);
        break;
      case TYPE_NAME:
        emitType(run, step, step.access, row);
        break;
      default:
        throw new NotSpliced('an error is due');
    }
  }
  if (end.length > 0) out.write(end);
}

function emitNull({ orNull }: Step): void {
  if (orNull === null) throw new NotSpliced('an error is due');
  out.write(orNull);
}

function emitType(run: Run, { names }: Step, access: Access, row: number): void {
  const name = names[run.typeOf(access, row)];
  if (name === undefined) throw new NotSpliced('a type that is not known');
  out.write(name);
}

function emitValue(step: Step, { bytes, view, rows }: Bound, at: number): void {
  const from = at === NONE ? NONE : (rows[at + step.from] ?? NONE);
  if (from === NONE || bytes[from] === LETTER_N) emitNull(step);
  else out.copy(bytes, view, from, rows[at + step.from + 1] ?? from);
}

function emitChild(context: Context, step: Step, { rows }: Bound, at: number): void {
  const { access, emitter, list } = step;
  const first = at === NONE ? NONE : (rows[at + step.from] ?? NONE);
  if (first === NONE || emitter === null || access === null) return emitNull(step);
  if (list === null) return emitObject(context, emitter, first);
  const tape = context.run.tapes[access.fetch];
  if (tape !== null && tape !== undefined) emitList(context, emitter, tape, { shape: list, first, items: rows[at + step.from + 1] ?? 0 });
}

type List = { readonly shape: Shape; readonly first: number; readonly items: number };

function emitList(context: Context, emitter: Emitter, tape: Tape, { shape, first, items }: List): void {
  const { rows } = tape;
  const start = tape.starts[shape.index] ?? 0;
  out.byte(OPEN_LIST);
  for (let item = first; item < first + items; item += 1) {
    if (item > first) out.byte(COMMA);
    const at = start + item * shape.stride;
    // What may not be null was seen when the answer was read.
    if (rows[at + PRESENT] === NONE) out.write(NULL);
    else if (shape.item === null) emitObject(context, emitter, item);
    else emitList(context, emitter, tape, { shape: shape.item, first: rows[at + INNER_LIST] ?? 0, items: rows[at + INNER_LIST + 1] ?? 0 });
  }
  out.byte(CLOSE_LIST);
}
