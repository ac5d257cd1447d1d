/** The gateways of the bench: ours and those of npm, each started as its documentation says, in production mode. Exports `contestants`, `ours`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../../lib/paths.ts';
import { SDL, SUBGRAPHS } from './graph.ts';

export type Setting = {
  readonly supergraphFile: string;
  readonly standInPort: number;
  readonly port: number;
  /** An empty folder of its own. */
  readonly folder: string;
};

export type Contestant = {
  readonly name: string;
  readonly version: string;
  /** Shares whole identical requests. */
  readonly sharesRequests: boolean;
  command(setting: Setting): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>>; readonly cwd: string };
};

const peers = fromRoot('bench', 'peers');
const inPeers = (...path: readonly string[]): string => join(peers, 'node_modules', ...path);
const production = { NODE_ENV: 'production' };

function versionOf(file: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }; // a package.json
  return version;
}

const peerVersion = (name: string): string => versionOf(inPeers(name, 'package.json'));

/** Our own; `env` on top of what all runs have. */
export function ours(name: string, env: Readonly<Record<string, string>>): Contestant {
  return {
    name,
    version: versionOf(fromRoot('package.json')),
    sharesRequests: env['HUB_SHARE_REQUESTS'] !== undefined,
    command: ({ supergraphFile, port, folder }) => ({
      args: [process.execPath, '--max-semi-space-size=64', fromRoot('dist', 'gateway', 'main.js')],
      // No identity: the stand-ins take anybody. All load comes from one address: its rate is not what is measured.
      env: { ...production, SUPERGRAPH_FILE: supergraphFile, PORT: String(port), HUB_AUTH: 'none', HUB_DATA: folder, ...env },
      cwd: fromRoot(),
    }),
  };
}

function hive(name: string, args: readonly string[], config = ''): Contestant {
  return {
    name,
    version: `${peerVersion('@graphql-hive/gateway')}${args.length > 0 ? `, router-runtime ${peerVersion('@graphql-hive/router-runtime')}` : ''}`,
    sharesRequests: config !== '',
    command: ({ supergraphFile, port, folder }) => {
      const file = join(folder, 'gateway.config.mjs');
      writeFileSync(file, `export const gatewayConfig = { ${config} };\n`);
      return {
        args: [
          process.execPath,
          inPeers('@graphql-hive/gateway', 'dist', 'bin.js'),
          'supergraph',
          supergraphFile,
          '-p',
          String(port),
          '-h',
          '127.0.0.1',
          '-c',
          file,
          ...args,
        ],
        env: production,
        cwd: peers,
      };
    },
  };
}

const apollo = (): Contestant => ({
  name: 'Apollo Gateway',
  version: peerVersion('@apollo/gateway'),
  sharesRequests: false,
  command: ({ supergraphFile, port }) => ({
    args: [process.execPath, join(peers, 'apollo.mjs'), supergraphFile, String(port)],
    env: production,
    cwd: peers,
  }),
});

const mercurius = (): Contestant => ({
  name: 'Mercurius gateway',
  version: peerVersion('@mercuriusjs/gateway'),
  sharesRequests: false,
  command: ({ standInPort, port }) => ({
    args: [process.execPath, join(peers, 'mercurius.mjs'), String(standInPort), String(port)],
    env: production,
    cwd: peers,
  }),
});

const grafbase = (): Contestant => ({
  name: 'Grafbase',
  version: peerVersion('@grafbase/cli-x86_64-unknown-linux-musl'),
  sharesRequests: false,
  command: ({ standInPort, port, folder }) => {
    mkdirSync(folder, { recursive: true });
    const parts = SUBGRAPHS.map((name) => {
      writeFileSync(join(folder, `${name}.graphql`), SDL[name]);
      return `[subgraphs.${name}]\nurl = "http://127.0.0.1:${standInPort}/${name}"\nschema_path = "${name}.graphql"\n`;
    });
    writeFileSync(join(folder, 'grafbase.toml'), `[graph]\nintrospection = false\n${parts.join('')}`);
    const program = inPeers('@grafbase', 'cli-x86_64-unknown-linux-musl', 'grafbase');
    return { args: [program, '--home', folder, 'dev', '-c', 'grafbase.toml', '-p', String(port)], env: {}, cwd: folder };
  },
});

/** Ours first; ratios are of the first against each. */
export function contestants(): Contestant[] {
  return [
    ours('industry router', {}),
    ours('industry router, whole requests shared', { HUB_SHARE_REQUESTS: 'on' }),
    grafbase(),
    hive('Hive Gateway, Rust planner', ['--hive-router-runtime']),
    hive('Hive Gateway, Rust planner, whole requests shared', ['--hive-router-runtime'], 'inboundInflightRequestDeduplication: true'),
    hive('Hive Gateway, JS planner', []),
    apollo(),
    mercurius(),
  ];
}
