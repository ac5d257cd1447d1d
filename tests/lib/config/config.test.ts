import { readConfig, requireValue, variables, withVariables } from '../../../lib/config/index.ts';
import { projectRoot } from '../../../lib/paths.ts';

describe('the configuration', () => {
  it('has a value for each variable with a default, and none for the others', () => {
    const config = readConfig(
      ['HUB_HOST', 'HUB_LIMIT_TOKENS', 'HUB_TIME_ZONE', 'HUB_CURRENCY', 'HUB_CLOCK', 'PORT', 'DATABASE_URL', 'HUB_DATA'],
      {},
    );
    expect(config).toEqual({
      HUB_HOST: '127.0.0.1',
      HUB_LIMIT_TOKENS: 10_000,
      HUB_TIME_ZONE: 'Asia/Shanghai',
      HUB_CURRENCY: 'CNY',
      HUB_CLOCK: { kind: 'real' },
      PORT: undefined,
      DATABASE_URL: undefined,
      HUB_DATA: `${projectRoot}/.hub`,
    });
  });

  it('can read the default of every variable', () => {
    const broken = Object.entries(variables).filter(([, entry]) => 'byDefault' in entry && !entry.type.safeParse(entry.byDefault).success);
    expect(broken).toEqual([]);
  });

  it('reads each kind of value', () => {
    const env = {
      PORT: ' 4000 ',
      HUB_CLOCK: 'demo:2026-03-01T08:00:00+08:00:60:1764000000000',
      HUB_SUBGRAPH_URLS: 'a=http://h:1/graphql?x=y, b=http://h:2/',
      HUB_CURSOR_KEYS: 'one,two',
      HUB_DATA: '/somewhere/else',
      HUB_HOST: '',
    };
    expect(readConfig(['PORT', 'HUB_CLOCK', 'HUB_SUBGRAPH_URLS', 'HUB_CURSOR_KEYS', 'HUB_DATA', 'HUB_HOST'], env)).toEqual({
      PORT: 4000,
      HUB_CLOCK: { kind: 'demo', startAt: new Date('2026-03-01T00:00:00Z'), speed: 60, anchorAt: new Date(1_764_000_000_000) },
      HUB_SUBGRAPH_URLS: { a: 'http://h:1/graphql?x=y', b: 'http://h:2/' },
      HUB_CURSOR_KEYS: ['one', 'two'],
      HUB_DATA: '/somewhere/else',
      HUB_HOST: '127.0.0.1',
    });
  });

  it.each([
    ['PORT', '70000', /whole number from 0 to 65535/],
    ['PORT', '4e3', /whole number/],
    ['NODE_ENV', 'prod', /one of development, production, test/],
    ['HUB_CLOCK', 'demo:yesterday:2', /demo:START:SPEED/],
    ['HUB_CLOCK', 'demo:2026-02-31T99:00:00Z:2', /demo:START:SPEED/],
    ['HUB_TIME_ZONE', 'China', /IANA time zone/],
    ['HUB_CURRENCY', 'yuan', /ISO 4217/],
    ['HUB_SUBGRAPH_URLS', 'http://h', /name=url/],
    ['HUB_LIMIT_TOKENS', '0', /whole number from 10/],
  ] as const)('refuses %s=%s with one line that says what to do', (name, value, reason) => {
    const read = () => readConfig([name], { [name]: value });
    expect(read).toThrow(reason);
    expect(read).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID_VALUE',
        message: expect.stringMatching(new RegExp(`^${name} has "[^\n]*docs/config.md.$`)),
      }),
    );
  });

  it('never shows a wrong secret', () => {
    const read = () => readConfig(['DATABASE_URL'], { DATABASE_URL: 'mysql://root:hunter2@db/x' });
    expect(read).toThrow(/postgres:\/\//);
    expect(read).not.toThrow(/hunter2/);
  });

  it.each([
    ['HUB_LIMIT_TOKEN', /Did you mean HUB_LIMIT_TOKENS\?/],
    ['HUB_DATTA', /Did you mean HUB_DATA\?/],
    ['HUB_QQQQQQQQ', /is not a variable of the hub. Remove it/],
  ])('refuses %s, which it does not know', (name, reason) => {
    const read = () => readConfig([], { [name]: '1' });
    expect(read).toThrow(reason);
    expect(read).toThrow(expect.objectContaining({ code: 'CONFIG_UNKNOWN_VARIABLE' }));
  });

  it('says that a variable must be set', () => {
    expect(() => requireValue('FEED_URL', undefined)).toThrow(
      expect.objectContaining({ code: 'CONFIG_MISSING_VALUE', message: expect.stringContaining('FEED_URL is not set') }),
    );
    expect(requireValue('FEED_URL', 'x')).toBe('x');
  });

  it('hands values to child processes', () => {
    expect(withVariables({ PORT: '1' }, { PORT: '2', HOME: '/h', EMPTY: undefined })).toEqual({ PORT: '1', HOME: '/h' });
  });
});
