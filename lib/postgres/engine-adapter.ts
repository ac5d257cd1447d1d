/**
 * Prisma's adapter for PostgreSQL, as its schema engine needs it. Three things differ from the adapter as it comes:
 * - A script is sent whole, so the server runs it as one transaction: all of a migration or nothing. (The adapter cuts it at every
 *   semicolon, also in texts and function bodies, and sends the pieces one by one.)
 * - The system type "char", which the engine reads when it describes a database, is let through. (The adapter refuses it.)
 * - The empty database for a comparison is made beside the given one, by the same means.
 */
import { randomBytes } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';

type Adapter = Awaited<ReturnType<PrismaPg['connect']>>;
type Described = { readonly fields?: { dataTypeID: number }[] };

/** The adapter has no case for "char" (OID 18), but the engine a type for it. On the way it passes for uuid, which no catalogue has. */
const charOid = 18;
const uuidOid = 2950;

export type EngineAdapter = { readonly factory: PrismaPg; close(): Promise<void> };

/** The engine holds a lock for as long as its connections are open: close() when it has done its work. */
export function createEngineAdapter({ url, options = '', schema }: { url: string; options?: string; schema?: string }): EngineAdapter {
  const pool = createEnginePool(url, options);
  const factory = new PrismaPg(pool, schema === undefined ? {} : { schema });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => adapt(await connect());
  factory.connectToShadowDb = async () => connectToEmptyDatabase(pool, url);
  return { factory, close: () => pool.end() };
}

function adapt(adapter: Adapter): Adapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    const columnTypes = result.columnTypes.map((type) => (type === ColumnTypeEnum.Uuid ? ColumnTypeEnum.Character : type));
    return { ...result, columnTypes };
  };
  adapter.executeScript = async (script) => {
    await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
  };
  return adapter;
}

async function connectToEmptyDatabase(pool: pg.Pool, baseUrl: string): Promise<Adapter> {
  const name = `ir_compare_${randomBytes(6).toString('hex')}`;
  await pool.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(baseUrl);
  url.pathname = `/${name}`;
  const emptyPool = createEnginePool(url.href, '');
  const adapter = adapt(await new PrismaPg(emptyPool).connect());
  adapter.dispose = async () => {
    await emptyPool.end();
    await pool.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  return adapter;
}

function createEnginePool(url: string, options: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, options, max: 2 });
  pool.on('error', () => undefined);
  const query = pool.query.bind(pool);
  const relabelled = async (...parameters: unknown[]): Promise<Described> => {
    // pg's own result, whatever the form in which it was asked
    const result = (await Reflect.apply(query, pool, parameters)) as Described;
    return relabel(result);
  };
  return Object.assign(pool, { query: relabelled });
}

function relabel(result: Described): Described {
  for (const field of result.fields ?? []) if (field.dataTypeID === charOid) field.dataTypeID = uuidOid;
  return result;
}
