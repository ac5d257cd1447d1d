/** PostgreSQL: an embedded server or yours, schemas and roles, migrations, connections. */
export { deleteEmbedded, startEmbedded, type Embedded, type EmbeddedOptions } from './embedded.ts';
export { createPool, type PoolOptions } from './pool.ts';
export { ensureSchema, toRoleUrl, type SchemaOwner } from './roles.ts';
export { applyMigrations, type MigrateOptions } from './migrate.ts';
export { isPassing, withRetry } from './retry.ts';
