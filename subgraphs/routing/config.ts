// How routing runs as a process: its definition, its database and its usual port.
import type { SubgraphProgram } from '../../subgraph-kit/run.ts';
import { openClient, type Tx } from './data/client.ts';
import { routing } from './routing.ts';

export const program: SubgraphProgram<Tx> = { definition: routing, openClient, usualPort: 4004 };
