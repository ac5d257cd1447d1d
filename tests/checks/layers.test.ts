/** Imports run one way: each planted import against a layer must fail `npm run check layers` by the name of its rule. */
import { copyProject, type Copy, type Files } from './plant.ts';

const from = (target: string): string => `import { x } from '${target}';\n\nexport const y = x;\n`;
const x = 'export const x = 1;\n';

/** What is tried, the rule that must stop it, the importing file, what it imports, and the imported file (null: none of ours). */
const violations: readonly (readonly [what: string, rule: string, file: string, target: string, own: string | null])[] = [
  ['the planner imports the compiler', 'layers-go-down-engine-plan', 'engine/plan/a.ts', '../compile/b.ts', 'engine/compile/b.ts'],
  ['the index imports the planner', 'layers-go-down-engine-supergraph', 'engine/supergraph/a.ts', '../plan/b.ts', 'engine/plan/b.ts'],
  [
    'the executor imports the pipeline',
    'layers-go-down-gateway-execute',
    'gateway/execute/a.ts',
    '../pipeline/b.ts',
    'gateway/pipeline/b.ts',
  ],
  ['a plugin imports the pipeline', 'layers-go-down-gateway-plugins', 'gateway/plugins/a.ts', '../pipeline/b.ts', 'gateway/pipeline/b.ts'],
  ['the pipeline imports the edge', 'layers-go-down-gateway-pipeline', 'gateway/pipeline/a.ts', '../edge/b.ts', 'gateway/edge/b.ts'],
  ['the edge imports the whole gateway', 'layers-go-down-gateway-edge', 'gateway/edge/a.ts', '../gateway.ts', 'gateway/gateway.ts'],
  ['the engine imports a module of Node', 'engine-is-pure-node', 'engine/plan/a.ts', 'node:fs', null],
  ['the engine imports a package', 'engine-is-pure-packages', 'engine/plan/a.ts', 'dataloader', null],
  ['the engine imports lib/', 'engine-is-pure-folders', 'engine/plan/a.ts', '../../lib/b.ts', 'lib/b.ts'],
  ['the composer imports another package', 'composer-packages', 'engine/compose/a.ts', 'zod', null],
  ['lib/ imports the engine', 'lib-is-the-ground', 'lib/a.ts', '../engine/plan/b.ts', 'engine/plan/b.ts'],
  ['the kit imports a subgraph', 'kit-stands-on-lib', 'subgraph-kit/a.ts', '../subgraphs/upstream/b.ts', 'subgraphs/upstream/b.ts'],
  ['a subgraph imports another', 'services-apart-subgraphs', 'subgraphs/upstream/a.ts', '../midstream/b.ts', 'subgraphs/midstream/b.ts'],
  [
    'a subgraph imports the gateway',
    'services-apart-subgraph',
    'subgraphs/upstream/a.ts',
    '../../gateway/execute/b.ts',
    'gateway/execute/b.ts',
  ],
  [
    'the gateway imports a subgraph',
    'services-apart-gateway',
    'gateway/execute/a.ts',
    '../../subgraphs/upstream/b.ts',
    'subgraphs/upstream/b.ts',
  ],
  ['the demo imports a subgraph', 'demo-is-a-client', 'demo/a.ts', '../subgraphs/upstream/b.ts', 'subgraphs/upstream/b.ts'],
  ['lib/ imports a command', 'cli-is-the-top', 'lib/a.ts', '../cli/b.ts', 'cli/b.ts'],
  ['source imports a test', 'source-without-tests', 'lib/a.ts', '../tests/b.ts', 'tests/b.ts'],
  ['the pipeline calls a subgraph itself', 'one-door-to-subgraphs', 'gateway/pipeline/a.ts', 'undici', null],
  ['a resolver talks SQL', 'one-door-to-sql', 'subgraphs/upstream/resolvers/a.ts', 'pg', null],
  ['source imports a development package', 'no-development-packages', 'lib/a.ts', 'yaml', null],
  ['an import leads nowhere', 'no-riddle', 'lib/a.ts', './nowhere.ts', null],
];

describe('npm run check layers', () => {
  let copy: Copy;
  beforeEach(async () => {
    copy = await copyProject({ withFolders: ['package.json'] });
  });
  afterEach(async () => copy.remove());

  it('passes imports that go down', async () => {
    const files: Files = {
      'engine/supergraph/a.ts': x,
      'engine/plan/a.ts': "import { parse } from 'graphql';\nimport { x } from '../supergraph/a.ts';\n\nexport const y = [parse, x];\n",
      'gateway/execute/a.ts':
        "import { fetch } from 'undici';\nimport { y } from '../../engine/plan/a.ts';\n\nexport const z = [fetch, y];\n",
      'gateway/edge/a.ts': from('../execute/b.ts'),
      'gateway/execute/b.ts': x,
      'subgraphs/upstream/data/a.ts': "import pg from 'pg';\n\nexport const x = pg.Pool;\n",
      'subgraphs/upstream/resolvers/a.ts': from('../data/a.ts'),
    };
    await copy.write(files);
    const { code, output } = await copy.check('layers');
    expect(output).toMatch(/ok +layers /);
    expect(code).toBe(0);
  }, 60_000);

  it('fails when two files need each other', async () => {
    await copy.write({
      'lib/a.ts': "import { b } from './b.ts';\n\nexport const a = (): unknown => b;\n",
      'lib/b.ts': "import { a } from './a.ts';\n\nexport const b = (): unknown => a;\n",
    });
    const { code, output } = await copy.check('layers');
    expect(output).toContain(': no-circle.');
    expect(code).toBe(1);
  }, 60_000);
});

describe('npm run check layers, with every violation planted at once', () => {
  /** `a.ts` as a file of its own for each violation. */
  const fileOf = (index: number): string => (violations[index]?.[2] ?? '').replace(/a\.ts$/, `a${index}.ts`);
  let copy: Copy;
  let lines: readonly string[];
  let code: number | null;
  beforeAll(async () => {
    copy = await copyProject({ withFolders: ['package.json'] });
    for (const [index, [, , , target, own]] of violations.entries())
      await copy.write({ [fileOf(index)]: from(target), ...(own === null ? {} : { [own]: x }) });
    const outcome = await copy.check('layers');
    code = outcome.code;
    lines = outcome.output.split('\n');
  }, 60_000);
  afterAll(async () => copy.remove());

  it.each(violations.map(([what, rule], index) => [what, rule, index] as const))('says that %s (%s)', (_what, rule, index) => {
    expect(code).toBe(1);
    const said = lines.filter((line) => line.includes(`${fileOf(index)} imports `));
    expect(said.join('\n')).toContain(`: ${rule}.`);
  });
});
