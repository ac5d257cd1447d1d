// How upstream runs as a process: its definition, its database and its usual port.
import type { SubgraphProgram } from '../../subgraph-kit/run.ts';
import { openClient, type Tx } from './data/client.ts';
import { upstream } from './upstream.ts';

export const program: SubgraphProgram<Tx> = { definition: upstream, openClient, usualPort: 4001 };
