import { ensureSchema, toRoleUrl } from '../../../lib/postgres/roles.ts';
import { createTestDatabase, type TestDatabase } from '../../_kit/postgres.ts';
import { withAdmin } from '../../_kit/test-run.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe('a schema and its role', () => {
  it('lets the role work in its own schema', async () => {
    const url = await database.urlOf('alpha');
    await withAdmin(url, (client) => client.query('CREATE TABLE things (id int); INSERT INTO things VALUES (1)'));
    const { rows } = await withAdmin(url, (client) => client.query('SELECT id FROM alpha.things'));
    expect(rows).toEqual([{ id: 1 }]);
  });

  it('gives the role no rights on another schema', async () => {
    const [alpha, beta] = [await database.urlOf('alpha'), await database.urlOf('beta')];
    await withAdmin(beta, (client) => client.query('CREATE TABLE secrets (id int)'));
    for (const sql of [
      'SELECT * FROM beta.secrets',
      'CREATE TABLE beta.mine (id int)',
      'CREATE TABLE public.mine (id int)',
      'CREATE SCHEMA mine',
    ]) {
      await expect(withAdmin(alpha, (client) => client.query(sql))).rejects.toThrow(/permission denied/);
    }
  });

  it('can be made by several processes at once, with any password', async () => {
    const owner = { schema: 'gamma', role: `ir_test_gamma_${process.pid}`, password: `a'b"c@d/%e` };
    const urls = await Promise.all(Array.from({ length: 5 }, () => ensureSchema(database.url, owner)));
    const { rows } = await withAdmin(urls[0] ?? '', (client) => client.query('SELECT current_user AS who, current_schema AS schema'));
    expect(rows).toEqual([{ who: owner.role, schema: 'gamma' }]);
    await withAdmin(database.url, (client) => client.query(`DROP OWNED BY ${owner.role}; DROP ROLE ${owner.role}`));
  });

  it('needs no superuser: the right to create roles, and a database of its own, are enough', async () => {
    const [admin, role] = [`ir_test_admin_${process.pid}`, `ir_test_delta_${process.pid}`];
    await withAdmin(database.url, (client) =>
      client.query(`CREATE ROLE ${admin} LOGIN CREATEROLE PASSWORD 'secret'; ALTER DATABASE ${database.name} OWNER TO ${admin}`),
    );
    const adminUrl = toRoleUrl(database.url, admin, 'secret');
    const made: string[] = [];
    for (const password of ['first', 'second']) {
      const url = await ensureSchema(adminUrl, { schema: 'delta', role, password });
      const { rows } = await withAdmin(url, (client) => client.query<{ schema: string }>('SELECT current_schema AS schema'));
      made.push(rows[0]?.schema ?? '');
    }
    expect(made).toEqual(['delta', 'delta']);
    await withAdmin(database.url, (client) =>
      client.query(
        `ALTER DATABASE ${database.name} OWNER TO CURRENT_USER; DROP OWNED BY ${role}, ${admin} CASCADE; DROP ROLE ${role}, ${admin}`,
      ),
    );
  });

  it('refuses a name that is not plain', async () => {
    await expect(ensureSchema(database.url, { schema: 'a"; DROP', role: 'x', password: 'y' })).rejects.toThrow(/plain name/);
  });

  it('says that a server does not answer', async () => {
    const nowhere = 'postgres://nobody:x@127.0.0.1:1/none';
    await expect(ensureSchema(nowhere, { schema: 'a', role: 'b', password: 'c' })).rejects.toMatchObject({ code: 'POSTGRES_UNREACHABLE' });
  });
});
