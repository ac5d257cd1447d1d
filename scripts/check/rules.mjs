// House rules that no linter knows: no trade word where another industry must fit, and a reason beside every cast.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../root.mjs';
import { listFiles } from './list-files.mjs';

/** Words of this industry that are not also everyday English or words of programming ("lot", "quote", "capacity" are). */
const tradeWords = new Set(
  [
    'maker makers creator creators distributor distributors garment garments textile textiles apparel fabric fabrics sewing seam knit knitwear',
    'wholesaler wholesalers influencer influencers mcn mcns campaign campaigns sku skus gtin gtins gln glns sscc ssccs tariff tariffs',
    'shipment shipments settlement settlements warehouse warehouses feasible',
  ].flatMap((line) => line.split(' ')),
);
const tradeFree = ['lib', 'engine', 'gateway'];
const typed = ['engine', 'gateway', 'subgraph-kit', 'subgraphs', 'lib', 'cli', 'demo'];

export function checkRules() {
  return [
    ...listFiles(tradeFree, '.ts', '.js', '.mjs', '.sql', '.html').flatMap((file) => findTradeWords(file, read(file))),
    ...listFiles(typed, '.ts').flatMap((file) => findBareCasts(file, read(file))),
  ];
}

const read = (file) => readFileSync(join(root, file), 'utf8');

function findTradeWords(file, text) {
  return text.split('\n').flatMap((line, index) =>
    toWords(line)
      .filter((word) => tradeWords.has(word))
      .map((word) => `${file}:${index + 1} "${word}" is a word of the trade: another industry is data and SDL, not code`),
  );
}

/** `createMakerId` → create, maker, id. */
function toWords(line) {
  const apart = line.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  return apart.toLowerCase().match(/[a-z]+/g) ?? [];
}

/** `x as T` without a comment on its line, or on the lines before its statement. `as const` and `satisfies` claim nothing. */
function findBareCasts(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const lines = text.split('\n');
  const found = [];
  const visit = (node) => {
    if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type) && !isExplained(node, source, lines)) {
      const { line } = source.getLineAndCharacterOfPosition(node.type.getStart(source));
      found.push(`${file}:${line + 1} a cast needs its reason beside it: ${node.getText(source).split('\n')[0]}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isExplained(node, source, lines) {
  const lineOf = (position) => source.getLineAndCharacterOfPosition(position).line;
  const isComment = (line) => /^\s*(\/\/|\/?\*)/.test(line ?? '');
  for (let at = lineOf(node.getStart(source)); at <= lineOf(node.getEnd()); at += 1) if (/\/\/|\/\*/.test(lines[at])) return true;
  for (let around = node; around !== undefined && !ts.isSourceFile(around) && !ts.isBlock(around); around = around.parent) {
    if (isComment(lines[lineOf(around.getStart(source)) - 1])) return true;
  }
  return false;
}
