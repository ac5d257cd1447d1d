/** `@skip` and `@include` of one selection, as functions of the variables. Exports `conditionsOf`. */
import { Kind, type SelectionNode } from 'graphql';
import type { Variables } from './levels.ts';

export type Condition = (variables: Variables) => boolean;

export function conditionsOf({ directives = [] }: SelectionNode): Condition[] {
  return directives.flatMap(({ name, arguments: given = [] }): Condition[] => {
    if (name.value !== 'skip' && name.value !== 'include') return [];
    const value = given.find((argument) => argument.name.value === 'if')?.value;
    const wanted = name.value === 'include';
    if (value?.kind === Kind.BOOLEAN) return value.value === wanted ? [] : [() => false];
    if (value?.kind !== Kind.VARIABLE) return [];
    const variable = value.name.value;
    return [(variables) => (variables[variable] === true) === wanted];
  });
}
