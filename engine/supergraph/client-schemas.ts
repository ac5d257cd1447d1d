/**
 * The schemas that clients (public) and keys or requirements (full) are written against: the supergraph's own definitions
 * without join and link machinery, and with `@defer`; the public one also without anything inaccessible. Descriptions, deprecations,
 * `@specifiedBy` and `@oneOf` stay.
 */
import { Kind, OperationTypeNode, buildASTSchema, parse, validateSchema } from 'graphql';
import type {
  ConstDirectiveNode,
  DefinitionNode,
  FieldDefinitionNode,
  GraphQLSchema,
  InputValueDefinitionNode,
  SchemaDefinitionNode,
  TypeDefinitionNode,
} from 'graphql';
import type { Definitions, HasDirectives } from './definitions.ts';
import { EngineError } from './engine-error.ts';

/** Answered by the hub itself, whatever the supergraph says of a directive of this name. */
const DEFER = parse('directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT', {
  noLocation: true,
}).definitions;

const KEPT = new Set(['deprecated', 'specifiedBy', 'oneOf']);

export function buildPublicSchema(definitions: Definitions): GraphQLSchema {
  const schema = build(definitions, (node) => !definitions.isInaccessible(node));
  const [error] = validateSchema(schema);
  if (error !== undefined) {
    throw new EngineError('SUPERGRAPH_INVALID', `The public schema of this supergraph is not valid: ${error.message}`, { cause: error });
  }
  return schema;
}

export function buildFullSchema(definitions: Definitions): GraphQLSchema {
  return build(definitions, () => true);
}

type Shown = (node: HasDirectives) => boolean;

function build(definitions: Definitions, shown: Shown): GraphQLSchema {
  const visible = new Set([...definitions.types.values()].filter(shown).map((node) => node.name.value));
  const types = [...definitions.types.values()].filter(shown).map((node) => cleanType(node, shown, visible));
  const directives = definitions.executableDirectives.filter((node) => node.name.value !== 'defer');
  const nodes: DefinitionNode[] = [schemaNode(definitions, visible), ...DEFER, ...directives, ...types];
  try {
    return buildASTSchema({ kind: Kind.DOCUMENT, definitions: nodes }, { assumeValidSDL: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('SUPERGRAPH_INVALID', `No schema can be built from this supergraph: ${reason}`, { cause });
  }
}

function schemaNode({ roots, schemaNode: original }: Definitions, visible: ReadonlySet<string>): SchemaDefinitionNode {
  const named: [OperationTypeNode, string | null][] = [
    [OperationTypeNode.QUERY, roots.query],
    [OperationTypeNode.MUTATION, roots.mutation],
    [OperationTypeNode.SUBSCRIPTION, roots.subscription],
  ];
  return {
    kind: Kind.SCHEMA_DEFINITION,
    ...(original?.description === undefined ? {} : { description: original.description }),
    operationTypes: named.flatMap(([operation, name]) =>
      name === null || !visible.has(name)
        ? []
        : [{ kind: Kind.OPERATION_TYPE_DEFINITION, operation, type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } } }],
    ),
  };
}

function cleanType(node: TypeDefinitionNode, shown: Shown, visible: ReadonlySet<string>): TypeDefinitionNode {
  const directives = kept(node);
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
      return {
        ...node,
        directives,
        interfaces: (node.interfaces ?? []).filter((named) => visible.has(named.name.value)),
        fields: (node.fields ?? []).filter(shown).map((field) => cleanField(field, shown)),
      };
    case Kind.UNION_TYPE_DEFINITION:
      return { ...node, directives, types: (node.types ?? []).filter((member) => visible.has(member.name.value)) };
    case Kind.ENUM_TYPE_DEFINITION:
      return { ...node, directives, values: (node.values ?? []).filter(shown).map((value) => ({ ...value, directives: kept(value) })) };
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return { ...node, directives, fields: cleanInputs(node.fields, shown) };
    case Kind.SCALAR_TYPE_DEFINITION:
      return { ...node, directives };
  }
}

function cleanField(field: FieldDefinitionNode, shown: Shown): FieldDefinitionNode {
  return { ...field, directives: kept(field), arguments: cleanInputs(field.arguments, shown) };
}

function cleanInputs(inputs: readonly InputValueDefinitionNode[] | undefined, shown: Shown): InputValueDefinitionNode[] {
  return (inputs ?? []).filter(shown).map((input) => ({ ...input, directives: kept(input) }));
}

function kept(node: HasDirectives): ConstDirectiveNode[] {
  return (node.directives ?? []).filter((directive) => KEPT.has(directive.name.value));
}
