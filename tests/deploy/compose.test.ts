/** Everything that Dockerfile and docker-compose.yml name exists, and is read by the program it is meant for. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { variables } from '../../lib/config/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { ownImage, readCompose, readDockerfile, readText, toWords } from './read-deployment.ts';

const { services, volumes } = readCompose();
const dockerfile = readDockerfile();
const own = Object.entries(services).filter(([, { image }]) => image === ownImage);
const ownEnv = Object.fromEntries(
  dockerfile.filter(({ word }) => word === 'ENV').flatMap(({ args }) => args.split(' ').map((pair) => pair.split('=') as [string, string])),
);

/** `dist/cli/keys.js` is built from `cli/keys.ts`; other files stand as they are. */
const toSource = (file: string): string => file.replace(/^dist\/(.*)\.js$/, '$1.ts');

/** The file of each program that names the variables it reads. */
const readers: readonly (readonly [program: RegExp, file: string])[] = [
  [/^dist\/cli\/keys\.js$/, 'cli/keys.ts'],
  [/^dist\/cli\/migrate\.js$/, 'cli/migrate.ts'],
  [/^dist\/subgraphs\/\w+\/main\.js$/, 'subgraph-kit/run.ts'],
  [/^dist\/gateway\/main\.js$/, 'gateway/config.ts'],
];

describe('the Dockerfile', () => {
  it('copies only what is in the tree, and nothing that .dockerignore leaves out', () => {
    const ignored = readText('.dockerignore').split('\n').filter(Boolean);
    const copied = dockerfile
      .filter(({ word, args }) => word === 'COPY' && !args.startsWith('--from'))
      .flatMap(({ args }) => args.split(' ').slice(0, -1));
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) {
      expect({ path, exists: existsSync(fromRoot(path)) }).toEqual({ path, exists: true });
      expect(ignored).not.toContain(path.replace(/^\.\//, ''));
    }
  });

  it('takes from the build stage only what the build leaves there', () => {
    const kept = dockerfile.filter(({ word, args }) => word === 'COPY' && args.startsWith('--from=build'));
    expect(kept.length).toBeGreaterThan(3);
    for (const { args } of kept) {
      const [, from = ''] = args.split(' ');
      const path = from.replace('/app/', '');
      expect({ path, exists: existsSync(fromRoot(path)) }).toEqual({ path, exists: true });
    }
  });

  it('copies every folder that the build compiles', () => {
    const build = readText('scripts/build.mjs').match(/sourceFolders = \[([^\]]*)\]/)?.[1] ?? '';
    const folders = [...build.matchAll(/'([^']+)'/g)].map(([, name]) => name);
    expect(folders.length).toBeGreaterThan(5);
    const copied = dockerfile.filter(({ word }) => word === 'COPY').map(({ args }) => args.split(' ')[0]);
    for (const folder of folders) expect(copied).toContain(folder);
  });

  it('runs and checks programs that exist, as a user that is not root', () => {
    const commands = dockerfile.filter(({ word }) => word === 'CMD' || word === 'HEALTHCHECK').map(({ args }) => toWords(args));
    expect(commands).toHaveLength(2);
    for (const [program, file = ''] of commands) {
      expect(program).toBe('node');
      expect({ file, exists: existsSync(fromRoot(toSource(file))) }).toEqual({ file, exists: true });
    }
    const last = Math.max(...dockerfile.map(({ stage }) => stage));
    expect(dockerfile.filter(({ word, stage }) => word === 'USER' && stage === last).map(({ args }) => args)).toEqual(['node']);
  });

  it('starts from images with a named version, and sets only variables that the hub knows', () => {
    for (const { args } of dockerfile.filter(({ word }) => word === 'FROM')) expect(args).toMatch(/^node:20-[a-z-]+( AS \w+)?$/);
    for (const name of Object.keys(ownEnv)) expect(Object.keys(variables)).toContain(name);
    expect(ownEnv).toMatchObject({ NODE_ENV: 'production', HUB_DATA: '/data' });
  });

  it('runs npm scripts that exist', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const asked = dockerfile
      .filter(({ word }) => word === 'RUN')
      .flatMap(({ args }) => [...args.matchAll(/npm run (\S+)/g)].map(([, name]) => name));
    expect(asked).not.toHaveLength(0);
    for (const name of asked) expect(Object.keys(scripts)).toContain(name);
  });
});

describe('docker-compose.yml', () => {
  it('has PostgreSQL, NATS, every subgraph of the schema and two gateways', () => {
    const subgraphs = readdirSync(fromRoot('subgraphs')).filter((name) => existsSync(fromRoot('subgraphs', name, 'main.ts')));
    expect(subgraphs).toHaveLength(4);
    const gateways = own.filter(([, { command }]) => command?.includes('dist/gateway/main.js'));
    expect(gateways).toHaveLength(2);
    expect(Object.keys(services).sort()).toEqual(
      ['keys', 'migrate', 'nats', 'postgres', ...subgraphs, ...gateways.map(([name]) => name)].sort(),
    );
  });

  it.each(own)('runs in %s a program that is in the tree', (_name, { command = [] }) => {
    expect(command).toHaveLength(2);
    const [program, file = ''] = command;
    expect(program).toBe('node');
    expect({ file, exists: existsSync(fromRoot(toSource(file))) }).toEqual({ file, exists: true });
  });

  it.each(own)('sets in %s only variables that the hub knows and that its program reads', (_name, { command = [], environment }) => {
    const reader = readers.find(([program]) => program.test(command[1] ?? ''))?.[1] ?? '';
    const text = readText(reader);
    for (const name of Object.keys(environment)) {
      expect(Object.keys(variables)).toContain(name);
      expect({ name, reader, isRead: text.includes(`'${name}'`) }).toEqual({ name, reader, isRead: true });
    }
  });

  it.each(own)('gives %s values that the hub accepts', (_name, { environment }) => {
    for (const [name, given] of Object.entries(environment)) {
      const value = given.replace(/^\$\{\w+:-(.*)\}$/, '$1');
      // An empty value is none
      if (value === '') continue;
      const entry = Object.entries(variables).find(([known]) => known === name)?.[1];
      expect({ name, ok: entry?.type.safeParse(value).success }).toEqual({ name, ok: true });
    }
  });

  it('leads every subgraph URL to a service that listens on that port', () => {
    const urls = own.flatMap(([, { environment }]) => (environment['HUB_SUBGRAPH_URLS'] ?? '').split(',').filter(Boolean));
    expect(urls).toHaveLength(8);
    for (const pair of urls) {
      const [name = '', address = ''] = pair.split('=');
      const url = new URL(address);
      expect(url.hostname).toBe(name);
      expect(services[name]?.environment['PORT']).toBe(url.port);
      expect(services[name]?.command).toEqual(['node', `dist/subgraphs/${name}/main.js`]);
    }
  });

  it('publishes ports that the services listen on, to this machine only', () => {
    const published = own.flatMap(([, service]) => service.ports.map((port) => ({ port, listens: service.environment['PORT'] })));
    expect(published).toHaveLength(2);
    for (const { port, listens } of published) {
      const [host, , inside] = port.split(':');
      expect(host).toBe('127.0.0.1');
      expect(inside).toBe(listens);
    }
    expect(new Set(published.map(({ port }) => port.split(':')[1])).size).toBe(2);
    for (const { args } of dockerfile.filter(({ word }) => word === 'EXPOSE'))
      expect(own.map(([, { environment }]) => environment['PORT'])).toContain(args);
  });

  it('leads every database URL to the PostgreSQL of the file, without a password in it', () => {
    const urls = own.flatMap(([, { environment }]) =>
      [environment['DATABASE_URL'], environment['FEED_URL']].flatMap((url) => (url === undefined ? [] : [new URL(url)])),
    );
    expect(urls).toHaveLength(7);
    for (const { hostname, pathname, password, port } of urls) {
      expect(services[hostname]?.image).toMatch(/^postgres:15/);
      expect(pathname).toBe(`/${services[hostname]?.environment['POSTGRES_DB']}`);
      expect({ password, port }).toEqual({ password: '', port: '5432' });
    }
  });

  it('holds no secret: each password is a file that the hub makes', () => {
    for (const [name, { environment }] of Object.entries(services)) {
      const secrets = Object.keys(environment).filter((variable) => /PASSWORD|SECRET|TOKEN|KEY/.test(variable));
      for (const variable of secrets) expect({ name, variable }).toEqual({ name, variable: expect.stringMatching(/_FILE$/) });
    }
    const made = services['postgres']?.environment['POSTGRES_PASSWORD_FILE'];
    expect(services['migrate']?.environment['HUB_DATABASE_PASSWORD_FILE']).toBe(made);
    expect(made).toBe(`${ownEnv['HUB_DATA']}/keys/postgres.password`);
  });

  it('waits only for services that exist and can reach the state that is waited for', () => {
    for (const [name, { depends_on: waits }] of Object.entries(services)) {
      for (const [other, { condition }] of Object.entries(waits)) {
        const service = services[other];
        const canReach = {
          service_started: service !== undefined,
          service_healthy: service?.image === ownImage || service?.healthcheck?.test !== undefined,
          service_completed_successfully: service?.restart === 'no',
        };
        expect({ name, other, canReach: canReach[condition] }).toEqual({ name, other, canReach: true });
      }
    }
  });

  it('checks the health of every service that stays, and mounts only volumes that it declares', () => {
    const staying = Object.values(services).filter(({ restart }) => restart !== 'no');
    expect(staying).toHaveLength(8);
    for (const { healthcheck } of staying) expect(healthcheck?.disable).not.toBe(true);
    // Our image has its own check
    for (const { healthcheck } of staying.filter(({ image }) => image !== ownImage)) expect(healthcheck?.test?.[0]).toBe('CMD');
    for (const { volumes: mounts } of Object.values(services)) {
      for (const mount of mounts) expect(Object.keys(volumes)).toContain(mount.split(':')[0]);
    }
  });

  it('is accepted by docker-compose, where there is one', () => {
    const { error, status, stderr } = spawnSync('docker-compose', ['config', '-q'], { cwd: fromRoot(), encoding: 'utf8' });
    // Without docker-compose the tests above are all that can be said.
    const outcome = error === undefined ? { status, stderr } : { missing: 'code' in error && error.code === 'ENOENT' };
    expect([{ status: 0, stderr: '' }, { missing: true }]).toContainEqual(outcome);
  });
});
