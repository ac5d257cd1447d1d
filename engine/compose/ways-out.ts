/** What to do about each error of the composer, by its code. `{at}` is the coordinate concerned, `{in}` the subgraphs. */

const WAYS_OUT: Readonly<Record<string, string>> = {
  AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: 'Put the demand on the object types that implement the interface instead.',
  CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS:
    'Make the argument nullable, give it a default, or fill it with @fromContext in every subgraph.',
  CONTEXT_INVALID_SELECTION: 'Let the selection of @fromContext name one field of every type that sets the context.',
  CONTEXT_NAME_INVALID: 'Use letters and digits only in the name of the context.',
  CONTEXT_NOT_SET: 'Put @context with this name on the ancestor type, in the same subgraph.',
  CONTEXT_NO_RESOLVABLE_KEY: 'Give the type a resolvable @key: a contextual argument arrives by an entity call.',
  NO_CONTEXT_IN_SELECTION: 'Begin the selection of @fromContext with the name of the context: "$name { field }".',
  DEFAULT_VALUE_USES_INACCESSIBLE: 'Choose another default, or make the value visible.',
  DIRECTIVE_COMPOSITION_ERROR: "Link the directive's specification with the same major version in every subgraph that composes it.",
  DIRECTIVE_DEFINITION_INVALID: 'Define the federation directive as its specification does, or leave the definition out and only link it.',
  EMPTY_MERGED_ENUM_TYPE: 'An input enum holds only the values that every subgraph knows: add a shared value of {at} to {in}.',
  EMPTY_MERGED_INPUT_TYPE: 'An input type holds only the fields that every subgraph knows: add a shared field of {at} to {in}.',
  ENUM_VALUE_MISMATCH: 'Define the same values of the enum in {in}: it is used for input as well as output.',
  EXTENSION_WITH_NO_BASE: 'Write "type" instead of "extend type" in the subgraph that owns it.',
  EXTERNAL_ARGUMENT_MISSING: 'Repeat the argument at the @external copy of the field.',
  EXTERNAL_MISSING_ON_BASE: 'Define {at} without @external in the subgraph that resolves it, or remove the @external copy.',
  EXTERNAL_TYPE_MISMATCH: 'Give the @external copy of {at} the type that the resolving subgraph gives it.',
  EXTERNAL_UNUSED: 'Remove the @external field, or use it in a @key, @requires or @provides of this subgraph.',
  FEED_ARGUMENT_UNKNOWN: 'Add the argument to {at}, or compare with one that it has: "$name".',
  FEED_CATALOGUE_INVALID:
    'Correct the file that --events names: each field of a payload once, with a type as in SDL, and keys made of them.',
  FEED_DELIVERY_INVALID: 'Write delivery: ALL (every event) or delivery: LATEST (the newest state of each key).',
  FEED_FIELD_UNKNOWN: 'Ask for a field of the event, or add it to the payload in the catalogue of events.',
  FEED_KEY_NOT_IN_EVENT: 'Add the key to the payload of the event, or return an entity that the event names.',
  FEED_MISPLACED: 'Move @feed to a field of the subscription root.',
  FEED_NOT_COMPOSED:
    'Write @link(url: "https://industry-router.example/feed/v1.0", import: ["@feed"]) and @composeDirective(name: "@feed") on "extend schema".',
  FEED_TOPIC_UNKNOWN: 'Name a topic of the catalogue of events, or compose with --events and a catalogue that has it.',
  FEED_TYPE_INVALID: 'Return an entity whose key is in the event, an interface of entities, or a type of which the event has every field.',
  FEED_TYPE_MISMATCH: 'Give both the same type: the one of the event stands in the catalogue of events.',
  FEED_WHERE_INVALID:
    'Write conditions as {field: {op: value}} with op one of eq, not, in, lt, lte, gt, gte; and, or take lists of such objects, not takes one.',
  FIELD_ARGUMENT_DEFAULT_MISMATCH: 'Give the argument the same default value in {in}.',
  FIELD_ARGUMENT_TYPE_MISMATCH: 'Give the argument the same type in {in}; only the ! may differ.',
  FIELD_TYPE_MISMATCH:
    'Give {at} the same type in {in}, or rename it in one; only the ! and a member or implementer in place of its union or interface may differ.',
  IMPLEMENTED_BY_INACCESSIBLE: "Hide the interface's field too, or show the implementing one.",
  INPUT_FIELD_DEFAULT_MISMATCH: 'Give the input field the same default value in {in}.',
  INTERFACE_FIELD_NO_IMPLEM: 'Add {at} to every type that implements the interface, in some subgraph.',
  INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: 'Define every implementer of the interface in the subgraph that gives the interface a @key.',
  INTERFACE_KEY_NOT_ON_IMPLEMENTATION: 'Give each implementer the same @key as the interface, in this subgraph.',
  INTERFACE_OBJECT_USAGE_ERROR:
    'Remove the implementing types from the subgraph that uses @interfaceObject, and keep a real interface with the same @key in another.',
  INVALID_FIELD_SHARING:
    'Put @shareable on {at} in each of {in} if all give the same value, or keep the field in one subgraph only (elsewhere: @external).',
  INVALID_GRAPHQL: 'Correct the SDL at this place; it breaks a rule of GraphQL itself.',
  INVALID_LINK_DIRECTIVE_USAGE: 'Write @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) on "extend schema".',
  INVALID_LINK_IDENTIFIER: 'Write the URL of the specification with its version, for example https://specs.apollo.dev/federation/v2.9.',
  INVALID_SHAREABLE_USAGE: '@shareable belongs on fields of object types: remove it here.',
  INVALID_SUBGRAPH_NAME: 'Choose a name of letters, digits, "-" and "_" that begins with a letter.',
  KEY_FIELDS_HAS_ARGS: 'Choose key fields without arguments.',
  KEY_FIELDS_SELECT_INVALID_TYPE: 'Choose key fields that are no union and no interface.',
  KEY_INVALID_FIELDS: 'Name fields in @key(fields:) that the type has in this subgraph.',
  KEY_INVALID_FIELDS_TYPE: 'Write @key(fields:) as a string.',
  LINK_IMPORT_NAME_MISMATCH: 'Import the directive under the same name in {in}.',
  MISSING_TRANSITIVE_AUTH_REQUIREMENTS: 'Repeat, on the field that requires it, the access demands of the required fields.',
  NO_QUERIES: 'Add at least one field to type Query in one subgraph.',
  ONLY_INACCESSIBLE_CHILDREN: 'Hide the whole type with @inaccessible, or show one of its parts.',
  OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE: 'Remove @external from the field that has @override, in both subgraphs.',
  OVERRIDE_FROM_SELF_ERROR: 'Name another subgraph in @override(from:).',
  OVERRIDE_LABEL_INVALID: 'Write the label as "percent(<0-100>)" or as letters, digits, "_", "-", ":", "." and "/".',
  OVERRIDE_ON_INTERFACE: 'Put @override on the fields of the object types instead.',
  OVERRIDE_SOURCE_HAS_OVERRIDE: 'Let only one subgraph override {at}: remove @override from the other.',
  PROVIDES_FIELDS_MISSING_EXTERNAL: 'Mark the provided fields @external in this subgraph.',
  PROVIDES_INVALID_FIELDS: 'Name fields in @provides(fields:) that the returned type has in this subgraph.',
  PROVIDES_ON_NON_OBJECT_FIELD: 'Use @provides only on fields that return an object, interface or union.',
  QUERY_ROOT_TYPE_INACCESSIBLE: 'Show the query root type.',
  REFERENCED_INACCESSIBLE: 'Hide {at} too, or show the type that it uses.',
  REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH: 'Add the argument in {in}, or make it nullable where it is.',
  REQUIRED_INACCESSIBLE: 'Show the required argument or field, make it nullable, or give it a default.',
  REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH: 'Add the input field in {in}, or make it nullable where it is.',
  REQUIRES_FIELDS_MISSING_EXTERNAL: 'Mark the required fields @external in this subgraph.',
  REQUIRES_INVALID_FIELDS: 'Declare the required field in this subgraph and mark it @external.',
  SATISFIABILITY_ERROR:
    'Give both subgraphs a @key that each can resolve for the same type, or move the field to a subgraph that can be reached.',
  SUBGRAPH_NAME_TAKEN: 'Give each subgraph a name of its own.',
  TYPE_DEFINITION_INVALID: 'Define the type as the federation specification does, or leave the definition out.',
  TYPE_KIND_MISMATCH: 'Make {at} the same kind of type in {in}, or rename it in one.',
  UNKNOWN_FEDERATION_LINK_VERSION: 'Link a federation version from v2.0 to v2.9.',
  UNKNOWN_LINK_VERSION: 'Link https://specs.apollo.dev/link/v1.0.',
  UNSUPPORTED_FEATURE: 'Remove what uses this feature.',
};

/** Families of codes that share a way out. */
const FAMILIES: readonly [RegExp, string][] = [
  [/_DIRECTIVE_IN_FIELDS_ARG$/, 'Remove the directive from the field set: it may hold names only.'],
  [/_FIELDS_HAS_ARGS$/, 'Remove the arguments from the field set.'],
  [/_FIELDS_TYPE$/, 'Write the field set as a string.'],
  [/_UNSUPPORTED_ON_INTERFACE$/, 'Put the directive on the object types that implement the interface instead.'],
  [/COST|LIST_SIZE/, 'Correct or remove the cost directive: it is only advice for limits.'],
];

const GENERAL = 'Compare the definitions at these places and make them agree.';

export function wayOutOf(code: string, coordinate: string | null, subgraphs: readonly string[]): string {
  const text = WAYS_OUT[code] ?? FAMILIES.find(([pattern]) => pattern.test(code))?.[1] ?? GENERAL;
  const where = subgraphs.length === 0 ? 'the subgraphs' : subgraphs.map((name) => `"${name}"`).join(' and ');
  return text.replaceAll('{at}', coordinate ?? 'it').replaceAll('{in}', where);
}
