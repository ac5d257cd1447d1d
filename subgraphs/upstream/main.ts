// Runs upstream as a process of its own.
import { runMain } from '../../lib/lifecycle/index.ts';
import { buildSubgraph } from '../../subgraph-kit/run.ts';
import { program } from './config.ts';

await runMain(() => buildSubgraph(program));
