/** Whether the gateway still answers what is right as it must, at its doors. Exports `checkHealth`. */
import { createHash } from 'node:crypto';
import type { TestedGateway } from './gateway.ts';
import { readResponses, send } from './send.ts';
import { toBytes, toDraft, type Door } from './request.ts';

const query = '{ mill(id: "22") { name tax owner { name } } }';
const data = '{"mill":{"name":"mill 22","tax":7,"owner":{"name":"name of owner-22"}}}';
const whole = `{"data":${data}}`;
const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };

const cases: readonly (readonly [Door, unknown, (body: string) => boolean])[] = [
  ['POST json', { query }, (body) => body === whole],
  ['GET json', { query }, (body) => body === whole],
  ['POST events', { query }, (body) => body === `event: next\ndata: ${whole}\n\nevent: complete\ndata:\n\n`],
  ['GET events', { query }, (body) => body === `event: next\ndata: ${whole}\n\nevent: complete\ndata:\n\n`],
  ['POST array', [{ query }, { query: '{ __typename }' }], (body) => body === `[${whole},{"data":{"__typename":"Query"}}]`],
  ['POST persisted', { query, extensions }, (body) => body === whole],
  ['GET persisted', { extensions }, (body) => body === whole],
  [
    'POST multipart',
    { query: '{ mill(id: "22") { name ... @defer { tax owner { name } } } }' },
    (body) =>
      body.includes('{"mill":{"name":"mill 22"}}') &&
      body.includes('"tax":7,"owner":{"name":"name of owner-22"}') &&
      body.endsWith('\r\n-----\r\n'),
  ],
];

export async function checkHealth({ port, token }: TestedGateway, fail: (line: string) => void): Promise<void> {
  for (const [door, params, isRight] of cases) {
    const { bytes } = await send(port, [toBytes(toDraft(door, params, token))], true);
    const [response] = readResponses(bytes, false) ?? [];
    const body = response?.body.toString('utf8') ?? '';
    if (response?.status !== 200 || !isRight(body))
      fail(`${door}: a right query is answered ${response?.status ?? 'not at all'} ${body.slice(0, 600)}`);
  }
}
