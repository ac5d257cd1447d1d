// The layers of docs/architecture.md as rules on imports. `npm run check layers` applies them; tests/checks/layers.test.ts plants violations.
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const npm = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];
const source = '^(engine|gateway|subgraph-kit|subgraphs|lib|cli|demo)/';

/** Folder of a layer, and what it must not import: the layers above it. */
const layers = [
  ['^engine/supergraph/', '^(engine/(plan|compile|compose)|gateway)/'],
  ['^engine/plan/', '^(engine/(compile|compose)|gateway)/'],
  ['^engine/compile/', '^(engine/compose|gateway)/'],
  ['^engine/compose/', '^(engine/(plan|compile)|gateway)/'],
  ['^gateway/execute/', '^gateway/(pipeline|live|edge|[^/]+\\.ts$)'],
  ['^gateway/plugins/', '^gateway/(execute|pipeline|live|edge|[^/]+\\.ts$)'],
  ['^gateway/pipeline/', '^gateway/(live|edge|(gateway|main)\\.ts$)'],
  ['^gateway/live/', '^gateway/(edge|(gateway|main)\\.ts$)'],
  ['^gateway/edge/', '^gateway/(gateway|main)\\.ts$'],
];

export default {
  forbidden: [
    ...layers.map(([from, to]) =>
      forbid(
        `layers-go-down-${from.replace(/\W+/g, '-').slice(1, -1)}`,
        { path: from },
        { path: to },
        'Import your own layer or a lower one.',
      ),
    ),
    forbid('engine-is-pure-node', { path: '^engine/' }, { dependencyTypes: ['core'] }, 'engine/ uses no node: module.'),
    forbid(
      'engine-is-pure-folders',
      { path: '^engine/' },
      { path: '^(gateway|subgraph-kit|subgraphs|lib|cli|demo)/' },
      'engine/ stands alone.',
    ),
    forbid(
      'engine-is-pure-packages',
      { path: '^engine/', pathNot: '^engine/compose/' },
      { dependencyTypes: npm, pathNot: 'node_modules/graphql/' },
      'engine/ uses no package but graphql.',
    ),
    forbid(
      'composer-packages',
      { path: '^engine/compose/' },
      { dependencyTypes: npm, pathNot: 'node_modules/(graphql|@theguild/federation-composition)/' },
      'engine/compose uses graphql and the composer only.',
    ),
    forbid('lib-is-the-ground', { path: '^lib/' }, { path: source, pathNot: '^lib/' }, 'lib/ imports only lib/.'),
    forbid(
      'kit-stands-on-lib',
      { path: '^subgraph-kit/' },
      { path: source, pathNot: '^(subgraph-kit|lib)/' },
      'subgraph-kit/ may use lib/ only.',
    ),
    forbid(
      'services-apart-gateway',
      { path: '^gateway/' },
      { path: '^(subgraph-kit|subgraphs|cli|demo)/' },
      'Services never import each other.',
    ),
    forbid(
      'services-apart-subgraph',
      { path: '^subgraphs/' },
      { path: '^(gateway|engine|cli|demo)/' },
      'Services never import each other.',
    ),
    forbid(
      'services-apart-subgraphs',
      { path: '^subgraphs/([^/]+)/' },
      { path: '^subgraphs/', pathNot: '^subgraphs/$1/' },
      'Subgraphs never import each other: what another must learn travels as an event.',
    ),
    forbid(
      'demo-is-a-client',
      { path: '^demo/' },
      { path: '^(engine|gateway|subgraph-kit|subgraphs|cli)/', pathNot: '^subgraph-kit/gs1\\.ts$' },
      'demo/ talks to the hub by HTTP; it may make GS1 keys as the kit does.',
    ),
    forbid('cli-is-the-top', { path: source, pathNot: '^cli/' }, { path: '^cli/' }, 'Nothing imports a command.'),
    forbid('source-without-tests', { path: source }, { path: '^(tests|scripts|bench)/' }, 'Source never imports tests or scripts.'),
    forbid(
      'one-door-to-subgraphs',
      { path: '^gateway/', pathNot: '^gateway/execute/' },
      { path: 'node_modules/undici/' },
      'Only gateway/execute talks to subgraphs.',
    ),
    forbid(
      'one-door-to-sql',
      { path: source, pathNot: '^(subgraphs/[^/]+/data/|lib/postgres/|lib/feed/|subgraph-kit/)' },
      { path: 'node_modules/(pg|@prisma/adapter-pg|@prisma/client)/' },
      'Only data/, lib/postgres, lib/feed and subgraph-kit talk SQL.',
    ),
    forbid(
      'no-development-packages',
      // Code for browsers is bundled with its packages.
      { path: source, pathNot: '^gateway/edge/graphiql/browser/' },
      { dependencyTypes: ['npm-dev'] },
      'What runs in production is a dependency.',
    ),
    forbid(
      'no-circle',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'Two files that need each other are one idea.',
    ),
    forbid('no-riddle', {}, { couldNotResolve: true }, 'Every import must resolve.'),
  ],
  options: {
    doNotFollow: { path: '(node_modules|/data/generated/)' },
    exclude: { path: '^(dist|coverage)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    preserveSymlinks: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
