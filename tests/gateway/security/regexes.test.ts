/** No regular expression of the gateway, the engine or the common ground takes more than linear or quadratic time, whatever comes in. */
import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import { fromRoot } from '../../../lib/paths.ts';

type Found = { readonly place: string; readonly literal: string };

function listRegexes(folder: string): Found[] {
  const files = readdirSync(fromRoot(folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(fromRoot(`${folder}/${file}`), 'utf8'), ts.ScriptTarget.Latest);
    const found: Found[] = [];
    const visit = (node: ts.Node): void => {
      const isMade = (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText(source) === 'RegExp';
      if (isMade) found.push({ place: `${folder}/${file}`, literal: 'RegExp(…)' });
      if (ts.isRegularExpressionLiteral(node)) found.push({ place: `${folder}/${file}`, literal: node.text });
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

const length = 10_000;
/** Linear and quadratic ones need a hundredth of it; what backtracks without bound would need years. */
const limitMs = 10_000;

/** Long runs of what the expression itself speaks of, alone and in pairs, with an end that fits nothing. */
const attack = /* JavaScript */ `
  const letters = [...new Set([...source.replace(/\\\\[a-zA-Z]/g, ''), 'a', 'A', '0', ' ', '\\n', '\\t', '-', '.', '_', ',', '/', '"'])].slice(0, 24);
  const seeds = [...letters, ...letters.flatMap((a) => letters.slice(0, 8).map((b) => a + b))];
  let runs = 0;
  for (const seed of seeds) {
    for (const text of [seed.repeat(length / seed.length), 'a' + seed.repeat(length / seed.length) + '\\u0000']) {
      const expression = new RegExp(source, flags);
      expression.test(text);
      runs += 1;
    }
  }
  runs;
`;

/** How often it was tried; throws when it takes too long. */
function run(source: string, flags: string): number {
  // The script's last value
  return runInNewContext(attack, { source, flags, length }, { timeout: limitMs }) as number;
}

/** Of the events that the hub declares: its own file, and tried here like what stands in the sources. */
const contract = JSON.parse(readFileSync(fromRoot('schema/events.json'), 'utf8')) as { types: Record<string, { pattern?: string }> };
const declared = Object.values(contract.types).flatMap(({ pattern }) =>
  pattern === undefined ? [] : [{ place: 'schema/events.json', literal: `/^(?:${pattern})$/` }],
);
const found = [...['gateway', 'engine', 'lib'].flatMap(listRegexes), ...declared];

describe('D4: regular expressions', () => {
  it('D4 are found in the sources, and none is made from a text', () => {
    expect(found.length).toBeGreaterThan(30);
    expect(declared.length).toBeGreaterThan(3);
    expect(found.filter(({ literal, place }) => literal === 'RegExp(…)' && place !== 'lib/feed/check-payload.ts')).toEqual([]);
  });

  it.each(found.filter(({ literal }) => literal !== 'RegExp(…)'))('D4 $place: $literal ends in time on hostile texts', ({ literal }) => {
    const end = literal.lastIndexOf('/');
    expect(run(literal.slice(1, end), literal.slice(end + 1))).toBeGreaterThan(100);
  });

  it('D4 would catch one that backtracks without bound', () => {
    expect(() => runInNewContext(attack, { source: '^(a+)+$', flags: '', length }, { timeout: 300 })).toThrow(/timed out/);
  });
});
