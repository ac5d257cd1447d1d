/** PostgreSQL: an embedded server or yours, schemas and roles, migrations, connections. */
export { deleteEmbedded, startEmbedded, type Embedded, type EmbeddedOptions } from './embedded.ts';
export { ensureGuest, ensureSchema, toRoleUrl, type SchemaGuest, type SchemaOwner } from './roles.ts';
export { applyMigrations, type MigrateOptions } from './migrate.ts';
export { withRetry } from './retry.ts';
