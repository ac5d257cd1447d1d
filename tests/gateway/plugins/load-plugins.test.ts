/** HUB_PLUGINS: names and files; what cannot be used refuses the start in one line. Also the example of docs/plugins.md. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGatewayConfig } from '../../../gateway/config.ts';
import { loadPlugins } from '../../../gateway/plugins/load-plugins.ts';
import { silentLog } from '../../../lib/log/log.ts';
import { readPage } from '../../docs/pages.ts';
import { startShopGateway } from '../kit.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugins-'));
});
afterEach(() => rm(folder, { recursive: true }));

const load = (entries: readonly string[]) => loadPlugins(entries, { version: '1', log: silentLog });

async function write(text: string, name = 'p.mjs'): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe('a file of HUB_PLUGINS', () => {
  it('gives a plugin, or a function that makes one of what it is given', async () => {
    const plain = await write('export default { name: "plain", onRequest() {} };', 'plain.mjs');
    const made = await write('export default async ({ refusal, log }) => ({ name: typeof refusal + typeof log.info });', 'made.mjs');
    const plugins = await load([made, plain]);
    expect(plugins.map(({ name }) => name)).toEqual(['functionfunction', 'plain']);
    expect(plugins.every((plugin) => Object.isFrozen(plugin))).toBe(true);
  });

  it.each([
    ['export default 7;', 'is no plugin'],
    ['export default { onRequest() {} };', 'it has no name'],
    ['export default { name: "a", onReqest() {} };', 'onReqest is no hook; hooks are onRequest, onOperation'],
    ['export default { name: "a", onError: 7 };', 'onError is no function'],
    ['throw new Error("at start");', 'at start'],
    ['export default () => { throw new Error("when made"); };', 'when made'],
    ['export default {', 'cannot be used'],
  ])('refuses the start in one line: %s', async (text, reason) => {
    const message: unknown = await load([await write(text)]).then(
      () => 'loaded',
      (error: unknown) => (error instanceof Error ? error.message : error),
    );
    expect(message).toContain(reason);
    expect(message).toMatch(/^The plugin .+ of HUB_PLUGINS cannot be used: [^\n]+$/);
  });

  it('refuses what is there twice, no file, a name of no plugin, and more than 20', async () => {
    const files = await Promise.all(Array.from({ length: 21 }, (_, index) => write('export default { name: "a" };', `${index}.mjs`)));
    const [file = ''] = files;
    for (const entries of [[file, file], ['mask-eror'], [join(folder, 'missing.mjs')], files])
      await expect(load(entries)).rejects.toMatchObject({ code: 'CONFIG_INVALID_VALUE' });
    expect(await load(files.slice(1))).toHaveLength(20);
  });
});

describe('the variables', () => {
  const read = (env: Record<string, string>) => readGatewayConfig({ HUB_DATA: folder, HUB_LOG_LEVEL: 'silent', ...env });

  it('name no plugin by default', async () => {
    expect((await read({})).plugins).toEqual([]);
  });

  it('turn plugins on by name, in their order, each with what it needs', async () => {
    const { plugins = [] } = await read({
      HUB_PLUGINS: 'tracing, allow-operations, mask-errors',
      HUB_ALLOW_OPERATIONS: await write('{"*": ["*"]}', 'allow.json'),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    expect(plugins.map(({ name }) => name)).toEqual(['tracing', 'allow-operations', 'mask-errors']);
    for (const plugin of plugins) await plugin.stop?.();
  });

  it.each([
    ['tracing', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    ['allow-operations', 'HUB_ALLOW_OPERATIONS'],
  ])('refuse %s without %s, and say so', async (plugin, variable) => {
    const failure = read({ HUB_PLUGINS: plugin });
    await expect(failure).rejects.toMatchObject({ code: 'CONFIG_MISSING_VALUE' });
    await expect(failure).rejects.toThrow(variable);
  });
});

describe('the example of docs/plugins.md', () => {
  it('runs as it stands there', async () => {
    const [, text] = /```js\n([\s\S]*?)```/.exec(readPage('docs/plugins.md')) ?? [];
    if (text === undefined) throw new Error('docs/plugins.md has no example');
    const gateway = await startShopGateway({ plugins: await load([await write(text)]) });
    try {
      const refused = await gateway.post({ query: 'mutation Rename { rename(id: "1", name: "x") { name } }' });
      expect([refused.status, refused.code, gateway.shop.mutations()]).toEqual([503, 'READ_ONLY_NIGHT', 0]);
      expect((await gateway.post({ query: '{ crate(id: "1") { name } }' })).body).toEqual({ data: { crate: { name: 'crate 1' } } });
    } finally {
      await gateway.stop();
    }
  });
});
