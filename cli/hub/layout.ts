// What the hub consists of on one machine: its subgraphs, their ports, and where the data folder keeps what.
import { join, resolve } from 'node:path';
import { fromRoot } from '../../lib/paths.ts';

export const subgraphNames = ['upstream', 'midstream', 'downstream', 'routing'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

/** Ports that are taken by default when they are free. */
export const usualPorts: Readonly<Record<SubgraphName, number>> = { upstream: 4001, midstream: 4002, downstream: 4003, routing: 4004 };
export const usualGatewayPort = 4000;

/** Every schema of the database with the role that owns it. */
export const schemaOwners: readonly { schema: string; role: string }[] = [...subgraphNames, 'feed'].map((schema) => ({
  schema,
  role: `ir_${schema}`,
}));

/** Gateways read the feed and append to it, and have no schema of their own. */
export const feedGuest = { schema: 'feed', owner: 'ir_feed', role: 'ir_gateway' } as const;

/** Every secret text in the data folder: a role's password, and the key under which marks of buyers are hashed. */
export const secretNames: readonly string[] = [...schemaOwners.map((owner) => owner.role), feedGuest.role, 'pseudonym'];

export type DataFolder = {
  readonly path: string;
  readonly keys: string;
  readonly postgres: string;
  /** Written while the hub runs; mode 0600. */
  readonly stateFile: string;
  readonly passwordFile: (role: string) => string;
};

/** Paths in the data folder; a relative one is taken from the project's root. */
export function toDataFolder(path: string): DataFolder {
  const absolute = resolve(fromRoot(), path);
  const keys = join(absolute, 'keys');
  return {
    path: absolute,
    keys,
    postgres: join(absolute, 'postgres'),
    stateFile: join(absolute, 'hub.json'),
    passwordFile: (role) => join(keys, `${role}.password`),
  };
}
