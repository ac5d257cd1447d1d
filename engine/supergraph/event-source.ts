/**
 * What the events of a feed field carry, read from the supergraph: of an entity the fields of its first flat key, of any other type all of
 * it. Exports `toEventSource`.
 */
import { EngineError } from './engine-error.ts';
import type { EventSource, EventType } from './event-view.ts';
import { idsOf } from './bits.ts';
import type { CompositeType, FeedField, Field, GraphId, Supergraph } from './types.ts';

export type ProvenSource = EventSource & {
  /**
   * A field that is never null, besides the key, which the graph that declares the feed answers for nobody who may not read the entity.
   * Null: the events are of no entity.
   */
  readonly proof: string | null;
};

/** Throws EngineError SUPERGRAPH_INVALID where the field's type is nothing that an event can carry. */
export function toEventSource(supergraph: Supergraph, feed: FeedField): ProvenSource {
  const graph = graphOf(supergraph, feed);
  const declared = supergraph.types.get(feed.typeName);
  if (declared?.kind !== 'object' && declared?.kind !== 'interface')
    throw invalid(feed, 'returns what is neither an object nor an interface');
  const names = declared.kind === 'object' ? [declared.name] : idsOf(declared.possible).flatMap((id) => supergraph.objects[id]?.name ?? []);
  const types = names.map((name) => toEventType(supergraph, { name, graph, feed }));
  const source = { field: feed.name, graph: `feed:${feed.name}`, types };
  const isEntity = types.some(({ key }) => key.length > 0);
  if (!isEntity) return { ...source, proof: null };
  const proof = findProof(supergraph, declared, graph, new Set(types.flatMap(({ key }) => key)));
  if (proof === undefined) throw invalid(feed, `returns ${declared.name}, which has no field besides its key that is never null`);
  return { ...source, proof };
}

/** The first graph that declares the field. */
function graphOf({ types, roots }: Supergraph, feed: FeedField): GraphId {
  const root = types.get(roots.subscription ?? '');
  const field = root !== undefined && 'fields' in root && root.kind === 'object' ? root.fields.get(feed.name) : undefined;
  const graph = field?.in.findIndex((one) => one !== undefined && !one.external) ?? -1;
  if (graph === -1) throw invalid(feed, 'is declared by no graph');
  return graph;
}

function toEventType(supergraph: Supergraph, { name, graph, feed }: { name: string; graph: GraphId; feed: FeedField }): EventType {
  const type = supergraph.types.get(name);
  if (type?.kind !== 'object') throw invalid(feed, `may be a ${name}, which is no object`);
  const keys = (type.in[graph]?.keys ?? []).filter(({ resolvable }) => resolvable);
  for (const { fields } of keys) {
    const flat = fields.flatMap((node) =>
      node.kind === 'field' && node.selections.length === 0 && node.argsText === '' ? [node.name] : [],
    );
    if (flat.length === fields.length) return { name, key: flat, carried: [] };
  }
  if (keys.length > 0) throw invalid(feed, `may be a ${name}, whose keys are nested: an event cannot carry them`);
  return { name, key: [], carried: [...type.fields.keys()] };
}

function findProof(supergraph: Supergraph, type: CompositeType, graph: GraphId, key: ReadonlySet<string>): string | undefined {
  if (type.kind === 'union') return undefined;
  const fit = [...type.fields.values()].filter((field) => !key.has(field.name) && isProof(supergraph, field, graph));
  // Where no other graph has the field, nobody else can be asked for it
  const alone = fit.find((field) => field.in.every((one, id) => id === graph || one === undefined));
  return (alone ?? fit[0])?.name;
}

function isProof({ types }: Supergraph, field: Field, graph: GraphId): boolean {
  const leaf = types.get(field.type.name);
  const here = field.in[graph];
  return (
    field.type.nonNull &&
    field.type.of === null &&
    (leaf?.kind === 'scalar' || leaf?.kind === 'enum') &&
    leaf.access === null &&
    field.access === null &&
    [...field.args.values()].every((argument) => !argument.type.nonNull || argument.defaultValue !== null) &&
    here !== undefined &&
    !here.external &&
    here.requires === null &&
    here.contextArguments.length === 0 &&
    here.usable === 'yes'
  );
}

function invalid({ coordinate }: FeedField, what: string): EngineError {
  return new EngineError('SUPERGRAPH_INVALID', `@feed of ${coordinate} ${what}. Compose it again.`);
}
