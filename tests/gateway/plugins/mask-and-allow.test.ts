/** The plugins mask-errors and allow-operations. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowOperations, readAllowList, type AllowList } from '../../../gateway/plugins/allow-operations.ts';
import { maskErrors } from '../../../gateway/plugins/mask-errors.ts';
import { PluginRefusal, type PluginOperation, type PluginRequest } from '../../../gateway/plugins/plugin.ts';
import { startShopGateway } from '../kit.ts';

const request: PluginRequest = { id: 'r-1', readOnly: false, header: () => undefined };
const allow = (list: AllowList) => allowOperations(list, { refusal: (...args) => new PluginRefusal(...args) });

describe('mask-errors', () => {
  it('hides messages of subgraphs, keeps their codes and places, and shows the messages of listed codes', async () => {
    const hidden = await startShopGateway({ plugins: [maskErrors([])] });
    const { body } = await hidden.post({ query: '{ broken }' });
    expect(body.errors?.[0]?.message).toMatch(/^A part of the answer is missing, request \S+\.$/);
    expect(body.errors).toMatchObject([{ path: ['broken'], extensions: { code: 'SUBGRAPH_ERROR', service: 'shop' } }]);
    await hidden.stop();
    const shown = await startShopGateway({ plugins: [maskErrors(['SUBGRAPH_ERROR'])] });
    expect((await shown.post({ query: '{ broken }' })).body.errors?.[0]?.message).toContain('the table crates is missing');
    await shown.stop();
  });

  it('leaves what the hub itself says', async () => {
    const gateway = await startShopGateway({ plugins: [maskErrors([])] });
    expect((await gateway.post({ query: '{ nothing }' })).body.errors?.[0]?.message).toContain('Cannot query field "nothing"');
    await gateway.stop();
  });
});

const text = '{ crate(id: "1") { name } }';
const sha256 = createHash('sha256').update(text).digest('hex');

describe('allow-operations', () => {
  const plugin = allow(
    new Map([
      ['member:m-1', new Set(['Crates'])],
      ['kind:MAKER', new Set([`sha256:${sha256}`])],
      ['member:admin', new Set(['*'])],
      ['*', new Set(['Ping'])],
    ]),
  );
  const nobody: PluginOperation = { name: null, kind: 'query', sha256: '0'.repeat(64), member: null, kinds: [], roles: [], scopes: [] };
  const isAllowed = (parts: Partial<PluginOperation>) => {
    try {
      void plugin.onOperation?.(request, { ...nobody, ...parts });
      return true;
    } catch (error) {
      if (error instanceof PluginRefusal && error.code === 'OPERATION_NOT_ALLOWED' && error.status === 403) return false;
      throw error;
    }
  };

  it.each<[boolean, string, Partial<PluginOperation>]>([
    [true, 'a member by name', { member: 'm-1', name: 'Crates' }],
    [false, 'another member by that name', { member: 'm-2', name: 'Crates' }],
    [false, 'a member by a name that is not listed', { member: 'm-1', name: 'Other' }],
    [true, 'a kind by hash, whatever the operation is called', { member: 'm-2', kinds: ['MAKER'], name: 'Any', sha256 }],
    [false, 'another kind by that hash', { kinds: ['CREATOR'], sha256 }],
    [true, 'everybody by a name that is everybody’s', { name: 'Ping' }],
    [false, 'an operation without a name', {}],
    [false, 'a member that is called as a kind', { member: 'MAKER', sha256 }],
    [true, 'whom everything is allowed', { member: 'admin' }],
  ])('says %s: %s', (allowed, _, parts) => {
    expect(isAllowed(parts)).toBe(allowed);
  });

  it('compares the hash of the text as it was sent, and refuses with 403', async () => {
    const gateway = await startShopGateway({ plugins: [allow(new Map([['*', new Set([`sha256:${sha256}`])]]))] });
    expect((await gateway.post({ query: text })).status).toBe(200);
    const other = await gateway.post({ query: `${text} ` });
    expect([other.status, other.code, gateway.shop.bodies.length]).toEqual([403, 'OPERATION_NOT_ALLOWED', 1]);
    await gateway.stop();
  });

  it('is read from a JSON file, and a file that is not as described refuses the start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'allow-'));
    const file = join(folder, 'allow.json');
    await writeFile(file, JSON.stringify({ 'member:m-1': ['Crates', `sha256:${sha256}`], '*': ['*'] }));
    const read = await readAllowList(file);
    expect([...read].map(([owner, operations]) => [owner, ...operations])).toEqual([
      ['member:m-1', 'Crates', `sha256:${sha256}`],
      ['*', '*'],
    ]);
    for (const wrong of ['[]', '{"m-1": []}', '{"*": "Crates"}', '{"*": ["sha256:12"]}', '{"*": [7]}', '{']) {
      await writeFile(file, wrong);
      await expect(readAllowList(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID_VALUE' });
    }
    await rm(folder, { recursive: true });
  });
});
