/**
 * `npm run explain -- --operation FILE`: the plan of an operation as text, nothing is sent.
 *
 *   --operation file     GraphQL text; `-` reads standard input
 *   --supergraph file    default: schema/supergraph.graphql
 *   --name name          which operation, when the text holds several
 *   --variables json     values of the variables used in @skip, @include and @defer; without one, its default
 *   --labels a,b         override labels that are active
 *   --denied A.x,B.y     fields that may not be read
 *   --whole              for an answer in one piece: @defer is ignored
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { GraphQLError, Kind, parse, validate } from 'graphql';
import type { DocumentNode } from 'graphql';
import { conditionVariables, planOperation, printPlan } from '../engine/plan/index.ts';
import { isEngineError, loadSupergraph } from '../engine/supergraph/index.ts';
import type { Supergraph } from '../engine/supergraph/index.ts';
import { fromRoot } from '../lib/paths.ts';

type Print = (line: string) => void;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = runExplain(process.argv.slice(2), console.log);
}

/** Returns the exit code: 0 printed, 1 the operation or the supergraph is at fault, 2 wrong arguments. */
export function runExplain(args: readonly string[], print: Print): number {
  const asked = readArguments(args);
  if (typeof asked === 'string') {
    print(asked);
    return 2;
  }
  try {
    return explain(asked, print);
  } catch (error) {
    if (isEngineError(error)) print(`${error.code}: ${error.message}`);
    else if (error instanceof GraphQLError) printInvalid(asked, [error], print);
    else throw error;
    return 1;
  }
}

type Asked = {
  readonly file: string;
  readonly operation: string;
  readonly supergraph: string;
  readonly name: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly labels: readonly string[];
  readonly denied: readonly string[];
  readonly whole: boolean;
};

function explain(asked: Asked, print: Print): number {
  const supergraph = loadSupergraph(asked.supergraph);
  const document = parse(asked.operation);
  const errors = validate(supergraph.publicSchema, document);
  if (errors.length > 0) {
    printInvalid(asked, errors, print);
    return 1;
  }
  const strange = strangeNames(supergraph, asked);
  if (strange !== null) {
    print(strange);
    return 2;
  }
  const plan = planOperation({
    supergraph,
    document,
    operationName: asked.name,
    conditions: conditionsOf(document, asked),
    activeLabels: new Set(asked.labels),
    denied: new Set(asked.denied),
    defer: !asked.whole,
  });
  print(printPlan(plan, supergraph).trimEnd());
  return 0;
}

function conditionsOf(document: DocumentNode, { name, variables }: Asked): ReadonlyMap<string, boolean> {
  const definitions = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION && (name === null || node.name?.value === name) ? (node.variableDefinitions ?? []) : [],
  );
  const defaults = new Map(definitions.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]));
  const valueOf = (variable: string): boolean => {
    if (Object.hasOwn(variables, variable)) return variables[variable] === true;
    const value = defaults.get(variable);
    return value?.kind === Kind.BOOLEAN && value.value;
  };
  return new Map(conditionVariables(document, name).map((variable) => [variable, valueOf(variable)]));
}

/** A misspelt name would show the plan of something else. */
function strangeNames(supergraph: Supergraph, { labels, denied }: Asked): string | null {
  const label = labels.find((one) => !supergraph.labels.includes(one));
  if (label !== undefined) return `--labels: there is no label ${label}; the supergraph has ${supergraph.labels.join(', ') || 'none'}`;
  const field = denied.find((one) => {
    const [name = '', of = ''] = one.split('.');
    const type = supergraph.types.get(name);
    return (type?.kind !== 'object' && type?.kind !== 'interface') || !type.fields.has(of);
  });
  return field === undefined ? null : `--denied: there is no field ${field}; write Type.field`;
}

/** A text says what is wrong. */
function readArguments(args: readonly string[]): Asked | string {
  try {
    const text = { type: 'string' } as const;
    const whole = { type: 'boolean' } as const;
    const options = { operation: text, supergraph: text, name: text, variables: text, labels: text, denied: text, whole };
    const { values } = parseArgs({ args: [...args], options });
    if (values.operation === undefined) return 'Name the operation: npm run explain -- --operation FILE (- reads standard input)';
    const variables: unknown = JSON.parse(values.variables ?? '{}');
    if (typeof variables !== 'object' || variables === null) return '--variables: write a JSON object';
    return {
      file: values.operation,
      operation: readFileSync(values.operation === '-' ? 0 : values.operation, 'utf8'),
      supergraph: readFileSync(values.supergraph ?? fromRoot('schema', 'supergraph.graphql'), 'utf8'),
      name: values.name ?? null,
      variables: { ...variables },
      labels: listOf(values.labels),
      denied: listOf(values.denied),
      whole: values.whole === true,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Labels such as `percent(5)` hold no comma. */
function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function printInvalid({ file }: Asked, errors: readonly GraphQLError[], print: Print): void {
  for (const error of errors) {
    const at = error.locations?.[0];
    print(`${file}${at === undefined ? '' : `:${at.line}:${at.column}`} ${error.message}`);
  }
}
