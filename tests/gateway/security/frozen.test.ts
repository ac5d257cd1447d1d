/** A gateway whose process has no `__proto__` and whose basic prototypes cannot be written: whatever would pollute them throws there. */
import { spawnSync } from 'node:child_process';
import { fromRoot } from '../../../lib/paths.ts';

/** Runs in a process of its own; the prototypes are frozen before the first request. */
const program = /* JavaScript */ `
  import { startShopGateway } from './tests/gateway/kit.ts';

  const gateway = await startShopGateway();
  const before = Reflect.ownKeys(Object.prototype).length + Reflect.ownKeys(Array.prototype).length;
  Object.freeze(Object.prototype);
  Object.freeze(Array.prototype);
  const names = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf', '__defineGetter__'];
  const answers = [];
  const ask = async (params) => answers.push((await gateway.post(params)).body);
  await ask({ query: '{ crate(id: "1") { id name inside { name } } }' });
  await ask({ query: 'mutation { rename(id: "1", name: "x") { id name } }' });
  for (const name of names) {
    await ask({ query: \`{ \${name}: crate(id: "1") { \${name}: name inside { \${name}: id } } }\` });
    await ask({ query: \`query Q($\${name}: ID!) { crate(id: $\${name}) { name } }\`, variables: JSON.parse(\`{"\${name}": "1"}\`) });
  }
  const { post } = gateway;
  const hostile = [];
  for (const body of [
    '{"query": "{ __typename }", "__proto__": {"polluted": true}}',
    '{"query": "{ __typename }", "variables": {"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}}',
    '{"query": "{ __typename }", "extensions": {"__proto__": {"plan": true}}}',
    '{"query": "query ($list: [Nested!]) { echo(list: $list) }", "variables": {"list": [{"__proto__": {"value": "x"}}]}}',
  ]) hostile.push((await post(body)).status);
  const after = Reflect.ownKeys(Object.prototype).length + Reflect.ownKeys(Array.prototype).length;
  const hasProto = '__proto__' in {};
  await gateway.stop();
  console.log(JSON.stringify({ answers, hostile, grown: after - before, polluted: {}.polluted ?? null, hasProto }));
`;

type Told = {
  answers: { data?: Record<string, unknown>; errors?: { message: string }[] }[];
  hostile: number[];
  grown: number;
  polluted: unknown;
  hasProto: boolean;
};

describe('D2: prototypes', () => {
  it('D2 queries, mutations and hostile aliases are answered with frozen prototypes and without __proto__', () => {
    const flags = ['--disable-proto=delete', '--import', 'tsx', '--input-type=module', '--eval', program];
    const run = spawnSync(process.execPath, flags, { cwd: fromRoot('.'), encoding: 'utf8', timeout: 25_000 });
    expect({ status: run.status, stderr: run.stderr.slice(0, 2_000) }).toEqual({ status: 0, stderr: '' });
    // What the program above prints
    const told = JSON.parse(run.stdout) as Told;
    const [query, mutation, ...rest] = told.answers;
    expect(query?.data).toEqual({ crate: { id: '1', name: 'crate 1', inside: { name: 'crate 1-in' } } });
    expect(mutation?.data).toEqual({ rename: { id: '1', name: 'x' } });
    expect(rest).toHaveLength(14);
    // A variable of that name is refused with the JSON that holds it
    expect(rest[1]?.errors?.[0]?.message).toBe('The JSON of the request has a key that is not allowed: __proto__.');
    for (const [index, answer] of rest.entries()) {
      if (index === 1) continue;
      expect({ index, errors: answer.errors ?? [] }).toEqual({ index, errors: [] });
      expect(JSON.stringify(answer.data)).toContain('"crate 1"');
    }
    expect(told.hostile).toEqual([400, 400, 400, 400]);
    expect([told.grown, told.polluted, told.hasProto]).toEqual([0, null, false]);
  });
});
