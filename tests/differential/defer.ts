/** Random `@defer` in operations: on fragments of any kind, around fields, nested, with labels and conditions. Exports `addDefer`. */
import { Kind, parse, print, validate, visit } from 'graphql';
import type { ASTNode, DirectiveNode, DocumentNode, FragmentSpreadNode, GraphQLSchema, InlineFragmentNode } from 'graphql';
import type { Operation } from './operations.ts';
import { createRandom, hash } from './random.ts';
import type { Random } from './random.ts';

/** Fragments of the operation are deferred, and fields put into deferred fragments, as the seed says. Null when nothing could be. */
export function addDefer(schema: GraphQLSchema, operation: Operation, seed: number): Operation | null {
  const random = createRandom(hash('defer', seed));
  const root = operation.document.definitions[0];
  const isMutation = root?.kind === Kind.OPERATION_DEFINITION && root.operation === 'mutation';
  let count = 0;
  const directive = (): DirectiveNode => toDirective(random, `l${(count += 1)}`);
  const document = visit<DocumentNode>(operation.document, {
    InlineFragment: (node) => (random.chance(0.5) ? withDirective(node, directive()) : undefined),
    FragmentSpread: (node) => (random.chance(0.5) ? withDirective(node, directive()) : undefined),
    SelectionSet: {
      leave(node, _key, parent) {
        // The root of a mutation must not be deferred.
        const isRoot = isNode(parent) && parent.kind === Kind.OPERATION_DEFINITION;
        if ((isMutation && isRoot) || !random.chance(0.5)) return undefined;
        const at = random.int(node.selections.length);
        const end = at + 1 + random.int(node.selections.length - at);
        const inner: InlineFragmentNode = {
          kind: Kind.INLINE_FRAGMENT,
          directives: [directive()],
          selectionSet: { kind: Kind.SELECTION_SET, selections: node.selections.slice(at, end) },
        };
        return { ...node, selections: [...node.selections.slice(0, at), inner, ...node.selections.slice(end)] };
      },
    },
  });
  const deferred = print(isMutation ? plainRoot(document) : document);
  const used = CONDITIONS.filter((name) => new RegExp(`if: \\$${name}\\b`).test(deferred));
  const text = print(withVariables(parse(deferred), used));
  const clean = parse(text);
  if (count === 0 || validate(schema, clean).length > 0) return null;
  const given = used.filter((name) => name !== 'laterByDefault' || random.chance(0.5)).map((name) => [name, random.chance(0.7)]);
  return { ...operation, text, document: clean, variables: { ...operation.variables, ...Object.fromEntries(given) } };
}

/** Variables of `if:`; the last one has a default. */
const CONDITIONS: readonly string[] = ['later', 'laterToo', 'laterByDefault'];

function withVariables(document: DocumentNode, names: readonly string[]): DocumentNode {
  const [operation, ...rest] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION || names.length === 0) return document;
  const written = names.map((name) => `$${name}: Boolean${name === 'laterByDefault' ? ' = true' : '!'}`).join(' ');
  const [declared] = parse(`query (${written}) { a }`).definitions;
  const added = declared?.kind === Kind.OPERATION_DEFINITION ? (declared.variableDefinitions ?? []) : [];
  const variableDefinitions = [...(operation.variableDefinitions ?? []), ...added];
  return { ...document, definitions: [{ ...operation, variableDefinitions }, ...rest] };
}

function isNode(value: ASTNode | readonly ASTNode[] | undefined): value is ASTNode {
  return value !== undefined && !Array.isArray(value);
}

function toDirective(random: Random, label: string): DirectiveNode {
  const name = (value: string): { kind: Kind.NAME; value: string } => ({ kind: Kind.NAME, value });
  const args: NonNullable<DirectiveNode['arguments']>[number][] = [];
  if (random.chance(0.7)) args.push({ kind: Kind.ARGUMENT, name: name('label'), value: { kind: Kind.STRING, value: label } });
  const condition: ConstOrVariable | null = random.chance(0.2)
    ? { kind: Kind.VARIABLE, name: name(random.pick(CONDITIONS)) }
    : random.chance(0.1)
      ? { kind: Kind.BOOLEAN, value: random.chance(0.6) }
      : null;
  if (condition !== null) args.push({ kind: Kind.ARGUMENT, name: name('if'), value: condition });
  return { kind: Kind.DIRECTIVE, name: name('defer'), arguments: args };
}

type ConstOrVariable = NonNullable<DirectiveNode['arguments']>[number]['value'];

function withDirective<T extends InlineFragmentNode | FragmentSpreadNode>(node: T, directive: DirectiveNode): T {
  return { ...node, directives: [...(node.directives ?? []), directive] };
}

/** Fragments at the root of a mutation, with those spread there, without `@defer`. */
function plainRoot(document: DocumentNode): DocumentNode {
  const plain = (node: DocumentNode['definitions'][number], type: string): DocumentNode['definitions'][number] => {
    const isAtRoot = (one: ASTNode): boolean =>
      (one.kind === Kind.INLINE_FRAGMENT && (one.typeCondition === undefined || one.typeCondition.name.value === type)) ||
      one.kind === Kind.FRAGMENT_SPREAD;
    return visit<typeof node>(node, {
      Field: () => false,
      InlineFragment: (one) => (isAtRoot(one) ? { ...one, directives: [] } : undefined),
      FragmentSpread: (one) => ({ ...one, directives: [] }),
    });
  };
  return {
    ...document,
    definitions: document.definitions.map((node) =>
      node.kind === Kind.OPERATION_DEFINITION || (node.kind === Kind.FRAGMENT_DEFINITION && node.typeCondition.name.value === 'Mutation')
        ? plain(node, 'Mutation')
        : node,
    ),
  };
}
