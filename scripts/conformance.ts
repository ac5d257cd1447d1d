/**
 * `npm run conformance`: the audits of the package graphql-http for GraphQL over HTTP, run as the package runs them, with plain fetch and
 * no header added, against a gateway on loopback. Exit code 1 unless all hold.
 *
 *   --url u   a running server instead, for instance http://localhost:4000/graphql
 */
import { parseArgs } from 'node:util';
import { auditServer } from 'graphql-http';
import { startShopGateway } from '../tests/gateway/kit.ts';

const { values } = parseArgs({ options: { url: { type: 'string' } } });
const gateway = values.url === undefined ? await startShopGateway() : null;
try {
  const results = await auditServer({ url: values.url ?? gateway?.graphqlUrl ?? '', fetchFn: fetch });
  for (const result of results) {
    const reason = result.status === 'ok' ? '' : `  ${result.reason}`;
    console.log(`${result.status.padEnd(6)} ${result.id} ${result.name}${reason}`);
  }
  const held = results.filter(({ status }) => status === 'ok').length;
  console.log(`${held} of ${results.length} audits hold`);
  process.exitCode = held === results.length && held > 0 ? 0 : 1;
} finally {
  await gateway?.stop();
}
