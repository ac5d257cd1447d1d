/**
 * One construct of federation as a test: subgraphs with their data, operations with their answers. Each folder beside this file holds one
 * (`construct.ts`), its supergraph as written by hand in the join specification v0.3 and v0.5 (`v03.graphql`, `v05.graphql`) and the plan
 * of each operation (`<case>.plan`). docs/federation.md lists the same constructs for users.
 */
import type { GraphQLResolverMap } from '@apollo/subgraph';

export type Construct = {
  /** The promise, as a user reads it. */
  readonly title: string;
  readonly subgraphs: Readonly<Record<string, SubgraphSource>>;
  /**
   * Why there is no text of that version: its join specification has no word for the construct. Where v0.4 was the first to have one,
   * `v04.graphql` stands in for it.
   */
  readonly notInV03?: { readonly why: string; readonly since: 'v04' | 'v05' };
  /** Why the composer's text is not used: what it refuses or gets wrong. */
  readonly notComposed?: string;
  readonly cases: readonly Case[];
};

export type SubgraphSource = {
  /** Without the link to the federation specification, unless it has one of its own. */
  readonly sdl: string;
  /** Written in Federation 1: no link is added. */
  readonly federation?: 'v1';
  readonly resolvers: GraphQLResolverMap;
};

export type Case = {
  /** Also the name of the file with the plan. */
  readonly name: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Active override labels. */
  readonly labels?: readonly string[];
  /** Coordinates that the principal may not read. */
  readonly denied?: readonly string[];
  /** Who asks: what may not be read is found by the supergraph's own demands. */
  readonly reader?: CaseReader;
  /** Subgraphs that answer 503. */
  readonly down?: readonly string[];
  /** What the first of several payloads shows; without, the answer comes in one. */
  readonly first?: unknown;
  /** How the answer is joined where it is not by splicing; the other way gives the same bytes in any case. */
  readonly joined?: 'object' | 'fallback';
  readonly answer: Answer | Refused;
};

export type CaseReader = { readonly authenticated: boolean; readonly scopes: readonly string[]; readonly policies: readonly string[] };

export type Answer = {
  /** Key order counts. */
  readonly data: unknown;
  /** Path and code of each error. */
  readonly errors?: readonly { readonly path: readonly (string | number)[]; readonly code: string }[];
};

/** Refused by the planner with this code: nothing is sent. */
export type Refused = { readonly refused: string };
