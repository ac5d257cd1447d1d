// All subgraphs in one process: less memory, one heap. Arguments: name=port, for example upstream=4001.
import { createError } from '../lib/errors/errors.ts';
import { runMain, type Service } from '../lib/lifecycle/index.ts';
import { buildSubgraph } from '../subgraph-kit/run.ts';
import { program as downstream } from '../subgraphs/downstream/config.ts';
import { program as midstream } from '../subgraphs/midstream/config.ts';
import { program as routing } from '../subgraphs/routing/config.ts';
import { program as upstream } from '../subgraphs/upstream/config.ts';

const builders: Readonly<Record<string, (port: number) => Promise<Service>>> = {
  upstream: (port) => buildSubgraph(upstream, port),
  midstream: (port) => buildSubgraph(midstream, port),
  downstream: (port) => buildSubgraph(downstream, port),
  routing: (port) => buildSubgraph(routing, port),
};

async function buildAll(): Promise<Service> {
  const services = await Promise.all(
    process.argv.slice(2).map((argument) => {
      const [name = '', port = ''] = argument.split('=');
      const build = builders[name];
      if (build === undefined)
        throw createError('START_FAILED', `"${argument}" is not name=port of a subgraph: ${Object.keys(builders).join(', ')}`);
      return build(Number(port));
    }),
  );
  return {
    start: async () => {
      for (const service of services) await service.start();
    },
    stop: async () => void (await Promise.all(services.map((service) => service.stop()))),
    status: () => services.flatMap((service) => service.status()),
  };
}

await runMain(buildAll);
