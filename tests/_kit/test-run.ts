/** What the test files of one run share: the server, and a name of the run in every database and role that it makes. */
import pg from 'pg';

export type TestRun = { readonly url: string; readonly runId: string; readonly password: string };

export function toDatabaseName({ runId }: TestRun, name: string): string {
  return `ir_test_${runId}_${name}`;
}

export function toTestRole({ runId }: TestRun, schema: string): string {
  return `ir_test_${runId}_${schema}`;
}

export async function withAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Drops what the run made on a server that goes on running. */
export async function dropTestDatabases(run: TestRun): Promise<void> {
  await withAdmin(run.url, async (client) => {
    const databases = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)', [
      toDatabaseName(run, ''),
    ]);
    for (const { name } of databases.rows) await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    const roles = await client.query<{ name: string }>('SELECT rolname AS name FROM pg_roles WHERE starts_with(rolname, $1)', [
      toTestRole(run, ''),
    ]);
    for (const { name } of roles.rows) await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(name)}`);
  });
}
