/** A gateway before two subgraphs over loopback: `shop` always works, `mill` does what the test says. For tests of faults. */
import { buildSchema, graphql } from 'graphql';
import { composeSupergraph } from '../../engine/compose/index.ts';
import type { GatewayOptions } from '../../gateway/gateway.ts';
import type { Limits } from '../../gateway/pipeline/limits.ts';
import { startRawServer, toHttp, type RawServer, type Reply } from './execute/raw-server.ts';
import { startShopGateway } from './kit.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';
const shopSdl = `${link} type Query { crates: [Crate!] } type Crate @key(fields: "id") { id: ID! name: String }`;
const millSdl = `${link} scalar JSON type Query { looms(first: Int): [Loom!] blob: JSON node: Node } type Mutation { weave(id: Int): Int }
  interface Node { id: ID! } type Loom implements Node { id: ID! name: String } type Bale implements Node { id: ID! } type Crate @key(fields: "id") { id: ID! weight: Int! wood: String }`;

const shopSchema = buildSchema('type Query { crates: [Crate!] } type Crate { id: ID! name: String }');
const shopRows = [
  { id: '1', name: 'one' },
  { id: '2', name: 'two' },
];

type Running = Awaited<ReturnType<typeof startShopGateway>>;
const stops: (() => Promise<void>)[] = [];

/** After each test. */
export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).toReversed()) await stop();
}

type Options = Partial<Omit<GatewayOptions, 'limits'>> & { limits?: Partial<Limits> };

export async function startBefore(mill: Reply, options: Options = {}): Promise<Running & { mill: RawServer }> {
  const shopServer = await startRawServer((socket, request) => {
    const { query } = JSON.parse(request.split('\r\n\r\n')[1] ?? '') as { query: string }; // the gateway's own
    void graphql({ schema: shopSchema, source: query, rootValue: { crates: shopRows } }).then((result) =>
      socket.write(toHttp(JSON.stringify(result))),
    );
  });
  const millServer = await startRawServer(mill);
  const composed = composeSupergraph([
    { name: 'shop', url: shopServer.url, sdl: shopSdl },
    { name: 'mill', url: millServer.url, sdl: millSdl },
  ]);
  if (composed.kind === 'failed') throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  const gateway = await startShopGateway({ overHttp: true, source: { kind: 'sdl', sdl: composed.supergraphSdl }, ...options });
  stops.push(
    () => shopServer.stop(),
    () => millServer.stop(),
    () => gateway.stop(),
  );
  return { ...gateway, mill: millServer };
}

export const both = { query: '{ crates { name } looms { name } }' };
/** What `shop` gives of `both`, whatever becomes of `mill`. */
export const crates = [{ name: 'one' }, { name: 'two' }];
/** What `mill` gives of it when it works. */
export const whole = toHttp('{"data":{"looms":[{"name":"L"}]}}');
