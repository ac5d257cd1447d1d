/** Everything that can be asked of the graph: each field of the root, lists and rows by id, with all fields below it. */
import {
  getNamedType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { readFileSync } from 'node:fs';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import type { Stage } from './_cast.ts';
import type { Player } from '../_kit/hub.ts';

const schema: GraphQLSchema = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8')).publicSchema;

/** Ids to ask for, by the name of the argument; a number of a place stands under gln whoever holds it. */
export type Ids = Readonly<Record<string, readonly string[]>>;

const DEPTH_OF_LISTS = 1;
const DEPTH_OF_ROWS = 2;
const window: Readonly<Record<string, string>> = {
  from: '"2026-11-01"',
  to: '"2026-12-31"',
  fromDate: '"2026-11-01"',
  toDate: '"2026-12-31"',
};

const innerLiteral = ({ name }: GraphQLArgument): string | null => (name === 'first' ? '50' : (window[name] ?? null));

/** All fields below a type, `depth` objects deep; of a page the nodes, with the cursors for what they may tell. */
function selectBelow(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isUnionType(named)) {
    // fields of one name may differ in their types
    const leavesOf = (member: GraphQLObjectType): string[] =>
      Object.values(member.getFields()).flatMap(({ name, type, args }) =>
        args.length === 0 && isLeafType(getNamedType(type)) ? [`${member.name}_${name}: ${name}`] : [],
      );
    const parts = named.getTypes().map((member) => `... on ${member.name} { ${leavesOf(member).join(' ')} }`);
    return ` { __typename ${parts.join(' ')} }`;
  }
  if (!isObjectType(named)) return '';
  const isPage = named.name.endsWith('Connection');
  const parts = Object.values(named.getFields()).flatMap((field) => {
    if (isPage && field.name === 'edges') return ['edges { cursor }'];
    const inner = getNamedType(field.type);
    const left = isPage ? depth : depth - 1;
    if ((isObjectType(inner) || isUnionType(inner)) && left < 0) return [];
    const literals = field.args.map((argument) => ({ argument, literal: innerLiteral(argument) }));
    if (literals.some(({ argument, literal }) => literal === null && isNonNullType(argument.type) && argument.defaultValue === undefined))
      return [];
    const given = literals.flatMap(({ argument, literal }) => (literal === null ? [] : [`${argument.name}: ${literal}`]));
    const below = selectBelow(field.type, left);
    if (isObjectType(inner) && below === '') return [];
    return [`${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`}${below}`];
  });
  return parts.length === 0 ? '' : ` { ${parts.join(' ')} }`;
}

const isId = ({ type }: GraphQLArgument): boolean => isScalarType(getNamedType(type)) && getNamedType(type).name === 'ID';

/** The ways to call a field of the root: every id that its arguments take, and none where it may be left out. */
function callsOf({ args, name }: GraphQLField<unknown, unknown>, ids: Ids): string[] {
  const isMoney = name === 'fxRates';
  return args.reduce<string[]>(
    (calls, argument) => {
      const needed = isNonNullType(argument.type);
      const literals = isId(argument)
        ? (ids[argument.name] ?? []).map((id) => `"${id}"`)
        : argument.name === 'first'
          ? ['100']
          : isMoney && getNamedType(argument.type).name === 'CurrencyCode'
            ? ['"CNY"']
            : needed
              ? [window[argument.name] ?? '']
              : [];
      const given = literals.map((literal) => `${argument.name}: ${literal}`);
      const ways = needed || argument.name === 'first' ? given : ['', ...given];
      return calls.flatMap((call) => ways.map((way) => `${call} ${way}`));
    },
    [''],
  );
}

/** One question for each call of each field of the root. */
export function broadQuestions(ids: Ids): string[] {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  return fields.flatMap((field) => {
    const isPage = getNamedType(field.type).name.endsWith('Connection');
    const below = selectBelow(field.type, isPage ? DEPTH_OF_LISTS : DEPTH_OF_ROWS);
    return callsOf(field, ids).map((call) => `{ ${field.name}${call.trim() === '' ? '' : `(${call.trim()})`}${below} }`);
  });
}

/** What tells of something hidden: a text that stands in a text, or a number that is a value. */
export type Tell = string | number;

function collect(value: unknown, texts: string[], numbers: Set<number>): void {
  if (typeof value === 'string') texts.push(value);
  else if (typeof value === 'number') numbers.add(value);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) collect(item, texts, numbers);
}

// an amount may stand in words, too
const wordsOf = (tell: Tell): string[] =>
  typeof tell === 'string' ? [tell] : [tell, tell / 100].map((amount) => amount.toLocaleString('en', { maximumFractionDigits: 2 }));

/** Each thing that gives itself away to somebody, with the first question that shows it. */
export async function findTells(
  { hub }: Stage,
  player: Player | null,
  questions: readonly string[],
  tells: readonly Tell[],
): Promise<ReadonlyMap<Tell, string>> {
  const found = new Map<Tell, string>();
  for (const question of questions) {
    if (found.size === tells.length) break;
    const { data, errors } = await hub.ask(player, question);
    // what is shown may point at what is hidden: of that nothing is told
    const faults = (errors ?? []).filter(({ extensions }) => extensions?.['code'] !== 'NULL_FOR_NON_NULL');
    if (faults.length > 0) throw new Error(`${question.slice(0, 200)}: ${JSON.stringify(faults).slice(0, 500)}`);
    const texts: string[] = [];
    const numbers = new Set<number>();
    collect({ data, errors }, texts, numbers);
    const text = texts.join('\n');
    for (const tell of tells) {
      const isThere = (typeof tell === 'number' && numbers.has(tell)) || wordsOf(tell).some((word) => text.includes(word));
      if (isThere && !found.has(tell)) found.set(tell, question);
    }
  }
  return found;
}
