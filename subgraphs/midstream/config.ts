// How midstream runs as a process: its definition, its database and its usual port.
import type { SubgraphProgram } from '../../subgraph-kit/run.ts';
import { openClient, type Tx } from './data/client.ts';
import { midstream } from './midstream.ts';

export const program: SubgraphProgram<Tx> = { definition: midstream, openClient, usualPort: 4002 };
