/**
 * One schema and one role for each service: the role owns its schema and has no rights on any other. A guest is a role without a schema
 * of its own that reads the tables of one and calls its functions.
 */
import pg from 'pg';
import { createError, toErrorCode, toMessage } from '../errors/errors.ts';
import { toSettingName } from './pool.ts';

export type SchemaOwner = { readonly schema: string; readonly role: string; readonly password: string };
/** `owner`: the role that owns the schema. */
export type SchemaGuest = SchemaOwner & { readonly owner: string };

/** Any number, the same in all processes: who makes schemas or roles waits for the others. */
const lockKey = 4_701_001;

const maxAttempts = 5;

/** Makes the schema and the role, or brings them to this state. Returns the URL with which the role connects. */
export function ensureSchema(adminUrl: string, owner: SchemaOwner): Promise<string> {
  return ensure(
    adminUrl,
    owner,
    ({ schemaName, roleName }) => `
    CREATE SCHEMA IF NOT EXISTS ${schemaName} AUTHORIZATION ${roleName};
    REVOKE ALL ON SCHEMA ${schemaName} FROM PUBLIC;
  `,
  );
}

/**
 * Makes the role, or brings it to this state, for a schema that exists. It may read every table of the schema, also those that the owner
 * makes later, and call its functions; nothing else. Returns the URL with which it connects.
 */
export function ensureGuest(adminUrl: string, { owner, ...guest }: SchemaGuest): Promise<string> {
  const ownerName = pg.escapeIdentifier(toSettingName(owner));
  return ensure(
    adminUrl,
    guest,
    ({ schemaName, roleName }) => `
    GRANT USAGE ON SCHEMA ${schemaName} TO ${roleName};
    GRANT SELECT ON ALL TABLES IN SCHEMA ${schemaName} TO ${roleName};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${ownerName} IN SCHEMA ${schemaName} GRANT SELECT ON TABLES TO ${roleName};
  `,
  );
}

/** Names as they stand in SQL. */
type Names = { readonly schemaName: string; readonly roleName: string };
type ToRights = (names: Names) => string;

async function ensure(adminUrl: string, role: SchemaOwner, toRights: ToRights): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryEnsure(adminUrl, role, toRights);
    } catch (error) {
      // Roles belong to the whole server, the lock to one database: another database of it may just be changing the same role
      if (attempt >= maxAttempts || !/concurrently updated|duplicate key/.test(toMessage(error))) throw error;
    }
  }
}

async function tryEnsure(adminUrl: string, { schema, role, password }: SchemaOwner, toRights: ToRights): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  const [schemaName, roleName] = [pg.escapeIdentifier(toSettingName(schema)), pg.escapeIdentifier(toSettingName(role))];
  try {
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
    await ensureRole(client, role, password);
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
    const databaseName = pg.escapeIdentifier(rows[0]?.name ?? '');
    await client.query(`
      ${toRights({ schemaName, roleName })}
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      GRANT CONNECT ON DATABASE ${databaseName} TO ${roleName};
      ALTER ROLE ${roleName} IN DATABASE ${databaseName} SET search_path = ${schemaName};
    `);
    await client.query('COMMIT');
    return toRoleUrl(adminUrl, role, password);
  } catch (cause) {
    const advice = toErrorCode(cause) === '42501' ? ` The user of DATABASE_URL must be allowed to create roles and schemas.` : '';
    throw createError('POSTGRES_UNREACHABLE', `Role ${role} of schema ${schema} could not be made: ${toMessage(cause)}.${advice}`, {
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The same server and database, as another role. */
export function toRoleUrl(url: string, role: string, password: string): string {
  const result = new URL(url);
  result.username = encodeURIComponent(role);
  result.password = encodeURIComponent(password);
  return result.href;
}

async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  const roleName = pg.escapeIdentifier(role);
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${roleName} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  const { rows } = await client.query<{ member: boolean }>(`SELECT pg_has_role(current_user, $1, 'USAGE') AS member`, [role]);
  // Whoever is not a superuser may give a schema only to a role that it belongs to
  if (rows[0]?.member !== true) await client.query(`GRANT ${roleName} TO CURRENT_USER`);
}
