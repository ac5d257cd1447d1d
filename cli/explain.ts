/**
 * `npm run explain -- --operation FILE`: the plan of an operation as text, nothing is sent.
 *
 *   --operation file     GraphQL text; `-` reads standard input
 *   --supergraph file    default: schema/supergraph.graphql
 *   --name name          which operation, when the text holds several
 *   --variables json     values of the variables used in @skip and @include
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { GraphQLError, parse, validate } from 'graphql';
import { conditionVariables, planOperation, printPlan } from '../engine/plan/index.ts';
import { isEngineError, loadSupergraph } from '../engine/supergraph/index.ts';
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
};

function explain(asked: Asked, print: Print): number {
  const supergraph = loadSupergraph(asked.supergraph);
  const document = parse(asked.operation);
  const errors = validate(supergraph.publicSchema, document);
  if (errors.length > 0) {
    printInvalid(asked, errors, print);
    return 1;
  }
  const names = conditionVariables(document, asked.name);
  const conditions = new Map(names.map((name) => [name, asked.variables[name] === true]));
  const plan = planOperation({ supergraph, document, operationName: asked.name, conditions });
  print(printPlan(plan, supergraph).trimEnd());
  return 0;
}

/** A text says what is wrong. */
function readArguments(args: readonly string[]): Asked | string {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { operation: text, supergraph: text, name: text, variables: text } });
    if (values.operation === undefined) return 'Name the operation: npm run explain -- --operation FILE (- reads standard input)';
    const variables: unknown = JSON.parse(values.variables ?? '{}');
    if (typeof variables !== 'object' || variables === null) return '--variables: write a JSON object';
    return {
      file: values.operation,
      operation: readFileSync(values.operation === '-' ? 0 : values.operation, 'utf8'),
      supergraph: readFileSync(values.supergraph ?? fromRoot('schema', 'supergraph.graphql'), 'utf8'),
      name: values.name ?? null,
      variables: { ...variables },
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function printInvalid({ file }: Asked, errors: readonly GraphQLError[], print: Print): void {
  for (const error of errors) {
    const at = error.locations?.[0];
    print(`${file}${at === undefined ? '' : `:${at.line}:${at.column}`} ${error.message}`);
  }
}
