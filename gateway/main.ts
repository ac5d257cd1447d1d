/** Runs the gateway: settings → gateway → until it is told to stop. Runs alone too, for anyone's subgraphs: SUPERGRAPH_FILE and PORT. */
import { runMain } from '../lib/lifecycle/index.ts';
import { readGatewayConfig } from './config.ts';
import { createGateway } from './gateway.ts';

const stopGraceMs = 3_000;
const longestStopMs = 600_000;

await runMain(
  async () => {
    const options = await readGatewayConfig();
    const gateway = await createGateway(options);
    return {
      ...gateway,
      async start() {
        await gateway.start();
        options.log.info({ url: `${gateway.url()}/graphql`, port: gateway.port() }, `GraphQL: ${gateway.url()}/graphql`);
        // The supervisor, if there is one, learns where the gateway listens
        process.send?.({ kind: 'listening', url: gateway.url(), port: gateway.port() });
      },
    };
  },
  // Each part has its own limit
  { stopLimitMs: longestStopMs + stopGraceMs },
);
