/** Requests of every kind of nonsense: each is answered, none shakes the process. */
import fc from 'fast-check';
import { startShopGateway } from '../kit.ts';

const pieces = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ':',
  '!',
  '$',
  '@',
  '...',
  '"',
  '"""',
  '#',
  ' ',
  '\n',
  'query',
  'mutation',
  'subscription',
  'fragment',
  'on',
  '__schema',
  '__type',
  '__typename',
  '__proto__',
  'constructor',
  'echo',
  'crate',
  'crates',
  'first',
  'id',
  'name',
  'inside',
  'F',
  'Query',
  'Crate',
  '1',
  '-1',
  '1e999',
  'null',
  'true',
  '\u0000',
  '\uFEFF',
  '😀',
  '@skip(if: $a)',
  '@include(if: true)',
  '{ id }',
  '(id: 1)',
  '...F',
  'fragment F on Query { ...F }',
  '{ crate(id: 1) { inside { id } } }',
  'query A { echo }',
];
const documents = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(' '));
const params = fc.oneof(
  fc.record(
    { query: documents, operationName: fc.oneof(fc.string(), fc.constant(null)), variables: fc.dictionary(fc.string(), fc.jsonValue()) },
    { requiredKeys: ['query'] },
  ),
  fc.record(
    { query: fc.jsonValue(), variables: fc.jsonValue(), extensions: fc.jsonValue(), operationName: fc.jsonValue() },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);

describe('nonsense', () => {
  it('is answered with data or a code, never with an internal error, and pollutes nothing', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', note);
    const gateway = await startShopGateway();
    try {
      await fc.assert(
        fc.asyncProperty(params, async (value) => {
          const { status, body, code } = await gateway.post(JSON.stringify(value));
          expect(body.data !== undefined || typeof code === 'string').toBe(true);
          expect(status).toBeLessThan(500);
          expect(Object.keys(Object.prototype)).toEqual([]);
        }),
        { numRuns: 1_500 },
      );
    } finally {
      await gateway.stop();
      process.off('unhandledRejection', note);
    }
    expect(rejections).toEqual([]);
  }, 60_000);
});
