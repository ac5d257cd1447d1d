import { createLog, silentLog, type LogFormat } from '../../../lib/log/log.ts';

function capture(format: LogFormat = 'json', level: 'debug' | 'info' = 'debug') {
  const lines: string[] = [];
  return { lines, log: createLog({ service: 'gateway', level, format, stream: { write: (line) => lines.push(line) } }) };
}

describe('logs', () => {
  it('are one JSON object a line, with the service and the fields of their children', () => {
    const { log, lines } = capture();
    log.child({ requestId: 'r-1' }).child({ graph: 'a' }).info({ ms: 3 }, 'fetched');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      service: 'gateway',
      requestId: 'r-1',
      graph: 'a',
      ms: 3,
      msg: 'fetched',
      level: 30,
    });
  });

  it('leave out what is below their level', () => {
    const { log, lines } = capture('json', 'info');
    log.debug('no');
    log.info('yes');
    expect(lines).toHaveLength(1);
    expect(() => silentLog.child({}).error('nothing')).not.toThrow();
  });

  it('tell an error with its code and causes, and a stack of bounded length', () => {
    const { log, lines } = capture();
    log.error({ err: Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 'E_X' }) }, 'failed');
    const { err } = JSON.parse(lines[0] ?? '');
    expect(err).toMatchObject({ name: 'Error', message: 'outer', code: 'E_X', cause: { name: 'TypeError', message: 'inner' } });
    expect(err.stack.split('\n').length).toBeLessThanOrEqual(12);
  });

  it('are short lines for a terminal', () => {
    const { log, lines } = capture('lines');
    log.warn({ port: 4001, err: new Error('taken') }, 'took the next port');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d ! gateway {5}took the next port {2}port=4001 {2}\(taken\)\n$/);
  });

  const canary = 'CANARY-5f1d';
  const token = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJDQU5BUlktNWYxZCJ9.CANARY-5f1d-signature';
  const secrets: [string, object | string][] = [
    ['a token in a field', { token }],
    ['a header', { headers: { Authorization: `Bearer ${canary}-token` } }],
    ['the principal header', { headers: { 'ir-principal': canary } }],
    ['a cookie', { request: { cookie: canary } }],
    ['variables', { variables: { email: canary } }],
    ['variables deep inside', { a: [{ b: { variables: [canary] } }] }],
    ['a password', { password: canary, clientSecret: canary, cursor_key: canary }],
    ['a private key', { jwk: { kty: 'OKP', d: canary } }],
    ['an error with variables', { err: Object.assign(new Error('failed'), { variables: { a: canary } }) }],
    ['a token in an error', { err: new Error(`refused ${token}`) }],
    ['a token in the cause of an error', { err: new Error('x', { cause: new Error(`Bearer ${canary}-in-cause`) }) }],
    ['a database URL in an error', { err: new Error(`connect postgres://ir_a:${canary}@127.0.0.1:5432/hub failed`) }],
    ['a token in the message', `got Bearer ${canary}-message`],
    ['a token in a path', { path: `/x?token=${token}` }],
    ['the query string of a request', { req: { method: 'GET', url: `/graphql?variables=${canary}` } }],
    ['a map', { map: new Map([['x', { variables: canary }]]) }],
    [
      'an instance of a class',
      {
        connection: new (class Connection {
          readonly secretText = canary;
        })(),
      },
    ],
  ];

  it.each((['json', 'lines'] as const).flatMap((format) => secrets.map(([name, entry]) => [format, name, entry] as const)))(
    'in %s never show %s',
    (format, _name, entry) => {
      const { log, lines } = capture(format);
      if (typeof entry === 'string') log.info(entry);
      else {
        log.error(entry, 'entry');
        log.child({ ...entry }).info('child');
      }
      expect(lines.join('').length).toBeGreaterThan(20);
      expect(lines.join('')).not.toContain('CANARY');
      expect(lines.join('')).not.toContain(token.slice(0, 20));
    },
  );

  it('do show what is no secret', () => {
    const { log, lines } = capture();
    log.info({ operation: 'ReadThings', ms: 12, path: ['a', 0] }, canary);
    expect(lines[0]).toContain(canary);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ operation: 'ReadThings', ms: 12, path: ['a', 0] });
  });
});
