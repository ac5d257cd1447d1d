/** What composition takes and gives. */

export type SubgraphInput = {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
  /** Where the SDL came from, for messages; the subgraph's name when absent. */
  readonly file?: string;
};

export type CompositionResult =
  | { readonly kind: 'ok'; readonly supergraphSdl: string; readonly hints: readonly string[] }
  | { readonly kind: 'failed'; readonly errors: readonly CompositionError[] };

export type CompositionError = {
  readonly code: string;
  readonly message: string;
  /** The subgraphs concerned, sorted. */
  readonly subgraphs: readonly string[];
  /** At least one per subgraph concerned, when its text could be read. Lines and columns count from 1. */
  readonly locations: readonly SdlLocation[];
  /** What to do about it. */
  readonly wayOut: string;
};

export type SdlLocation = { readonly subgraph: string; readonly file: string; readonly line: number; readonly column: number };

/** What events there are, as `schema/events.json` says it; more is not looked at. */
export type EventCatalogue = { readonly topics: Readonly<Record<string, EventTopic>> };

export type EventTopic = {
  /** Fields of the payload that name what the event is about. */
  readonly key: readonly string[];
  /** `type`: as in SDL, `[MemberKind!]!`. */
  readonly payload: readonly { readonly name: string; readonly type: string }[];
};
