/**
 * Which specifications a supergraph uses, found by the URL in `@link`, never by name: `as:` and `import:` may rename every
 * directive and type. Refuses what it would have to understand (`for: EXECUTION | SECURITY`) and does not.
 */
import { Kind } from 'graphql';
import type { ConstDirectiveNode, ConstValueNode, DirectiveNode, DocumentNode } from 'graphql';
import { enumArgument, listArgument, stringArgument, stringField } from './directives.ts';
import { EngineError } from './engine-error.ts';

/** Specifications understood here, with their versions. Tags and the like carry nothing that planning needs. */
const KNOWN = {
  link: ['v1.0'],
  join: ['v0.3', 'v0.4', 'v0.5'],
  inaccessible: ['v0.1', 'v0.2'],
  context: ['v0.1'],
  authenticated: ['v0.1'],
  requiresScopes: ['v0.1'],
  policy: ['v0.1'],
  cost: ['v0.1'],
  feed: ['v1.0'],
} as const;

/** What demands something of whoever reads. */
const ACCESS: readonly KnownFeature[] = ['authenticated', 'requiresScopes', 'policy'];

export type KnownFeature = keyof typeof KNOWN;

type Feature = {
  readonly known: KnownFeature | null;
  /** Last part of the URL before the version: `join`. */
  readonly specName: string;
  /** Prefix of its names in this document. */
  readonly namespace: string;
  /** Original element name (`@type`, `Graph`) to the name in this document, without `@`. */
  readonly imports: ReadonlyMap<string, string>;
};

export type Features = {
  /** Name in this document of a feature's directive, null when the feature is not linked. */
  directive(feature: KnownFeature, name: string): string | null;
  /** Name in this document of a feature's type. */
  type(feature: KnownFeature, name: string): string | null;
  isFeatureType(name: string): boolean;
  isFeatureDirective(name: string): boolean;
};

const SPECS = 'https://specs.apollo.dev/';
/** Of this project: docs/live.md. */
const OWN_SPECS = 'https://industry-router.example/';
const OWN: ReadonlySet<KnownFeature> = new Set<KnownFeature>(['feed']);

export function readFeatures(document: DocumentNode): Features {
  const links = linkDirectives(document);
  const features = links.map(readLink);
  if (!features.some((feature) => feature.known === 'join')) {
    throw new EngineError(
      'SUPERGRAPH_INVALID',
      `A supergraph links the specification ${SPECS}join, this text does not. Is it a subgraph's SDL? Compose it first.`,
    );
  }
  assertOnce(features);
  assertAccessLinked(document, features);
  const find = (known: KnownFeature): Feature | undefined => features.find((feature) => feature.known === known);
  const directiveNames = new Set(
    features.flatMap((feature) => [...feature.imports].flatMap(([from, to]) => (from.startsWith('@') ? [to] : []))),
  );
  const typeNames = new Set(
    features.flatMap((feature) => [...feature.imports].flatMap(([from, to]) => (from.startsWith('@') ? [] : [to]))),
  );
  const inNamespace = (name: string): boolean => features.some((feature) => name.startsWith(`${feature.namespace}__`));
  return {
    directive: (known, name) => localName(find(known), `@${name}`),
    type: (known, name) => localName(find(known), name),
    isFeatureType: (name) => typeNames.has(name) || inNamespace(name),
    isFeatureDirective: (name) => directiveNames.has(name) || inNamespace(name) || features.some((feature) => feature.namespace === name),
  };
}

/** A second link of one specification would give its directives second names, of which only the first would be heeded. */
function assertOnce(features: readonly Feature[]): void {
  const twice = features.find(({ known }, index) => known !== null && features.findIndex((other) => other.known === known) !== index);
  if (twice !== undefined) throw new EngineError('SUPERGRAPH_INVALID', `The supergraph links ${SPECS}${twice.specName} twice.`);
}

/** Demands that nobody would heed, because their specification is not linked, refuse: the text was edited, or cut short. */
function assertAccessLinked(document: DocumentNode, features: readonly Feature[]): void {
  const names = new Set<string>(ACCESS.filter((name) => !features.some((feature) => feature.known === name || isNamed(feature, name))));
  if (names.size === 0) return;
  const check = ({ directives = [] }: { readonly directives?: readonly DirectiveNode[] | undefined }): void => {
    const found = directives.find((directive) => names.has(directive.name.value));
    if (found === undefined) return;
    const name = found.name.value;
    throw new EngineError(
      'SUPERGRAPH_UNSUPPORTED',
      `The supergraph uses @${name} without a @link to ${SPECS}${name}: it would not be heeded.`,
    );
  };
  for (const node of document.definitions) {
    if ('directives' in node) check(node);
    if ('fields' in node) for (const field of node.fields ?? []) check(field);
  }
}

/** Does some other specification give a directive this name? */
function isNamed({ namespace, imports }: Feature, name: string): boolean {
  return namespace === name || [...imports].some(([from, to]) => from.startsWith('@') && to === name);
}

function localName(feature: Feature | undefined, element: string): string | null {
  if (feature === undefined) return null;
  const imported = feature.imports.get(element);
  if (imported !== undefined) return imported;
  const bare = element.startsWith('@') ? element.slice(1) : element;
  // A specification's directive of its own name (`@inaccessible`, `@tag`) has the namespace itself as its name.
  return element === `@${feature.specName}` ? feature.namespace : `${feature.namespace}__${bare}`;
}

function linkDirectives(document: DocumentNode): ConstDirectiveNode[] {
  const all = document.definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION ? [...(definition.directives ?? [])] : [],
  );
  const self = all.find((directive) => readUrl(urlOf(directive) ?? '').identity === `${SPECS}link`);
  if (self === undefined) {
    throw new EngineError(
      'SUPERGRAPH_INVALID',
      `The schema definition has no @link to ${SPECS}link/v1.0: this is no supergraph. Compose it first.`,
    );
  }
  return all.filter((directive) => directive.name.value === self.name.value);
}

function urlOf(directive: ConstDirectiveNode): string | null {
  const value = directive.arguments?.find((argument) => argument.name.value === 'url')?.value;
  return value?.kind === Kind.STRING ? value.value : null;
}

function readLink(directive: ConstDirectiveNode): Feature {
  const url = stringArgument(directive, 'url') ?? '';
  const { identity, name, version } = readUrl(url);
  const known = isKnown(name) && identity === (OWN.has(name) ? OWN_SPECS : SPECS) + name ? name : null;
  const purpose = enumArgument(directive, 'for');
  if (known === null && purpose !== null) {
    throw new EngineError(
      'SUPERGRAPH_UNSUPPORTED',
      `The supergraph needs ${url} for ${purpose}, which this gateway does not know. Remove what uses it from the subgraphs.`,
    );
  }
  if (known !== null && !KNOWN[known].some((one) => one === version)) {
    throw new EngineError(
      'SUPERGRAPH_UNSUPPORTED',
      `Known versions of ${identity}: ${KNOWN[known].join(', ')}; the supergraph uses ${version || 'none'}.`,
    );
  }
  const imports = new Map(listArgument(directive, 'import').map(readImport));
  return { known, specName: name, namespace: stringArgument(directive, 'as') ?? name, imports };
}

function isKnown(name: string): name is KnownFeature {
  return Object.hasOwn(KNOWN, name);
}

function readImport(value: ConstValueNode): [string, string] {
  const original = value.kind === Kind.STRING ? value.value : stringField(value, 'name');
  if (original === null) throw new EngineError('SUPERGRAPH_INVALID', 'An import of @link must be a name or {name:, as:}.');
  const local = stringField(value, 'as') ?? original;
  return [original, local.startsWith('@') ? local.slice(1) : local];
}

/** `https://specs.apollo.dev/join/v0.3` → identity without the version, name `join`, version `v0.3` ('' when it has none). */
function readUrl(url: string): { identity: string; name: string; version: string } {
  const parts = url.replace(/\/+$/, '').split('/');
  const last = parts.at(-1) ?? '';
  const version = /^v\d+\.\d+$/.test(last) ? last : '';
  if (version !== '') parts.pop();
  return { identity: parts.join('/'), name: parts.at(-1) ?? '', version };
}
