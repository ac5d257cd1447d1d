/** What is wrong with one use of `@feed`, before it becomes a composition error. */
import type { ASTNode } from 'graphql';

export type FeedProblem = {
  readonly code: string;
  /** Of the field that has the directive. */
  readonly coordinate: string;
  /** Goes on after `@feed of "Type.field" in subgraph "name"`; without a full stop. */
  readonly message: string;
  /** Of the subgraph's SDL. */
  readonly node: ASTNode;
};
