/** F4: what a subgraph may say that is not so, in HTTP, in JSON and in GraphQL. It costs its own fields, and nobody else's, then or later. */
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { toHttp } from './execute/raw-server.ts';
import { both, crates, startBefore, stopAll, whole } from './faulty-mill.ts';
import type { GraphqlBody } from './kit.ts';

type Act = (socket: Socket) => void;
type Running = Awaited<ReturnType<typeof startBefore>>;

/** What `mill` does next. One gateway for all: what one lie leaves behind would be found by the next. */
let act: (socket: Socket, number: number) => void = () => undefined;
let post: Running['post'];
beforeAll(async () => {
  ({ post } = await startBefore((socket, _, number) => act(socket, number), { limits: { retries: 0, breakerFailures: 0 } }));
});
afterAll(stopAll);

const body = '{"data":{"looms":[{"name":"L"}]}}';
const head = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');
const chunked = (text: string) => `${head('transfer-encoding: chunked')}${text}`;
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const poison = toHttp('{"data":{"looms":[{"name":"poison"}]}}').toString();

/** Nobody's prototype has been changed. */
function expectClean(): void {
  expect(['x' in {}, 'x' in [], Object.keys(Object.prototype)]).toEqual([false, false, []]);
}

/** The other subgraph's fields stand; errors, if there must be some, are of the subgraph and not of a fault of ours. */
function expectIsolated({ data, errors = [] }: GraphqlBody, isTold = true): void {
  expect(data?.['crates']).toEqual(crates);
  expect(errors.length > 0).toBe(isTold);
  for (const { extensions } of errors) expect(extensions.code).toMatch(/^(?:SUBGRAPH_\w+|NULL_FOR_NON_NULL)$/);
  expectClean();
}

const say =
  (text: string | Buffer): Act =>
  (socket) =>
    void socket.write(text);
const sayAndEnd =
  (text: string): Act =>
  (socket) =>
    void socket.end(text);

describe('F4 a subgraph that lies in HTTP', () => {
  const lies: readonly (readonly [string, Act])[] = [
    ['a length that is longer than what comes', sayAndEnd(head(`content-length: ${body.length + 1}`) + body)],
    ['a length that is shorter', say(head(`content-length: ${body.length - 1}`) + body)],
    ['a length below zero', say(head('content-length: -1') + body)],
    ['a length with a sign', say(head(`content-length: +${body.length}`) + body)],
    ['a length in hexadecimal', say(head('content-length: 0x21') + body)],
    ['a length of 400 digits', say(head(`content-length: ${'9'.repeat(400)}`) + body)],
    ['two lengths', say(head(`content-length: ${body.length}`, 'content-length: 5') + body)],
    ['a list of lengths', say(head(`content-length: ${body.length}, 5`) + body)],
    ['length and chunks', say(head('content-length: 5', 'transfer-encoding: chunked') + chunk(body) + '0\r\n\r\n')],
    ['another coding of the transfer', say(head('transfer-encoding: gzip, chunked') + chunk(body) + '0\r\n\r\n')],
    ['chunked twice', say(head('transfer-encoding: chunked', 'transfer-encoding: chunked') + chunk(body) + '0\r\n\r\n')],
    ['a chunk that is longer than what comes', sayAndEnd(chunked(`ff\r\n${body}\r\n0\r\n\r\n`))],
    ['a chunk that is shorter', say(chunked(`5\r\n${body}\r\n0\r\n\r\n`))],
    ['a chunk of a size below zero', say(chunked(`-5\r\n${body}\r\n0\r\n\r\n`))],
    ['a chunk of a size that no number holds', say(chunked(`${'f'.repeat(40)}\r\n${body}\r\n0\r\n\r\n`))],
    ['a chunk of no size', say(chunked(`\r\n${body}\r\n0\r\n\r\n`))],
    ['chunks that never end', sayAndEnd(chunked(chunk(body)))],
    ['a size of a chunk that never ends', say(chunked('0'.repeat(70_000)))],
    ['trailers that never end', say(chunked(`${chunk(body)}0\r\n${'x: y\r\n'.repeat(20_000)}`))],
    ['interim answers that never end', say('HTTP/1.1 100 Continue\r\n\r\n'.repeat(20_000))],
    ['a change of the protocol', say('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')],
    ['an answer of HTTP/2', say('\u0000\u0000\u0012\u0004\u0000\u0000\u0000\u0000\u0000')],
    ['an answer of HTTP/0.9', sayAndEnd(body)],
    ['a status that is none', say(`HTTP/1.1 2000 OK\r\ncontent-length: 2\r\n\r\n{}`)],
    ['a header without a colon', say(head('nonsense', `content-length: ${body.length}`) + body)],
    ['a header with a blank before its colon', say(head(`content-length : ${body.length}`) + body)],
    ['a folded header', say(head('x: a', ' b', `content-length: ${body.length}`) + body)],
    ['a head that never ends', say(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`)],
    ['a packed answer', say(toHttp(gzipSync(body), { headers: ['content-encoding: gzip'] }))],
    ['a packed answer that does not say so', say(toHttp(gzipSync(body)))],
    [
      'a redirect that asks to send all again',
      say(toHttp('', { status: '308 Permanent Redirect', headers: ['location: http://127.0.0.1:1/'] })),
    ],
    ['no content', say('HTTP/1.1 204 No Content\r\n\r\n')],
    ['nothing new', say('HTTP/1.1 304 Not Modified\r\n\r\n')],
    ['half a body', sayAndEnd(head(`content-length: ${body.length}`) + body.slice(0, 12))],
    ['half a character', sayAndEnd(head('content-length: 1') + '\u00ff')],
  ];

  it.each(lies)('%s costs its own fields; what is asked next is answered with what was asked', async (_, lie) => {
    act = lie;
    expectIsolated((await post(both)).body);
    act = say(whole);
    for (let count = 0; count < 2; count += 1) expect((await post(both)).body).toEqual({ data: { crates, looms: [{ name: 'L' }] } });
  });

  it.each<[string, Act]>([
    ['after the answer', say(whole.toString() + poison)],
    ['after the last chunk', say(chunked(`${chunk(body)}0\r\n\r\n${poison}`))],
  ])('a second answer %s is given to nobody', async (_, lie) => {
    act = (socket, number) => (number === 1 ? lie(socket) : void socket.write(whole));
    for (let count = 0; count < 4; count += 1) expect((await post(both)).body).toEqual({ data: { crates, looms: [{ name: 'L' }] } });
  });

  it.each<[string, Act]>([
    ['interim answers before it', say(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${whole.toString()}`)],
    ['trailers after it', say(chunked(`${chunk(body)}0\r\n__proto__: x\r\ncontent-length: 5\r\n\r\n`))],
    ['extensions of its chunks', say(chunked(`${body.length.toString(16)};a="b";__proto__=x\r\n${body}\r\n0\r\n\r\n`))],
  ])('an answer with %s is one all the same', async (_, answer) => {
    act = answer;
    for (let count = 0; count < 2; count += 1) expect((await post(both)).body).toEqual({ data: { crates, looms: [{ name: 'L' }] } });
    expectClean();
  });
});

describe('F4 a subgraph that lies in JSON', () => {
  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['two values', `${body}${body}`],
    ['what comes after it', `${body} x`],
    ['a comment', `/* */${body}`],
    ['a comma too much', '{"data":{"looms":[{"name":"L"},]}}'],
    ['keys without quotes', '{data:{looms:null}}'],
    ['NaN', '{"data":{"looms":NaN}}'],
    ['a control character in a text', '{"data":{"looms":[{"name":"\u0001"}]}}'],
    ['an escape that is none', '{"data":{"looms":[{"name":"\\x41"}]}}'],
    ['half an escape', '{"data":{"looms":[{"name":"\\u00"}]}}'],
    ['a number that is none', '{"data":{"looms":01}}'],
    ['a number instead of a list', '{"data":{"looms":1e999}}'],
    ['nesting without end', `{"data":{"looms":${'['.repeat(200_000)}`],
    ['UTF-16', Buffer.from(body, 'utf16le').toString('latin1')],
  ])('%s costs its own fields', async (_, text) => {
    act = say(toHttp(text));
    expectIsolated((await post(both)).body);
  });

  it('names twice in an object are one field, whichever way the answer is joined', async () => {
    act = say(toHttp('{"data":{"looms":[{"name":"A"}],"looms":[{"name":"B","name":"C"}]}}'));
    const { body: answer } = await post(both);
    expect(JSON.stringify(answer.data)).toMatch(/^\{"crates":\[[^\]]*\],"looms":\[\{"name":"[ABC]"\}\]\}$/);
  });
});

describe('F4 a subgraph that lies in GraphQL', () => {
  it.each([
    ['no object', '"data"'],
    ['neither data nor errors', '{}'],
    ['data that is no object', '{"data":[]}'],
    ['data that is null, with nothing said', '{"data":null}'],
    ['a text for a list', '{"data":{"looms":"L"}}'],
    ['an object for a list', '{"data":{"looms":{"0":{"name":"L"},"length":1}}}'],
    ['a list in a list', '{"data":{"looms":[[{"name":"L"}]]}}'],
    ['null where none may be', '{"data":{"looms":[null]}}'],
    ['objects for texts', '{"data":{"looms":[{"name":{"toString":"L"}}]}}'],
    ['errors of all kinds', '{"data":{"looms":null},"errors":[null,1,"no",[],{"message":{}},{"message":"no","path":"looms"}]}'],
    [
      'errors at odd places',
      '{"data":{"looms":null},"errors":[{"message":"no","path":["__proto__","x"]},{"message":"no","path":["looms",-1]},{"message":"no","path":[1e999]}]}',
    ],
    [
      'errors with odd codes',
      '{"data":{"looms":null},"errors":[{"message":"no","path":["looms"],"extensions":{"code":{"x":1}}},{"message":"no","path":["looms"],"extensions":"no"}]}',
    ],
  ])('%s costs its own fields', async (_, text) => {
    act = say(toHttp(text));
    const { body: answer } = await post(both);
    expectIsolated(answer);
    expect(JSON.stringify(answer.data?.['looms'])).toMatch(/^(null|\[\{"name":null\}\])$/);
  });

  it.each([
    ['data without the field', '{"data":{}}'],
    ['objects without their fields', '{"data":{"looms":[{}]}}'],
    ['errors that are no list', '{"data":{"looms":null},"errors":"no"}'],
    ['keys of the prototype for data', '{"data":{"__proto__":{"looms":[{"name":"L"}],"x":1}}}'],
  ])('%s are nulls where those may stand', async (_, text) => {
    act = say(toHttp(text));
    const { body: answer } = await post(both);
    expectIsolated(answer, false);
    expect(JSON.stringify(answer.data?.['looms'])).toMatch(/^(null|\[\{"name":null\}\])$/);
  });

  it.each([
    ['that nobody knows', '"Nobody"'],
    ['of an object that is not meant', '"Crate"'],
    ['of an interface', '"Node"'],
    ['of the prototype', '"__proto__"'],
    ['that is a number', '5'],
    ['that is null', 'null'],
    ['that is an object', '{"toString":"Loom"}'],
  ])('a __typename %s makes no object', async (_, name) => {
    act = say(toHttp(`{"data":{"node":{"__typename":${name},"id":"1","name":"word"}}}`));
    const { body: answer } = await post({ query: '{ crates { name } node { __typename id ... on Loom { name } } }' });
    expect(answer.data).toEqual({ crates, node: null });
    expectIsolated(answer);
  });

  it.each([
    ['none', '[]'],
    ['too few', '[{"__typename":"Crate","wood":"oak","weight":1}]'],
    ['too many', '[{"wood":"oak","weight":1},{"wood":"ash","weight":2},{"wood":"elm","weight":3}]'],
    ['an object', '{"0":{"wood":"oak"},"1":{"wood":"ash"},"length":2}'],
    ['a text', '"ab"'],
    ['null', 'null'],
    ['texts', '["oak","ash"]'],
    ['lists', '[[],[]]'],
  ])('%s in the place of entities loses them, and gives none to another', async (_, entities) => {
    act = say(toHttp(`{"data":{"_entities":${entities}}}`));
    const { body: answer } = await post({ query: '{ crates { name wood } }' });
    expect(answer.data).toEqual({ crates: crates.map((crate) => ({ ...crate, wood: null })) });
    for (const { path, extensions } of answer.errors ?? [])
      expect([path?.[0], path?.[2], extensions.code]).toEqual(['crates', 'wood', 'SUBGRAPH_INVALID_RESPONSE']);
    expect(answer.errors?.length).toBeGreaterThan(0);
    expectClean();
  });

  it('an entity that is null, of another type or without what may not be null loses itself, not its neighbour', async () => {
    let entities = '';
    act = (socket) => void socket.write(toHttp(`{"data":{"_entities":${entities}}}`));
    const ash = '{"__typename":"Crate","wood":"ash","weight":2}';
    for (const odd of ['null', '{"__typename":"Crate","wood":"oak","weight":null}', '{"__typename":"Crate","wood":"oak"}', '[]', '5']) {
      entities = `[${odd},${ash}]`;
      const { body: answer } = await post({ query: '{ crates { name wood weight } }' });
      expect([odd, answer.data?.['crates']]).toEqual([odd, null]);
      const { body: nullable } = await post({ query: '{ crates { name wood } }' });
      expect([odd, nullable.data]).toEqual([
        odd,
        {
          crates: [
            { name: 'one', wood: odd.includes('oak') ? 'oak' : null },
            { name: 'two', wood: 'ash' },
          ],
        },
      ]);
    }
  });
});
