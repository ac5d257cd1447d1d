import { createRates } from '../../../gateway/pipeline/rates.ts';
import { toNetwork } from '../../../gateway/pipeline/who.ts';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import { createPrincipal, visitor } from '../../../lib/identity/index.ts';
import { startShopGateway } from '../kit.ts';

const member = (memberId: string, kinds: string[] = ['MAKER']) => ({
  principal: createPrincipal({ memberId, kinds }),
  request: { address: '127.0.0.1', fromLoopback: true, token: 't' },
});
const stranger = (address: string) => ({ principal: visitor, request: { address, fromLoopback: false, token: null } });

describe('the rate of one member', () => {
  const create = (maxBuckets?: number) => {
    const clock = createFixedClock('2026-03-01T08:00:00Z');
    return {
      clock,
      rates: createRates({ perSecond: 2, exemptKinds: ['HUB'], clock, ...(maxBuckets === undefined ? {} : { maxBuckets }) }),
    };
  };

  it('lets ten seconds’ worth through at once and refuses one more, with the time until the next', () => {
    const { clock, rates } = create();
    expect(Array.from({ length: 20 }, () => rates.take(member('a')))).toEqual(Array.from({ length: 20 }, () => 0));
    expect([rates.take(member('a')), rates.take(member('b'))]).toEqual([1, 0]);
    clock.advance(499);
    expect(rates.take(member('a'))).toBe(1);
    clock.advance(1);
    expect([rates.take(member('a')), rates.take(member('a'))]).toEqual([0, 1]);
    clock.advance(3_600_000);
    expect(Array.from({ length: 21 }, () => rates.take(member('a'))).filter((seconds) => seconds > 0)).toEqual([1]);
  });

  it('is the same for a member with a ticket in place of the token, on this machine too', () => {
    const { rates } = create();
    const { principal } = member('a');
    const request = { address: '127.0.0.1', fromLoopback: true, token: null, identified: { principal, expiresAtMs: null } };
    expect(Array.from({ length: 21 }, () => rates.take({ principal, request })).filter((seconds) => seconds > 0)).toEqual([1]);
    expect(rates.take(member('a'))).toBe(1);
  });

  it('gives nothing when the clock is set back', () => {
    const { clock, rates } = create();
    for (let i = 0; i < 20; i += 1) rates.take(member('a'));
    clock.advance(-60_000);
    expect(rates.take(member('a'))).toBe(1);
  });

  it('does not bound the kinds that are exempt, this machine without a token, or anybody when it is 0', () => {
    const { rates, clock } = create();
    const here = { ...stranger('127.0.0.1'), request: { address: '127.0.0.1', fromLoopback: true, token: null } };
    const unbounded = createRates({ perSecond: 0, exemptKinds: [], clock });
    for (let i = 0; i < 100; i += 1) {
      expect([rates.take(member('a', ['HUB'])), rates.take(here), unbounded.take(stranger('192.0.2.1'))]).toEqual([0, 0, 0]);
    }
    expect([rates.size(), unbounded.size()]).toEqual([0, 0]);
  });

  it('counts strangers by address, and a network of IPv6 as one', () => {
    const { rates } = create();
    for (let i = 0; i < 20; i += 1) expect(rates.take(stranger(`2001:db8:1:2::${i}`))).toBe(0);
    expect(rates.take(stranger('2001:db8:1:2:ffff::1'))).toBe(1);
    expect([rates.take(stranger('2001:db8:1:3::1')), rates.take(stranger('192.0.2.1'))]).toEqual([0, 0]);
  });

  it('remembers only so many, and no stranger can make it forget a member', () => {
    const { rates } = create(3);
    for (let i = 0; i < 20; i += 1) rates.take(member('a'));
    for (let i = 0; i < 50; i += 1) rates.take(stranger(`192.0.2.${i}`));
    expect([rates.size(), rates.take(member('a'))]).toEqual([4, 1]);
  });
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the address %s counts as %s', (address, network) => {
  expect(toNetwork(address)).toBe(network);
});

it('a request over the rate is refused by POST and GET with 429 and Retry-After, and asks nothing of a subgraph', async () => {
  const gateway = await startShopGateway({ limits: { rate: 1 }, clock: createFixedClock('2026-03-01T08:00:00Z') });
  // Through a proxy, so not this machine itself
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  for (let i = 0; i < 10; i += 1) expect((await gateway.post({ query: '{ echo }' }, headers)).status).toBe(200);
  const asked = gateway.shop.bodies.length;
  const refused = await gateway.post({ query: '{ echo }' }, headers);
  expect([refused.status, refused.code, refused.limit, refused.headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', 'rate', '1']);
  const read = await fetch(`${gateway.graphqlUrl}?query={echo}`, { headers: { ...headers, accept: 'application/json' } });
  expect([read.status, read.headers.get('retry-after')]).toEqual([429, '1']);
  expect(gateway.shop.bodies).toHaveLength(asked);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toContain('ir_rate_refusals_total{member="visitor"} 2');
  expect(metrics).toContain('ir_errors_total{code="RATE_LIMITED"} 2');
  await gateway.stop();
});
