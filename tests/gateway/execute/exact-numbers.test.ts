/** Numbers that a double cannot hold, through the gateway: shown, sent as keys and requirements, or refused, never another number. */
import { compilePlan } from '../../../engine/compile/index.ts';
import { executeBothWays } from '../../_kit/both-paths.ts';
import { compose, plan } from './in-memory-graphs.ts';

type Ran = { readonly text: string; readonly errors: readonly string[]; readonly bodies: readonly string[] };

/** `answers`: of each graph, as text; both ways of joining must do the same with them. */
async function run(sdl: Readonly<Record<string, string>>, query: string, answers: Readonly<Record<string, string>>): Promise<Ran> {
  const supergraph = compose(sdl);
  const bodies: string[] = [];
  const { result } = await executeBothWays({
    compiled: compilePlan(plan(supergraph, query), supergraph),
    supergraph,
    variables: {},
    signal: new AbortController().signal,
    fetcher: async ({ graph, body }) => {
      bodies.push(body);
      return { kind: 'response', status: 200, text: answers[graph.name] ?? '' };
    },
  });
  return { text: result.data, errors: (result.errors ?? []).map(({ message, path }) => `${(path ?? []).join('.')}: ${message}`), bodies };
}

describe('exact numbers', () => {
  it('answers no number that is not the one the graph meant', async () => {
    const { text, errors } = await run(
      { a: 'scalar Any type Query { f: Float near: Float i: Int id: ID long: ID frac: ID any: Any deep: Any s: String }' },
      '{ f near i id long frac any deep s }',
      {
        a:
          '{"data":{"f":1e400,"near":0.12345678901234567890,"i":1.00000000000000000001,"id":12345678901234567890,"long":1e400,"frac":1.5,' +
          '"any":-1e400,"deep":{"b":[12345678901234567890,1.50],"1":"x"},"s":12345678901234567890}}',
      },
    );
    expect(text).toBe(
      '{"f":null,"near":0.12345678901234568,"i":null,"id":"12345678901234567890","long":null,"frac":null,' +
        '"any":-1e400,"deep":{"1":"x","b":[12345678901234567890,1.5]},"s":null}',
    );
    expect(errors).toEqual(
      ['f', 'i', 'long', 'frac', 's'].map((name) => `${name}: Query.${name} has a value that its type does not allow.`),
    );
  });

  it('takes a number for nothing but a number, however many digits it has', async () => {
    const ask = (number: string): Promise<Ran> =>
      run({ a: 'type Query { loom: Loom looms: [Loom] } type Loom { name: String }' }, '{ loom { name } looms { name } }', {
        a: `{"data":{"loom":${number},"looms":${number}},"errors":[{"message":"torn","path":["loom","text"]}]}`,
      });
    const long = await ask('12345678901234567890');
    expect(long).toEqual(await ask('5'));
    expect(long.text).toBe('{"loom":null,"looms":null}');
    expect(long.errors).toEqual([
      'loom: The subgraph a answered with something other than an object.',
      'looms: The subgraph a answered with something other than a list.',
    ]);
  });

  it('sends keys and requirements with all their digits, and tells keys apart that a double would not', async () => {
    const { text, errors, bodies } = await run(
      {
        a: 'scalar Any type Query { looms: [Loom] } type Loom @key(fields: "id") { id: Any! size: Any }',
        b: 'scalar Any type Loom @key(fields: "id") { id: Any! size: Any @external cut: Any @requires(fields: "size") }',
      },
      '{ looms { id cut } }',
      {
        a: '{"data":{"looms":[{"id":9007199254740993,"_q0":{"to":1e400}},{"id":9007199254740992,"_q0":2e400}]}}',
        b: '{"data":{"_entities":[{"cut":0.10000000000000000001},{"cut":2}]}}',
      },
    );
    expect(bodies[0]).toContain('{ looms { id _q0: size } }');
    expect(bodies[1]).toContain(
      ':[{"__typename":"Loom","id":9007199254740993,"size":{"to":1e400}},{"__typename":"Loom","id":9007199254740992,"size":2e400}]}',
    );
    expect(text).toBe('{"looms":[{"id":9007199254740993,"cut":0.10000000000000000001},{"id":9007199254740992,"cut":2}]}');
    expect(errors).toEqual([]);
  });
});
