/** Stage `validate`: the rules of the GraphQL specification, and of incremental delivery, against the public schema. A document that passes is remembered. */
import {
  Kind,
  print,
  specifiedRules,
  validate,
  visit,
  visitWithTypeInfo,
  TypeInfo,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { conditionVariables } from '../../engine/plan/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import { deferRules } from './defer-rules.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument, KnownOperation } from './known-document.ts';
import { readPageSizes } from './page-sizes.ts';
import type { Limits } from './limits.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';
import { weighDocument } from './weights.ts';

type Needs = {
  graph: LoadedGraph;
  text: string;
  document: DocumentNode;
  tokenCount: number;
  fieldCount: number;
  known: KnownDocument | undefined;
};

const maxErrors = 20;
const rules = [...specifiedRules, ...deferRules];

export const validateDocument: Stage<Needs, { checked: KnownDocument }, Hub> = {
  name: 'validate',
  run({ graph, text, document, tokenCount, fieldCount, known }, { limits }) {
    if (known) return { checked: known };
    const schema = graph.supergraph.publicSchema;
    const errors = validate(schema, document, rules, { maxErrors });
    const [first] = errors;
    if (first) throw createError('GRAPHQL_VALIDATION_FAILED', first.message, { cause: new AggregateError(errors) });
    const checked = {
      document,
      tokenCount,
      fieldCount,
      canonicalText: print(document),
      operations: describeOperations(document, schema, limits),
    };
    graph.documents.set(text, checked, weighDocument(text, tokenCount));
    return { checked };
  },
};

function describeOperations(document: DocumentNode, schema: GraphQLSchema, limits: Limits): KnownOperation[] {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [describeOperation(document, definition, { fragments, schema, limits })] : [],
  );
}

type Surroundings = { fragments: ReadonlyMap<string, FragmentDefinitionNode>; schema: GraphQLSchema; limits: Limits };

function describeOperation(
  document: DocumentNode,
  definition: OperationDefinitionNode,
  { fragments, schema, limits }: Surroundings,
): KnownOperation {
  const coordinates = new Set<string>();
  const pageVariables = new Set<string>();
  let introspects = false;
  let defers = false;
  for (const part of [definition, ...listUsedFragments(definition, fragments)]) {
    const types = new TypeInfo(schema);
    visit(
      part,
      visitWithTypeInfo(types, {
        Directive(node) {
          if (node.name.value === 'defer') defers = true;
        },
        Field(node) {
          const name = node.name.value;
          if (name === '__schema' || name === '__type') introspects = true;
          coordinates.add(`${types.getParentType()?.name ?? ''}.${name}`);
          for (const variable of readPageSizes(node, limits)) pageVariables.add(variable);
        },
      }),
    );
  }
  const name = definition.name?.value ?? null;
  return {
    name,
    definition,
    conditionVariables: conditionVariables(document, name),
    pageVariables: [...pageVariables],
    introspects,
    defers,
    coordinates: [...coordinates],
    planKeys: new Map(),
  };
}

function listUsedFragments(
  definition: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FragmentDefinitionNode[] {
  const used = new Map<string, FragmentDefinitionNode>();
  const waiting: (OperationDefinitionNode | FragmentDefinitionNode)[] = [definition];
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    visit(part, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (!fragment || used.has(name.value)) return;
        used.set(name.value, fragment);
        waiting.push(fragment);
      },
    });
  }
  return [...used.values()];
}
