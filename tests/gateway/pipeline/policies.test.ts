import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPolicyBook, loadPolicies, type Policy } from '../../../gateway/pipeline/policies.ts';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import { createPrincipal } from '../../../lib/identity/index.ts';
import { silentLog, type Log } from '../../../lib/log/log.ts';

const member = createPrincipal({
  memberId: 'mem_1',
  kinds: ['MAKER'],
  roles: ['planner'],
  scopes: ['a'],
  claims: { region: 'east', salary: 'much' },
});

function createBook(policies: Record<string, Policy>) {
  const clock = createFixedClock('2026-01-02T03:04:05Z');
  const lines: string[] = [];
  // Only warnings are looked at
  const log = { ...silentLog, warn: (...parts: unknown[]) => void lines.push(JSON.stringify(parts)) } as unknown as Log;
  return { clock, lines, book: createPolicyBook(new Map(Object.entries(policies)), { clock, log }) };
}

describe('a policy', () => {
  it('sees who asks, and of the claims those it declares', async () => {
    const seen: unknown[] = [];
    const { book } = createBook({ east: { claims: ['region', 'missing'], decide: (subject) => seen.push(subject) > 0 } });
    expect(await book.allows('east', member)).toBe(true);
    expect(seen).toEqual([{ member: 'mem_1', kinds: ['MAKER'], roles: ['planner'], scopes: ['a'], claims: { region: 'east' } }]);
  });

  it.each<[string, Policy['decide']]>([
    [
      'throws',
      () => {
        throw new Error('much');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('much'))],
    ['answers what only looks true', () => 1],
    ['answers nothing', () => undefined],
  ])('that %s is a no, and nothing of the claims is logged', async (_, decide) => {
    const { book, lines } = createBook({ odd: { claims: ['salary'], decide } });
    expect(await book.allows('odd', member)).toBe(false);
    expect(lines.join()).not.toContain('much');
  });

  it('that does not end within a second is a no', async () => {
    const { book, lines } = createBook({ slow: { claims: [], decide: () => new Promise(() => undefined) } });
    expect(await book.allows('slow', member)).toBe(false);
    expect(lines.join()).toContain('timeout');
  });

  it('that nobody wrote is a no, said once', () => {
    const { book, lines } = createBook({});
    expect([book.allows('gone', member), book.allows('gone', member), book.allows('toString', member)]).toEqual([false, false, false]);
    expect(lines).toHaveLength(2);
  });

  it('is asked once for all who are equal in what it sees, for ten seconds', async () => {
    let calls = 0;
    const { book, clock } = createBook({ east: { claims: ['region'], decide: () => (calls += 1) > 0 } });
    await Promise.all([book.allows('east', member), book.allows('east', member)]);
    await book.allows('east', createPrincipal({ ...member, claims: { region: 'east', salary: 'little' } }));
    expect(calls).toBe(1);
    await book.allows('east', createPrincipal({ ...member, claims: { region: 'west' } }));
    await book.allows('east', createPrincipal({ ...member, scopes: [] }));
    expect(calls).toBe(3);
    clock.advance(10_000);
    await book.allows('east', member);
    expect(calls).toBe(4);
  });
});

describe('verdicts', () => {
  const ofRegion = (region: string) => createPrincipal({ ...member, claims: { region } });

  it('are remembered up to a number and up to a length: what was not used for longest is asked again', async () => {
    const calls: string[] = [];
    const decide: Policy['decide'] = ({ claims }) => calls.push(String(claims['region']).slice(0, 9)) > 0;
    const { book } = createBook({ east: { claims: ['region'], decide } });
    for (let index = 0; index <= 10_000; index += 1) await book.allows('east', ofRegion(`region ${index}`));
    expect(calls).toHaveLength(10_001);
    await book.allows('east', ofRegion('region 10000'));
    expect(calls).toHaveLength(10_001);
    await book.allows('east', ofRegion('region 0'));
    expect(calls).toHaveLength(10_002);
    const long = 'x'.repeat(4_194_200);
    await book.allows('east', ofRegion(`a${long}`));
    await book.allows('east', ofRegion('region 0'));
    await book.allows('east', ofRegion(`b${long}`));
    expect(calls).toHaveLength(10_004);
    await book.allows('east', ofRegion('region 0'));
    expect(calls).toHaveLength(10_004);
    await book.allows('east', ofRegion(`a${long}`));
    expect(calls).toHaveLength(10_005);
  });

  it('of policies that hang cost others nothing: they are asked at once and answer at once', async () => {
    const hangs: Policy = { claims: ['region'], decide: () => new Promise(() => undefined) };
    const { book } = createBook({ hangs, fine: { claims: [], decide: () => true } });
    const hanging = Promise.all(Array.from({ length: 500 }, async (_, index) => book.allows('hangs', ofRegion(String(index)))));
    const first = await Promise.race([hanging, Promise.resolve(book.allows('fine', member))]);
    expect(first).toBe(true);
    expect(new Set(await hanging)).toEqual(new Set([false]));
  });

  it('do not depend on what a policy does with what it was given, nor on claims that it does not declare', async () => {
    const { book } = createBook({
      greedy: {
        claims: ['region'],
        decide: (subject) => {
          Object.assign(subject.claims, { region: 'east' });
          Object.assign(subject, { scopes: ['all'] });
          return 'salary' in subject.claims;
        },
      },
      scopes: { claims: [], decide: ({ scopes }) => scopes.includes('all') },
    });
    expect([await book.allows('greedy', member), await book.allows('scopes', member), member.scopes]).toEqual([false, false, ['a']]);
  });

  it('are a no for whoever answers something that only becomes true in an odd way', async () => {
    const odd: Record<string, Policy['decide']> = {
      text: () => 'true',
      object: () => new Boolean(true),
      promise: async () => 'yes',
      nested: async () => [Promise.resolve(true)],
      list: () => [true],
    };
    const { book } = createBook(Object.fromEntries(Object.entries(odd).map(([name, decide]) => [name, { claims: [], decide }])));
    for (const name of Object.keys(odd)) expect([name, await book.allows(name, member)]).toEqual([name, false]);
  });
});

describe('the file with policies', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policies-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const load = async (name: string, text: string) => {
    const file = join(folder, `${name}.mjs`);
    await writeFile(file, text);
    return loadPolicies(file);
  };

  it('exports them by name or by default', async () => {
    const named = await load(
      'named',
      `export const policies = { east: { claims: ['region'], decide: ({ claims }) => claims.region === 'east' } };`,
    );
    const byDefault = await load('default', `export default { all: { decide: async () => true } };`);
    expect([...named.keys(), ...byDefault.keys()]).toEqual(['east', 'all']);
    expect(await createBook(Object.fromEntries(named)).book.allows('east', member)).toBe(true);
    expect(await createBook(Object.fromEntries(byDefault)).book.allows('all', member)).toBe(true);
  });

  it.each([
    ['nothing', 'export const other = 1;', 'neither'],
    ['no function', 'export default { p: { claims: [] } };', 'no function decide'],
    ['claims of another kind', 'export default { p: { claims: [1], decide: () => true } };', 'claims of p'],
    ['no JavaScript', 'export default {', 'cannot be used'],
  ])('that has %s is refused at the start', async (name, text, message) => {
    await expect(load(name.replaceAll(' ', '-'), text)).rejects.toMatchObject({
      code: 'POLICIES_UNUSABLE',
      message: expect.stringContaining(message),
    });
  });
});
