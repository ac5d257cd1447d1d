/** Who takes part in a journey: members enter through the gateway with rows of their own, and do their part of the chain by mutations. */
import { addDays } from '../../lib/clock/clock.ts';
import { toDemoGln, toDemoGmn, toDemoGtin } from '../../subgraph-kit/gs1.ts';
import { startTestHub, type Player, type TestHub } from '../_kit/hub.ts';
import { feesInput, newSscc, policyInput } from '../graph/chain.ts';
import { today, yuan } from '../graph/world.ts';

export type Stage = ReturnType<typeof openStage>;

/** The hub, with the few ways in which a journey uses it. */
function openStage(hub: TestHub) {
  let keys = 0;
  const change = (player: Player, mutation: string, input: object, fields: string): Promise<any> =>
    hub.change(player, mutation, { ...input, idempotencyKey: `journey-${(keys += 1)}` }, fields);
  return {
    hub,
    at: (): string => hub.clock.now().toISOString(),
    /** A change that must work. */
    done: async (player: Player, mutation: string, input: object, fields: string): Promise<any> => {
      const payload = await change(player, mutation, input, fields);
      if (payload.problems.length > 0) throw new Error(`${mutation}: ${JSON.stringify(payload.problems)}`);
      return payload;
    },
    /** Why a change is refused; empty when it is not. */
    codesOf: async (player: Player, mutation: string, input: object): Promise<string[]> =>
      (await change(player, mutation, input, '__typename')).problems.map(({ code }: { code: string }) => code),
    /** An answer without errors. */
    see: async (player: Player | null, source: string): Promise<any> => {
      const { data, errors } = await hub.ask(player, source);
      if (errors !== undefined) throw new Error(`${source}: ${JSON.stringify(errors).slice(0, 1_000)}`);
      return data;
    },
    enter: async (kind: string, name: string): Promise<Player> => {
      const payload = await change(hub.hub, 'registerMember', { name, kinds: [kind] }, 'member { memberId }');
      return hub.enter(payload.member.memberId, [kind]);
    },
  };
}

/** A hub with neutral rules and fees, under which buyers may return until the goods are received. */
export async function startStage(): Promise<Stage> {
  const stage = openStage(await startTestHub());
  await stage.done(stage.hub.hub, 'publishPolicy', policyInput('journey.1'), 'policy { version }');
  await stage.done(stage.hub.hub, 'publishFees', feesInput('journey.1'), 'fees { version }');
  return stage;
}

/** The work of a piece, in its order. */
export const WORK = ['CUTTING', 'SEWING', 'QC', 'PACKING'] as const;
const TAGS = { CUTTING: 'CUT_AUTO', QC: 'QC_AQL', PACKING: 'PACK_CARTON' } as const;
const MINUTES = { CUTTING: 0.5, SEWING: 2, QC: 0.25, PACKING: 0.5 } as const;
const capabilitiesOf = (sewing: string) => WORK.map((stage) => ({ stage, tag: stage === 'SEWING' ? sewing : TAGS[stage] }));
const daysAhead = Array.from({ length: 20 }, (_, i) => addDays(today, i + 1));

export type Trade = { readonly player: Player; readonly gln: string; readonly name: string };

/** A facility that sews one kind of goods, with minutes for three weeks. */
export async function enterMaker(
  { hub, done, enter }: Stage,
  name: string,
  { sewing, unlocode, minutePrice, minutes = 40_000 }: { sewing: string; unlocode: string; minutePrice: string; minutes?: number },
): Promise<Trade & { readonly bucketIds: string[] }> {
  const player = await enter('MAKER', `${name} Ltd`);
  const gln = toDemoGln(name);
  const term = { moq: 50, leadTimeDays: 4, minutePrice, currency: 'CNY', setupCost: yuan(100) };
  const place = { country: 'CN', region: { province: 'Zhejiang' }, address: '1 Mill Road', unlocode };
  await done(player, 'registerMaker', { gln, name, ...place, capabilities: capabilitiesOf(sewing), terms: [term] }, 'maker { gln }');
  const buckets = WORK.flatMap((stage) => daysAhead.map((day) => ({ gln, stage, day, actualMinutes: minutes, maximumMinutes: minutes })));
  const published = await done(player, 'publishCapacity', { buckets }, 'buckets { bucketId }');
  await hub.settle();
  return { player, gln, name, bucketIds: published.buckets.map(({ bucketId }: { bucketId: string }) => bucketId) };
}

export type Carrier = Trade & { readonly siteGln: string };

/** A distributor with one lane, and a place at its end. */
export async function enterCarrier({ done, enter }: Stage, name: string, origin: string, destination: string): Promise<Carrier> {
  const player = await enter('DISTRIBUTOR', `${name} Ltd`);
  const [gln, siteGln] = [toDemoGln(name), toDemoGln(`yard of ${name}`)];
  const sla = { measure: 'OTIF', targetBps: 9_500, penalty: yuan(5) };
  await done(player, 'registerDistributor', { gln, name, country: 'CN', slas: [sla] }, 'distributor { gln }');
  const site = { siteGln, distributorGln: gln, name: `Yard of ${name}`, kind: 'WAREHOUSE', unlocode: destination, freeCubicMetres: 900 };
  await done(player, 'registerSite', site, 'site { siteGln }');
  const lane = { originUnlocode: origin, destinationUnlocode: destination, transitDays: 2, validFrom: '2026-11-01' };
  await done(
    player,
    'publishTariffs',
    { gln, tariffs: [{ service: 'FREIGHT', unit: 'KGM', price: yuan(4), ...lane }] },
    'distributor { gln }',
  );
  return { player, gln, name, siteGln };
}

export type Star = { readonly player: Player; readonly creatorId: string; readonly agency: Player; readonly mcnId: string };

/** A creator under contract with an agency that takes a fifth of the commission. */
export async function enterCreator({ hub, done, enter }: Stage, name: string): Promise<Star> {
  const [player, agency] = [await enter('CREATOR', name), await enter('MCN', `Agency of ${name}`)];
  const { mcn } = await done(agency, 'registerMcn', { name: `Agency of ${name}`, takeRateBps: 2_000 }, 'mcn { mcnId }');
  await hub.settle();
  const registered = { displayName: name, tier: 'KOC', country: 'CN', mcnId: mcn.mcnId };
  const { creator } = await done(player, 'registerCreator', registered, 'creator { creatorId }');
  return { player, creatorId: creator.creatorId, agency, mcnId: mcn.mcnId };
}

export type Style = { readonly styleId: string; readonly gtins: readonly string[]; readonly name: string };

/** A style that its creator proposes, a maker engineers and a distributor classifies. */
export async function proposeStyle(
  { hub, done }: Stage,
  star: Star,
  name: string,
  { maker, sewing, carrier }: { maker: Trade; sewing: string; carrier: Trade },
): Promise<Style> {
  const skus = ['S', 'M'].map((size) => ({ gtin: toDemoGtin(`${name} ${size}`), colour: 'white', size }));
  const style = { gmn: toDemoGmn(name), name, category: 'T_SHIRT', creatorId: star.creatorId, retailPrice: yuan(79), skus };
  const { styles } = await done(star.player, 'proposeStyles', { styles: [style] }, 'styles { styleId }');
  const { styleId } = styles[0];
  await hub.settle();
  const operations = WORK.map((stage) => ({ stage, smv: MINUTES[stage], capability: stage === 'SEWING' ? sewing : TAGS[stage] }));
  await done(maker.player, 'recordOperations', { styleId, operations }, 'style { styleId }');
  await done(carrier.player, 'classifyStyle', { styleId, hsCode: '610910', unitWeightGrams: 180 }, 'style { styleId }');
  await hub.settle();
  return { styleId, name, gtins: skus.map(({ gtin }) => gtin) };
}

/** A campaign that takes deposits. */
export async function openCampaign({ hub, done }: Stage, star: Star, style: Style, title: string): Promise<string> {
  const days = { startsAt: '2026-11-23T12:00:00Z', endsAt: '2026-12-01T12:00:00Z' };
  const fees = { cpsRateBps: 1_500, slotFee: yuan(10) };
  const plan = { creatorId: star.creatorId, title, ...days, ...fees, styleIds: [style.styleId] };
  const { campaign } = await done(star.player, 'createCampaign', plan, 'campaign { campaignId }');
  await done(star.player, 'openPresale', { campaignId: campaign.campaignId }, 'campaign { status }');
  await hub.settle();
  return campaign.campaignId;
}

export const demandInput = (style: Style, campaignId: string | null, quantity: number, shipToUnlocode: string) => ({
  campaignId,
  styleId: style.styleId,
  kind: 'PRESALE',
  cut: { sizes: [{ gtin: style.gtins[0], quantity }] },
  dueDate: addDays(today, 13),
  latestDate: addDays(today, 20),
  shipToUnlocode,
  unitMargin: yuan(30),
});

export async function submit({ hub, done }: Stage, star: Star, demands: readonly object[]): Promise<string[]> {
  const { demandLines } = await done(star.player, 'submitDemands', { demands }, 'demandLines { demandLineId }');
  await hub.settle();
  return demandLines.map(({ demandLineId }: { demandLineId: string }) => demandLineId);
}

/** Takes a lot that waits through its work and packs all its pieces. */
export async function makeLot({ hub, done, at }: Stage, { player }: Trade, lotId: string, pieces: number): Promise<void> {
  await done(player, 'releaseLot', { lotId }, 'lot { status }');
  for (const stage of WORK) await done(player, 'reportStage', { lotId, stage, qtyIn: pieces, qtyOut: pieces, at: at() }, 'lot { status }');
  await done(player, 'completeLot', { lotId, goodQty: pieces }, 'lot { status }');
  await hub.settle();
}

export const bookingInput = ({ gln }: Carrier, allocationId: string, carrier = 'River and Road') => ({
  allocationId,
  distributorGln: gln,
  carrier,
  plannedArrival: `${addDays(today, 4)}T10:00:00Z`,
});

/** One carton with pieces of a lot. */
export const carton = (gtin: string | undefined, lotId: string, quantity: number) => ({
  sscc: newSscc(),
  contents: [{ gtin, lotId, quantity }],
});
