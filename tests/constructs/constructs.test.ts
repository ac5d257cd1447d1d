/**
 * Every construct of federation that the hub promises: the plan of each operation, its documents valid in the subgraphs, its answer; in a
 * supergraph composed by the project and in ones written by hand. A plan that is meant to change: delete its file, run, look at it.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printPlan } from '../../engine/plan/index.ts';
import { isEngineError } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import type { Case, Construct } from './_construct.ts';
import { planCase, runCase, runDeferred } from './_run-case.ts';
import type { Place } from './_run-case.ts';
import { schemasOf, sourcesOf, supergraphOf } from './_supergraphs.ts';

const folder = fromRoot('tests', 'constructs');
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const constructs: { readonly name: string; readonly construct: Construct }[] = [];
for (const name of names) {
  const module = (await import(join(folder, name, 'construct.ts'))) as { default: Construct }; // each folder has one
  constructs.push({ name, construct: module.default });
}

describe.each(constructs)('$construct.title', ({ name, construct }) => {
  const schemas = schemasOf(construct);

  describe.each(sourcesOf(construct))('in a supergraph %s', (source) => {
    const place: Place = { supergraph: supergraphOf(construct, source, join(folder, name)), schemas };

    it.each(construct.cases)('$name is planned as its text says', (one) => {
      expect(planText(place, one)).toBe(expectedText(join(folder, name), one, place));
    });

    const answered = construct.cases.filter(isAnswered);
    const inOne = answered.filter(({ first }) => first === undefined);
    if (inOne.length > 0) {
      it.each(inOne)('$name is answered exactly, byte for byte both ways', async (one) => {
        const { data, errors, path } = await runCase(place, one);
        expect(data).toBe(JSON.stringify(one.answer.data));
        expect(errors).toEqual(one.answer.errors ?? []);
        expect(path).toBe(one.joined ?? 'splice');
      });
    }

    const deferred = answered.filter(({ first }) => first !== undefined);
    if (deferred.length > 0) {
      it.each(deferred)('$name is answered in pieces that make up the whole, in both forms', async (one) => {
        for (const form of ['ids', 'paths'] as const) {
          const { first, whole, errors } = await runDeferred(place, one, form);
          expect(first).toBe(JSON.stringify(one.first));
          expect(whole).toEqual(one.answer.data);
          expect(errors).toEqual(one.answer.errors ?? []);
        }
      });
    }
  });
});

function isAnswered(one: Case): one is Case & { readonly answer: Exclude<Case['answer'], { readonly refused: string }> } {
  return !('refused' in one.answer);
}

function planText(place: Place, one: Case): string {
  try {
    return printPlan(planCase(place, one).plan, place.supergraph);
  } catch (error) {
    if (isEngineError(error)) return `refused: ${error.code}`;
    throw error;
  }
}

function expectedText(own: string, one: Case, place: Place): string {
  if ('refused' in one.answer) return `refused: ${one.answer.refused}`;
  const file = join(own, `${one.name}.plan`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  writeFileSync(file, planText(place, one));
  throw new Error(`${file} was written: look at it and run again.`);
}
