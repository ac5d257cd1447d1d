/**
 * Random demands (@authenticated, @requiresScopes, @policy) in a cut's supergraph, and who may read what by them: worked out here from the
 * demands as they were made, not from what the engine reads.
 */
import { Kind, parse, parseConstValue, print } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode } from 'graphql';
import { namedType } from './monolith.ts';
import type { Monolith } from './monolith.ts';
import { createRandom, hash } from './random.ts';
import type { Random } from './random.ts';

/** OR of ANDs, of scopes or of policies. */
type Demand = { readonly directive: 'authenticated' | 'requiresScopes' | 'policy'; readonly groups: readonly (readonly string[])[] };

export type Demands = ReadonlyMap<string, Demand>;

/** What somebody has; `yes` are the policies that say so. */
export type Who = { readonly authenticated: boolean; readonly scopes: readonly string[]; readonly yes: readonly string[] };

const SCOPES = ['s0', 's1', 's2', 's3'];
export const POLICIES = ['p0', 'p1', 'p2'];
/** Never demanded of an implementer: so a demand on an interface is one of its own, and binds all that implement it. */
const OF_INTERFACES = 'of-interfaces';
const LINKS = ['authenticated', 'requiresScopes', 'policy'];

export function createDemands(sdl: string, seed: number): { sdl: string; demands: Demands } {
  const random = createRandom(hash('demands', seed));
  const demands = new Map<string, Demand>();
  const often = random.pick([0.02, 0.06, 0.15]);
  const document = parse(sdl, { noLocation: true });
  const definitions = document.definitions.map((node) => demandOf(node, { random, demands, often }));
  return { sdl: print({ ...document, definitions }), demands };
}

type Making = { readonly random: Random; readonly demands: Map<string, Demand>; readonly often: number };

function demandOf(node: DefinitionNode, making: Making): DefinitionNode {
  if (node.kind === Kind.SCHEMA_DEFINITION) return { ...node, directives: [...(node.directives ?? []), ...LINKS.map(linkOf)] };
  const { random, often } = making;
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const isInterface = node.kind === Kind.INTERFACE_TYPE_DEFINITION;
      const name = node.name.value;
      const isRoot = name === 'Query' || name === 'Mutation';
      const fields = (node.fields ?? []).map((field) =>
        random.chance(often) ? { ...field, directives: added(making, field, `${name}.${field.name.value}`, isInterface) } : field,
      );
      const whole = !isRoot && random.chance(often / 2) ? { directives: added(making, node, name, isInterface) } : {};
      return { ...node, ...whole, fields };
    }
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.SCALAR_TYPE_DEFINITION:
      return node.name.value.includes('__') || !random.chance(often)
        ? node
        : { ...node, directives: added(making, node, node.name.value, false) };
    default:
      return node;
  }
}

type HasDirectives = { readonly directives?: readonly ConstDirectiveNode[] | undefined };

function added({ random, demands }: Making, node: HasDirectives, at: string, isInterface: boolean): ConstDirectiveNode[] {
  const demand = isInterface ? { directive: 'requiresScopes' as const, groups: [[OF_INTERFACES]] } : createDemand(random);
  demands.set(at, demand);
  return [...(node.directives ?? []), toDirective(demand)];
}

function createDemand(random: Random): Demand {
  const directive = random.pick(['authenticated', 'requiresScopes', 'policy'] as const);
  const names = directive === 'policy' ? POLICIES : SCOPES;
  const groups = Array.from({ length: 1 + random.int(2) }, () => random.sample(names, 1 + random.int(2)));
  return { directive, groups: directive === 'authenticated' ? [] : groups };
}

function toDirective({ directive, groups }: Demand): ConstDirectiveNode {
  const argument = directive === 'policy' ? 'policies' : 'scopes';
  const value = parseConstValue(JSON.stringify(groups), { noLocation: true });
  const args = directive === 'authenticated' ? [] : [{ kind: Kind.ARGUMENT as const, name: nameOf(argument), value }];
  return { kind: Kind.DIRECTIVE, name: nameOf(directive), arguments: args };
}

const nameOf = (value: string) => ({ kind: Kind.NAME as const, value });

function linkOf(name: string): ConstDirectiveNode {
  const text = `schema @link(url: "https://specs.apollo.dev/${name}/v0.1", for: SECURITY) { query: Query }`;
  const [node] = parse(text, { noLocation: true }).definitions;
  const [link] = node?.kind === Kind.SCHEMA_DEFINITION ? (node.directives ?? []) : [];
  if (link === undefined) throw new Error('A link is a directive');
  return link;
}

export function createWho(random: Random): Who {
  return {
    authenticated: random.chance(0.7),
    scopes: random.sample([...SCOPES, OF_INTERFACES], random.int(6)),
    yes: random.sample(POLICIES, random.int(4)),
  };
}

/** May somebody read the field of the object type? `type`: what the field returns. */
export function mayRead(demands: Demands, who: Who, monolith: Monolith, field: { parent: string; name: string; type: string }): boolean {
  const interfaces = monolith.types.get(field.parent)?.interfaces ?? [];
  const theirs = interfaces.flatMap((name) => {
    const has = monolith.types.get(name)?.fields.some((one) => one.name === field.name) === true;
    return has ? [name, `${name}.${field.name}`] : [];
  });
  return [field.parent, `${field.parent}.${field.name}`, namedType(field.type), ...theirs].every((at) => isMet(demands.get(at), who));
}

function isMet(demand: Demand | undefined, who: Who): boolean {
  if (demand === undefined) return true;
  if (demand.directive === 'authenticated') return who.authenticated;
  const has = demand.directive === 'policy' ? who.yes : who.scopes;
  return demand.groups.some((group) => group.every((name) => has.includes(name)));
}
