/**
 * Addresses at which a machine's cloud gives away its secrets, and link-local ones: no subgraph is there, whatever a URL or a name
 * server says. Exports `isRefusedHost` and `createGuardedLookup`.
 */
import { lookup as lookupName, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('224.0.0.0', 3, 'ipv4');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('168.63.129.16', 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('::', 'ipv6');
const refusedNames = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal']);

/** `hostname` as in a URL: lower case, IPv4 in dotted form whatever its spelling was, IPv6 in brackets. */
export function isRefusedHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isIP(host) === 0 ? refusedNames.has(host) : isRefusedAddress(host);
}

/** An IPv4 address inside an IPv6 one is looked at too. */
export function isRefusedAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && refused.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Looks a name up, and fails when any of its addresses is refused: a name that was harmless when the supergraph was loaded may lead
 * elsewhere when it is used (DNS rebinding). The address that was checked is the one that is connected to.
 */
export function createGuardedLookup(lookup: LookupFunction = lookupName): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found: readonly (string | LookupAddress)[] = Array.isArray(address) ? address : [address];
      const bad = error ? undefined : found.find((one) => isRefusedAddress(typeof one === 'string' ? one : one.address));
      if (bad === undefined) return callback(error, address, family);
      callback(new Error(`${hostname} leads to an address where no subgraph may be.`), '', 0);
    });
  };
}
