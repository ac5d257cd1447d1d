/**
 * The one door through which text of documents is made at run time: entity calls that are repeated for each tuple of contextual values.
 * Whatever becomes part of the text is a name or a type checked here, or text of the plan. Exports `writeEntityDocument`.
 */

export type CallText = {
  readonly alias: string;
  /** Variable of the representations. */
  readonly variable: string;
  readonly contexts: readonly { readonly variable: string; readonly type: string }[];
  /** The selection, a number standing for the context's variable. */
  readonly pieces: readonly (string | number)[];
};

const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;
const TYPE = /^\[*[_A-Za-z][_0-9A-Za-z]*!?(?:\]!?)*$/;

/** `declarations`: of the client's variables that the calls use, as the plan has them. Throws RangeError for what is no name. */
export function writeEntityDocument(calls: readonly CallText[], declarations: readonly string[]): string {
  const declared = calls.flatMap(({ variable, contexts }) => [
    `$${nameOf(variable)}: [_Any!]!`,
    ...contexts.map((context) => `$${nameOf(context.variable)}: ${typeOf(context.type)}`),
  ]);
  const texts = calls.map((call) => `${nameOf(call.alias)}: _entities(representations: $${call.variable}) ${selectionOf(call)}`);
  return `query(${[...declared, ...declarations].join(', ')}) { ${texts.join(' ')} }`;
}

function selectionOf({ pieces, contexts }: CallText): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : nameOf(contexts[piece]?.variable ?? ''))).join('');
}

function nameOf(text: string): string {
  if (!NAME.test(text)) throw new RangeError(`${JSON.stringify(text)} is no name.`);
  return text;
}

function typeOf(text: string): string {
  if (!TYPE.test(text)) throw new RangeError(`${JSON.stringify(text)} is no type.`);
  return text;
}
