/** Under which name quotas and stores of the gateway stand: the member, or where a visitor comes from. Exports `toWho`, `isVisitorName`, `toNetwork`. */
import type { Principal } from '../../lib/identity/index.ts';
import type { GatewayRequest } from './request.ts';

/** Member ids hold no blank, so none of them looks like the others. */
export function toWho({ memberId, roles }: Principal, { address }: Pick<GatewayRequest, 'address'>): string {
  if (memberId !== null) return memberId;
  const [role = 'visitor'] = roles;
  return role === 'visitor' ? `visitor ${toNetwork(address)}` : `role ${role}`;
}

export function isVisitorName(who: string): boolean {
  return who.startsWith('visitor ');
}

/** One host may have as many IPv6 addresses as it likes within its network of 64 bits: they count as one. */
export function toNetwork(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address.replace(/^::ffff:/, '');
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0');
  return `${[...groups, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
