/** What the gateway remembers of a document that has passed all checks that do not depend on who asks or on variables. */
import type { DocumentNode, OperationDefinitionNode } from 'graphql';

export type KnownOperation = {
  readonly name: string | null;
  readonly definition: OperationDefinitionNode;
  /** Variables whose value decides whether a field is asked for. */
  readonly conditionVariables: readonly string[];
  /** Variables that say how long a page is. */
  readonly pageVariables: readonly string[];
  readonly introspects: boolean;
  /** Some fragment is deferred, perhaps on a condition. */
  readonly defers: boolean;
  /** `Type.field` of everything asked for, for the count of use. */
  readonly coordinates: readonly string[];
  /** Whole keys of its plans, by what they depend on besides the text: so that no key is made for every request. Bounded. */
  readonly planKeys: Map<string, string>;
};

export type KnownDocument = {
  readonly document: DocumentNode;
  readonly tokenCount: number;
  /** Fields of all operations, fragments expanded. */
  readonly fieldCount: number;
  /** The document printed anew: the same for every spelling of it. */
  readonly canonicalText: string;
  readonly operations: readonly KnownOperation[];
};
