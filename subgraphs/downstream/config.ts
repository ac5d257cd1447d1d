// How downstream runs as a process: its definition, its database and its usual port.
import type { SubgraphProgram } from '../../subgraph-kit/run.ts';
import { openClient, type Tx } from './data/client.ts';
import { downstream } from './downstream.ts';

export const program: SubgraphProgram<Tx> = { definition: downstream, openClient, usualPort: 4003 };
