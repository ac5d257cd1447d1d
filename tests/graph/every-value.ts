/** Every value of the closed lists that no row of the full house has: each comes about by the change that makes it. */
import { addDays } from '../../lib/clock/clock.ts';
import type { HubAnswer, Player } from '../_kit/hub.ts';
import { route } from '../_kit/route.ts';
import { lineInput, policyInput, WORK } from './chain.ts';
import { today, yuan, type World } from './world.ts';

type Ask = (player: Player, source: string) => Promise<HubAnswer>;

/** Platforms, reasons, services and promises, as members hand them in. */
export async function nameAll(world: World, valuesOf: (list: string) => string[]): Promise<void> {
  const { done, chain, creator, maker, distributor, hub } = world;
  const { creatorId } = await world.newCreator();
  for (const platform of valuesOf('Platform'))
    await done(creator, 'addTrafficSource', { creatorId, platform, handle: '@ann', domain: 'PRIVATE' }, 'trafficSource { platform }');
  const { gln } = await world.newDistributor();
  const tariffs = valuesOf('TariffService').map((service) => ({ service, unit: 'H87', price: yuan(1), validFrom: today }));
  await done(distributor, 'publishTariffs', { gln, tariffs }, 'distributor { tariffs { service } }');
  const slas = valuesOf('SlaMeasure').map((measure) => ({ measure, targetBps: 9_000 }));
  await done(distributor, 'updateDistributor', { gln, slas }, 'distributor { slas { measure } }');
  const style = await world.newStyle();
  const reasons = valuesOf('CancelReason');
  const demands = reasons.map(() => world.demandInput(style));
  const { demandLines } = await done(creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
  for (const [i, reason] of reasons.entries())
    await done(creator, 'cancelDemand', { demandLineId: demandLines[i].demandLineId, reason }, 'demandLine { status }');
  for (const reason of valuesOf('DeclineReason')) {
    const { allocationId } = await chain.take('offered');
    await done(maker, 'declineAllocation', { allocationId, reason }, 'allocation { declineReason }');
  }
  const { lotId } = await chain.take('begun');
  for (const reason of valuesOf('HoldReason')) {
    await done(maker, 'holdLot', { lotId, reason }, 'lot { holdReason status }');
    await done(maker, 'resumeLot', { lotId }, 'lot { status }');
  }
  const generator = await hub.enter(creator.memberId, ['CREATOR'], ['generator']);
  await done(generator, 'registerCreator', { displayName: 'Made up', tier: 'KOC' }, 'creator { origin }');
}

/** One shipment through every place on the way, and a refund to buyers. */
export async function travel(world: World): Promise<void> {
  const { done, chain, distributor, hub } = world;
  const piece = await chain.paid('despatched');
  const steps = ['DEPARTED', 'CUSTOMS_ENTERED', 'DELAYED', 'CUSTOMS_CLEARED', 'ARRIVED', 'OUT_FOR_DELIVERY', 'DAMAGED'];
  for (const [i, code] of steps.entries()) {
    const input = { gsin: piece.gsin, code, at: chain.at(), source: i === 0 ? 'RECEIVER' : 'CARRIER' };
    await done(distributor, 'reportMilestone', input, 'shipment { status milestones { code source } }');
  }
  const refund = chain.payment(piece, { kind: 'REFUND', direction: 'OUT', amount: yuan(10) });
  await done(hub.hub, 'recordCashFlow', refund, 'cashFlow { kind direction settlement { status } }');
}

/** A line for each reason that shuts makers out, and what the next run says of it. */
export async function shutOut(world: World, ask: Ask): Promise<void> {
  const { done, chain, creator, maker, hub } = world;
  const { style } = await chain.getGround();
  await enterDearer(world);
  const declined = await chain.take('offered');
  await done(maker, 'declineAllocation', { allocationId: declined.allocationId, reason: 'OTHER' }, 'allocation { status }');
  const small = { sizes: [{ gtin: style.gtins[0], quantity: 5 }] };
  const demands = [
    { requiredCapabilities: ['LEATHER_STITCH'] },
    { requiredCertificates: ['nobody holds it'] },
    { dueDate: addDays(today, 1), latestDate: addDays(today, 1) },
    { cut: small },
    { unitPriceCap: yuan(0.01) },
    { qualityFloorBps: 9_999 },
    {},
  ].map((more) => ({ ...lineInput(world, style), ...more }));
  const { demandLines } = await done(creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
  await hub.settle();
  await done(hub.hub, 'publishPolicy', { ...policyInput(`near.${world.next()}`), candidateLimit: 1 }, 'policy { version }');
  const { runId } = await route(hub);
  await ask(
    hub.hub,
    `{ routingRun(runId: "${runId}") { decisions(first: 200) { nodes { excluded { reason makers } } } allocations { nodes { status } } } }`,
  );
  for (const { demandLineId } of demandLines)
    await ask(creator, `{ demandLine(demandLineId: "${demandLineId}") { feasibleMakers(first: 200) { infeasibleBecause } } }`);
  await done(hub.hub, 'publishPolicy', { ...policyInput(`spread.${world.next()}`), maxShareBps: 50 }, 'policy { version }');
  const spread = await route(hub);
  await ask(hub.hub, `{ routingRun(runId: "${spread.runId}") { prices(first: 200) { nodes { kind name } } } }`);
}

// One with room and a higher price, and one whose currency has no rate.
async function enterDearer(world: World): Promise<void> {
  const { done, maker } = world;
  const { gln } = await world.newMaker();
  const terms = [{ ...world.term, moq: 20, minutePrice: '3.10' }];
  await done(maker, 'updateMaker', { gln, terms }, 'maker { gln }');
  const days = Array.from({ length: 10 }, (_, i) => addDays(today, i + 2));
  const buckets = WORK.flatMap((stage) => days.map((day) => ({ gln, stage, day, actualMinutes: 9_000, maximumMinutes: 9_000 })));
  await done(maker, 'publishCapacity', { buckets }, 'buckets { bucketId }');
  const foreign = await world.newMaker();
  const krona = { ...world.term, currency: 'SEK', setupCost: { amountMinor: 100, currency: 'SEK' } };
  await done(maker, 'updateMaker', { gln: foreign.gln, terms: [krona] }, 'maker { gln }');
}
