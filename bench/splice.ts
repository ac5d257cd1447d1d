/**
 * `npm run bench:splice`: what joining costs for the query "big": preparing requests, taking answers, writing the client's answer; no
 * HTTP. As objects, by splicing, and by splicing answers that were joined before. Medians and minima in microseconds of one request.
 *
 *   --rounds n   how many of each are measured (default 1000)
 */
import { cpus, platform, release } from 'node:os';
import { parseArgs } from 'node:util';
import { graphql, parse } from 'graphql';
import { composeSupergraph } from '../engine/compose/index.ts';
import { compilePlan, createObjectJoiner, createSpliceJoiner } from '../engine/compile/index.ts';
import type { Joiner, Outcome } from '../engine/compile/index.ts';
import { planOperation } from '../engine/plan/index.ts';
import { loadSupergraph } from '../engine/supergraph/index.ts';
import { QUERIES, SDL, SUBGRAPHS, createSubgraphSchema } from './kit/graph.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string' } } });
const rounds = Number(values.rounds ?? 1_000);

const composed = composeSupergraph(SUBGRAPHS.map((name) => ({ name, url: `http://${name}.test/graphql`, sdl: SDL[name] })));
if (composed.kind === 'failed') throw new AggregateError(composed.errors, 'The bench graph does not compose');
const supergraph = loadSupergraph(composed.supergraphSdl);
const graphNames = supergraph.graphs.map(({ name }) => name);
const compiled = compilePlan(planOperation({ supergraph, document: parse(QUERIES.big.query), conditions: new Map() }), supergraph);
const order = compiled.plan.fetches.toSorted((a, b) => a.level - b.level).map(({ id }) => id);
const splice = compiled.splice();
if (splice === null) throw new Error('The plan is not for splicing');

type Response = Outcome & { readonly kind: 'response' };
const createObjects = (): Joiner => createObjectJoiner({ compiled, variables: {}, local: null, graphNames });
const answers = await collectAnswers();

function asObjects(): string {
  const joiner = createObjects();
  for (const [id, answer] of answers) {
    joiner.prepare(id);
    joiner.take(id, answer);
  }
  joiner.emit(0);
  return joiner.finish().data;
}

function bySplicing(given: ReadonlyMap<number, Response>): Uint8Array {
  const joiner = createSpliceJoiner(splice ?? never(), {});
  for (const [id, answer] of given) {
    joiner.prepare(id);
    joiner.take(id, answer);
  }
  return joiner.emit();
}

function never(): never {
  throw new Error('unreachable');
}

const expected = `{"data":${asObjects()}}`;
if (new TextDecoder().decode(bySplicing(answers)) !== expected) throw new Error('The two ways differ');

const fresh = (): Map<number, Response> => new Map([...answers].map(([id, answer]) => [id, { ...answer }]));
const whole: unknown = JSON.parse(expected);
const texts = [...answers.values()].map(({ text }) => text);
console.log(`${cpus()[0]?.model ?? 'unknown CPU'} x ${cpus().length}, ${platform()} ${release()}, Node ${process.version}`);
const size = texts.reduce((sum, text) => sum + text.length, 0);
console.log(`${answers.size} requests, ${size} bytes of answers, ${expected.length} bytes for the client; microseconds, median (least)\n`);
measure('as objects', asObjects);
measure('by splicing', () => bySplicing(fresh()));
measure('by splicing, answers shared', () => bySplicing(answers));
measure('JSON.parse of all answers', () => texts.map((text) => JSON.parse(text) as unknown));
measure('JSON.stringify of the answer', () => JSON.stringify(whole));

function measure(name: string, work: () => unknown): void {
  for (let round = 0; round < rounds; round += 1) work();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = performance.now();
    work();
    times.push((performance.now() - from) * 1_000);
  }
  const sorted = times.toSorted((a, b) => a - b);
  console.log(`${name.padEnd(30)} ${(sorted[rounds >> 1] ?? 0).toFixed(0).padStart(7)} (${(sorted[0] ?? 0).toFixed(0)})`);
}

async function collectAnswers(): Promise<Map<number, Response>> {
  const joiner = createObjects();
  const found = new Map<number, Response>();
  for (const id of order) {
    const name = SUBGRAPHS.find((one) => one === graphNames[compiled.plan.fetches[id]?.graph ?? -1]);
    const prepared = joiner.prepare(id);
    if (name === undefined || prepared === null) throw new Error('Every request of this query is sent');
    const { query, variables = {} } = JSON.parse(prepared.body) as { query: string; variables?: Record<string, unknown> }; // our own text
    const result = await graphql({ schema: createSubgraphSchema(name), source: query, variableValues: variables });
    const answer: Response = { kind: 'response', status: 200, text: JSON.stringify(result) };
    joiner.take(id, answer);
    found.set(id, answer);
  }
  return found;
}
