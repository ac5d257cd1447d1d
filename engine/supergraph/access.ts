/** `@authenticated`, `@requiresScopes` and `@policy` of one node, found by their specifications. */
import type { Definitions, HasDirectives } from './definitions.ts';
import { directivesOf, listArgument, stringsOf } from './directives.ts';
import type { Access } from './types.ts';

/** Null when nothing is demanded. */
export function readAccess({ features }: Definitions, node: HasDirectives): Access | null {
  const authenticated = directivesOf(node, features.directive('authenticated', 'authenticated')).length > 0;
  const scopes = groups(node, features.directive('requiresScopes', 'requiresScopes'), 'scopes');
  const policies = groups(node, features.directive('policy', 'policy'), 'policies');
  return authenticated || scopes.length > 0 || policies.length > 0 ? { authenticated, scopes, policies } : null;
}

function groups(node: HasDirectives, directive: string | null, argument: string): string[][] {
  const uses = directivesOf(node, directive).map((use) => listArgument(use, argument).map((group) => stringsOf(use, argument, group)));
  // Each use is an OR of ANDs of its own; all of them must be met
  return uses.reduce<string[][]>(
    (all, own) =>
      all.length === 0 || own.length === 0 ? [...all, ...own] : all.flatMap((a) => own.map((b) => [...new Set([...a, ...b])])),
    [],
  );
}
