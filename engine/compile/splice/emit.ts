/**
 * Emission: the client's answer put together from pieces of the subgraphs' answers. What a subgraph answers as the client wants it is
 * copied as one piece, from one field to whole lists of objects; objects that must be written alike are written once, then copied.
 * Exports `compileEmit`.
 */
import type { Plan } from '../../plan/index.ts';
import { constant } from './bytes.ts';
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
import { begin, copy, copyWritten, position, takeBytes, write, writeByte } from './writer.ts';

/** UTF-8 of `{"data":{…}}`; throws NotSpliced when an error is due. */
export type Emit = (run: Run) => Uint8Array;

const COMMA = 44;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const LETTER_N = 110;
const NULL = constant('null');
const HEAD = constant('{"data":');
const TAIL = constant('}');

export function compileEmit(plan: Plan, accesses: Accesses): Emit {
  const emitters = compileEmitters(plan, accesses);
  const [root] = emitters;
  if (root === undefined) throw new NotSpliced('no root');
  const steps = emitters.flatMap(({ classes }) => classes.flatMap((cls) => cls.steps));
  const used = [...new Set(steps.flatMap(({ access }) => access ?? []))];
  return (run) => {
    const bounds: Bound[] = plan.nodes.map(() => ABSENT);
    for (const access of used) bounds[access.node.id] = run.bind(access);
    const written = emitters.map(({ decider }) => (decider === null ? NOTHING : new Int32Array(2 * run.rowsOf(decider))));
    begin();
    write(HEAD);
    emitObject({ run, written, bounds }, root, 0);
    write(TAIL);
    return takeBytes();
  };
}

/** `bounds`: by node. `written`: by emitter and row of its decider, from where to where it stands in what is written. */
type Context = { readonly run: Run; readonly written: readonly Int32Array[]; readonly bounds: readonly Bound[] };

const NOTHING = new Int32Array(0);

function emitObject(context: Context, emitter: Emitter, row: number): void {
  const { decider } = emitter;
  if (decider === null) emitClass(context, emitter, row);
  else emitOnce(context, emitter, row, context.bounds[decider.node.id]?.map?.[row] ?? NONE);
}

/** `decided`: the row of the decider. */
function emitOnce(context: Context, emitter: Emitter, row: number, decided: number): void {
  const written = context.written[emitter.id];
  if (decided === NONE || written === undefined) return emitClass(context, emitter, row);
  const from = written[2 * decided] ?? 0;
  // Nothing stands before the head of the answer.
  if (from > 0) return copyWritten(from, written[2 * decided + 1] ?? from);
  const begins = position();
  emitClass(context, emitter, row);
  written[2 * decided] = begins;
  written[2 * decided + 1] = position();
}

function emitClass(context: Context, { site, classes }: Emitter, row: number): void {
  const emitter = classes[site.typed === null ? 0 : context.run.classOf(site, row)];
  if (emitter === undefined) throw new NotSpliced('a class without entries');
  const { steps, end } = emitter;
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index];
    if (step === undefined || step.access === null) throw new NotSpliced('an error is due');
    if (step.before.length > 0) write(step.before);
    const bound = context.bounds[step.access.node.id] ?? ABSENT;
    const at = find(bound, row);
    switch (step.kind) {
      case RUN:
        emitRun(step, bound, at);
        break;
      case VALUE:
        emitValue(step, bound, at);
        break;
      case OBJECT:
        emitBelow(context, step, bound, at);
        break;
      case LIST:
        emitListBelow(context, step, bound, at);
        break;
      case TYPE_NAME:
        emitType(context.run, step, step.access, row);
        break;
      default:
        throw new NotSpliced('an error is due');
    }
  }
  if (end.length > 0) write(end);
}

function emitNull({ orNull }: Step): void {
  if (orNull === null) throw new NotSpliced('an error is due');
  write(orNull);
}

function emitRun(step: Step, { bytes, view, rows }: Bound, at: number): void {
  if (at === NONE) emitNull(step);
  else copy(bytes, view, (rows[at + step.from] ?? 0) + step.fromShift, (rows[at + step.to] ?? 0) + step.toShift);
}

function emitType(run: Run, { names }: Step, access: Access, row: number): void {
  const name = names[run.typeOf(access, row)];
  if (name === undefined) throw new NotSpliced('a type that is not known');
  write(name);
}

function emitValue(step: Step, { bytes, view, rows }: Bound, at: number): void {
  const from = at === NONE ? NONE : (rows[at + step.from] ?? NONE);
  if (from === NONE || bytes[from] === LETTER_N) emitNull(step);
  else copy(bytes, view, from, rows[at + step.from + 1] ?? from);
}

function emitBelow(context: Context, step: Step, { rows }: Bound, at: number): void {
  const row = at === NONE ? NONE : (rows[at + step.from] ?? NONE);
  if (row === NONE || step.emitter === null) emitNull(step);
  else emitObject(context, step.emitter, row);
}

function emitListBelow(context: Context, step: Step, { rows, tape }: Bound, at: number): void {
  const first = at === NONE ? NONE : (rows[at + step.from] ?? NONE);
  if (first === NONE || step.emitter === null || step.list === null || tape === null) emitNull(step);
  else emitList({ context, emitter: step.emitter, tape }, step.list, first, rows[at + step.from + 1] ?? 0);
}

type Within = { readonly context: Context; readonly emitter: Emitter; readonly tape: Tape };

function emitList(within: Within, shape: Shape, first: number, items: number): void {
  const { context, emitter, tape } = within;
  const { rows } = tape;
  const { stride } = shape;
  const start = tape.starts[shape.index] ?? 0;
  writeByte(OPEN_LIST);
  for (let item = first; item < first + items; item += 1) {
    if (item > first) writeByte(COMMA);
    const at = start + item * stride;
    // What may not be null was seen when the answer was read.
    if (rows[at + PRESENT] === NONE) write(NULL);
    else if (shape.item === null) emitObject(context, emitter, item);
    else emitList(within, shape.item, rows[at + INNER_LIST] ?? 0, rows[at + INNER_LIST + 1] ?? 0);
  }
  writeByte(CLOSE_LIST);
}
