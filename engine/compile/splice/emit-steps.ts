/**
 * What is written for one object, made once: text that is known, and pieces of answers between. Text that stands around a piece in the
 * answer as well becomes part of the piece. Exports `Step`, `Emitter`, `StepList`.
 */
import { constant } from './bytes.ts';
import type { Constant } from './bytes.ts';
import type { Access, Site } from './rows.ts';
import { useChild, useRange } from './shape.ts';
import type { Shape, ShapeField } from './shape.ts';

/** How the objects of a position are written. `decider`: those for which it has the same row are written alike. */
export type Emitter = {
  readonly id: number;
  readonly site: Site;
  readonly classes: ClassEmitter[];
  decider: Access | null;
};

/** `end` is written last. */
export type ClassEmitter = { readonly steps: readonly Step[]; readonly end: Constant };

/** Kinds of steps; numbers, because they are compared for every piece. */
export const RUN = 0;
export const VALUE = 1;
export const OBJECT = 2;
export const LIST = 3;
export const TYPE_NAME = 4;
export const REFUSE = 5;

/**
 * One form for all kinds, so that reading a step is the same machine code. `before` is written first. RUN: from `from` + `fromShift` to
 * `to` + `toShift`, as it stands; `orNull` when the object is null. VALUE: one value, at `from`. OBJECT, LIST: what is below, its row at
 * `from`. TYPE_NAME: one of `names`. REFUSE: a null that is an error. `from` and `to` are columns of the access's rows.
 */
export type Step = {
  readonly kind: number;
  readonly before: Constant;
  readonly access: Access | null;
  readonly from: number;
  readonly fromShift: number;
  readonly to: number;
  readonly toShift: number;
  /** Null where a null is an error. */
  readonly orNull: Constant | null;
  readonly list: Shape | null;
  readonly emitter: Emitter | null;
  readonly names: readonly Constant[];
};

const NULL_TEXT = 'null';
const NOTHING = constant('');

function toStep(kind: number, inputs: Partial<Step>): Step {
  const { before = NOTHING, access = null, from = 0, fromShift = 0, to = 0, toShift = 0 } = inputs;
  const { orNull = null, list = null, emitter = null, names = [] } = inputs;
  return { kind, before, access, from, fromShift, to, toShift, orNull, list, emitter, names };
}

/** Fields that follow each other in the answer as in the client's. */
type Run = { readonly access: Access; readonly first: ShapeField; last: ShapeField; nulls: string; nonNull: boolean };
type Part = { readonly text: string } | { readonly run: Run } | { readonly step: Step };

/** Collects what an object consists of, in the client's order. */
export class StepList {
  readonly #parts: Part[] = [];
  #text = '{';
  #isFirst = true;

  comma(): string {
    const comma = this.#isFirst ? '' : ',';
    this.#isFirst = false;
    return comma;
  }

  text(text: string): void {
    this.#text += text;
  }

  run(access: Access, field: ShapeField, comma: string, nonNull: boolean): void {
    const isNull = `${JSON.stringify(field.name)}:null`;
    const last = this.#parts.at(-1);
    if (last !== undefined && 'run' in last && this.#text === '' && last.run.access === access && field.order === last.run.last.order + 1) {
      last.run.last = field;
      last.run.nulls += `,${isNull}`;
      last.run.nonNull ||= nonNull;
      return;
    }
    this.#text += comma;
    this.#endText();
    this.#parts.push({ run: { access, first: field, last: field, nulls: isNull, nonNull } });
  }

  value(access: Access, field: ShapeField, nonNull: boolean): void {
    this.#push(toStep(VALUE, { access, from: useRange(access.shape, field), orNull: nonNull ? null : constant(NULL_TEXT) }));
  }

  child(access: Access, field: ShapeField, { emitter, nonNull }: { readonly emitter: Emitter; readonly nonNull: boolean }): void {
    const inputs = { access, from: useChild(access.shape, field), orNull: nonNull ? null : constant(NULL_TEXT), emitter };
    this.#push(field.kind === 'list' ? toStep(LIST, { ...inputs, list: field.child }) : toStep(OBJECT, inputs));
  }

  typeName(access: Access): void {
    const names = access.shape.typeNames.map((name) => constant(JSON.stringify(name)));
    this.#push(toStep(TYPE_NAME, { access, names }));
  }

  refuse(): void {
    this.#push(toStep(REFUSE, {}));
  }

  end(): ClassEmitter {
    this.#text += '}';
    this.#endText();
    const steps: Step[] = [];
    let text = '';
    for (const [index, part] of this.#parts.entries()) {
      if ('text' in part) text += part.text;
      else if ('step' in part) {
        steps.push({ ...part.step, before: constant(text) });
        text = '';
      } else {
        const next = this.#parts[index + 1];
        const { step, behind } = toRun(part.run, text, next !== undefined && 'text' in next ? next.text : '');
        steps.push(step);
        if (behind > 0 && next !== undefined && 'text' in next) this.#parts[index + 1] = { text: next.text.slice(behind) };
        text = '';
      }
    }
    return { steps, end: constant(text) };
  }

  #push(step: Step): void {
    this.#endText();
    this.#parts.push({ step });
  }

  #endText(): void {
    if (this.#text !== '') this.#parts.push({ text: this.#text });
    this.#text = '';
  }
}

/** `behind`: how much of the text after it has become part of it. */
function toRun({ access, first, last, nulls, nonNull }: Run, before: string, after: string): { step: Step; behind: number } {
  const { shape } = access;
  const opening = first.order === 0 ? '{' : ',';
  const opens = before.endsWith(opening);
  const next = shape.fields[last.order + 1];
  const closing = next === undefined ? '}' : `,${JSON.stringify(next.name)}:`;
  const closes = after.startsWith(closing);
  const step = toStep(RUN, {
    before: constant(opens ? before.slice(0, -1) : before),
    access,
    from: useRange(shape, first),
    fromShift: -first.keyLength - (opens ? 1 : 0),
    to: useRange(shape, last) + 1,
    toShift: closes ? new TextEncoder().encode(closing).length : 0,
    orNull: nonNull ? null : constant(`${opens ? opening : ''}${nulls}${closes ? closing : ''}`),
  });
  return { step, behind: closes ? closing.length : 0 };
}
