import { readdirSync, readFileSync } from 'node:fs';
import { createError, errorCatalogue, isHubError, toErrorCode, toMessage } from '../../../lib/errors/errors.ts';
import { fromRoot } from '../../../lib/paths.ts';

const sources = ['engine', 'gateway', 'subgraph-kit', 'subgraphs', 'lib', 'cli', 'demo']
  .flatMap((folder) => readdirSync(fromRoot(folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('errors/catalogue.ts') && !file.includes('/generated/'))
  .map((file) => readFileSync(fromRoot(file), 'utf8'))
  .join('\n');

describe('the catalogue of errors', () => {
  it.each(Object.entries(errorCatalogue))('%s has a status, says what it means and what to try, and is used', (code, entry) => {
    expect(entry.status).toBeGreaterThanOrEqual(200);
    expect(entry.status).toBeLessThan(600);
    expect(entry.meaning).toMatch(/^[A-Z“`].+\.$/);
    expect(entry.advice).toMatch(/^[A-Z“`].+\.$/);
    expect(sources.includes(`'${code}'`)).toBe(true);
  });
});

describe('an error', () => {
  it('knows its status, whether a client may see it, its details and its cause', () => {
    const cause = new Error('disk full');
    const error = createError('LIMIT_EXCEEDED', 'too deep', { details: { limit: 'depth' }, cause });
    expect(error).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: 'too deep',
      visible: errorCatalogue.LIMIT_EXCEEDED.visible,
      status: errorCatalogue.LIMIT_EXCEEDED.status,
      details: { limit: 'depth' },
      cause,
    });
    expect('cause' in createError('INTERNAL', 'x')).toBe(false);
  });

  it('is told from others, by its code if need be', () => {
    expect(isHubError(createError('INTERNAL', 'x'))).toBe(true);
    expect(isHubError(createError('INTERNAL', 'x'), 'INTERNAL')).toBe(true);
    expect(isHubError(createError('INTERNAL', 'x'), 'PORT_TAKEN')).toBe(false);
    expect(isHubError(new Error('x'))).toBe(false);
  });

  it.each([
    [new Error('one'), 'one'],
    [new AggregateError([new Error('v6 refused'), new Error('v4 refused')]), 'v6 refused; v4 refused'],
    [{}, 'unknown error'],
    ['text', 'text'],
    [null, 'null'],
    [undefined, 'undefined'],
  ])('of any kind has words: %p', (thrown, words) => {
    expect(toMessage(thrown)).toBe(words);
  });

  it('of Node, of PostgreSQL or of ours has a code, and any other none', () => {
    expect([
      toErrorCode({ code: 'ENOENT' }),
      toErrorCode(createError('INTERNAL', 'x')),
      toErrorCode({ code: 5 }),
      toErrorCode(null),
    ]).toEqual(['ENOENT', 'INTERNAL', '', '']);
  });
});
