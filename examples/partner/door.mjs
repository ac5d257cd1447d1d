// The door: only requests of the hub's gateway may pass. Each carries a token in the header `ir-principal`, signed by the gateway (EdDSA),
// meant for this subgraph (`aud`) and good for 30 seconds. It says who asks.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createLocalJWKSet, jwtVerify } from 'jose';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4005' }, keys: { type: 'string' } } });
if (values.keys === undefined) throw new Error('--keys FILE: the public keys of the gateway (JWKS)');

export const port = Number(values.port);
const keys = createLocalJWKSet(JSON.parse(readFileSync(values.keys, 'utf8')));

/** Who asks: `{sub, kinds, roles, scope}`; null when the request did not come through the gateway. */
export async function readPrincipal(headers) {
  const options = { audience: 'audits', issuer: 'urn:industry-router:gateway', typ: 'ir-principal+jwt', algorithms: ['EdDSA'] };
  try {
    const { payload } = await jwtVerify(headers['ir-principal'] ?? '', keys, options);
    return payload;
  } catch {
    return null;
  }
}
