import { mkdirSync } from 'node:fs';
import { buildSync } from 'esbuild';

// Jest below Node 24.9 cannot require() an ES module, as Node itself can since 20.19. These packages are ES modules only and
// are require()d by CommonJS ones (mercurius, fastify, @apollo/subgraph), so inside Jest a CommonJS bundle stands in for each.
const esmOnly = ['content-disposition', 'cookie', '@whatwg-node/promise-helpers'];
const dir = new URL('./node_modules/.cache/jest-cjs/', import.meta.url);
mkdirSync(dir, { recursive: true });
const file = (name) => decodeURIComponent(new URL(name.replace(/\W/g, '_') + '.cjs', dir).pathname);
for (const name of esmOnly) {
  buildSync({
    entryPoints: [name],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    outfile: file(name),
    logLevel: 'error',
  });
}

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  // Tests wait for what happens, not for time; a busy machine must not fail them.
  testTimeout: 30_000,
  maxWorkers: '100%',
  // Module worlds of ended suites are not given back; a worker that holds this much is replaced, or its collections cost more than its tests.
  workerIdleMemoryLimit: '1GB',
  globalSetup: '<rootDir>/tests/_kit/global-setup.ts',
  globalTeardown: '<rootDir>/tests/_kit/global-teardown.ts',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: Object.fromEntries(esmOnly.map((name) => [`^${name}$`, file(name)])),
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
};
