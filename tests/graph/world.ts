/** A small industry for the table of mutations: two members of each kind, and fresh rows on demand. */
import type { Player, TestHub } from '../_kit/hub.ts';
import { createChain, type Chain } from './chain.ts';
import { toDemoGln, toDemoGmn, toDemoGtin } from '../../subgraph-kit/gs1.ts';

export type Change = (player: Player, mutation: string, input: Record<string, unknown>, fields: string) => Promise<any>;

export type World = Members & { readonly chain: Chain };
/** All but the chain of rows that follow from each other. */
export type Members = Awaited<ReturnType<typeof createMembers>>;

export const today = '2026-11-22';
export const yuan = (amount: number) => ({ amountMinor: Math.round(amount * 100), currency: 'CNY' });

const capabilities = [
  { tag: 'FABRIC_INSPECT', stage: 'FABRIC_PREP', evidence: 'ISO 9001' },
  { tag: 'CUT_AUTO', stage: 'CUTTING' },
  { tag: 'KNIT_OVERLOCK', stage: 'SEWING' },
  { tag: 'PACK_CARTON', stage: 'PACKING' },
];
const term = { moq: 50, leadTimeDays: 4, minutePrice: '1.25', currency: 'CNY', setupCost: yuan(100) };

export async function createWorld(hub: TestHub, change: Change): Promise<World> {
  const members = await createMembers(hub, change);
  return { ...members, chain: createChain(members) };
}

async function createMembers(hub: TestHub, change: Change) {
  let count = 0;
  const next = (): number => (count += 1);
  const key = (): string => `key-${next()}`;
  const done = async (player: Player, mutation: string, input: Record<string, unknown>, fields: string): Promise<any> => {
    const payload = await change(player, mutation, { ...input, idempotencyKey: key() }, fields);
    if (payload.problems.length > 0) throw new Error(`${mutation}: ${JSON.stringify(payload.problems)}`);
    return payload;
  };
  const enter = async (kind: string): Promise<Player> => {
    const { member } = await done(hub.hub, 'registerMember', { name: `${kind} ${next()}`, kinds: [kind] }, 'member { memberId }');
    return hub.enter(member.memberId, [kind]);
  };
  const [maker, otherMaker, distributor, otherDistributor, creator, otherCreator, mcn, partner] = [
    await enter('MAKER'),
    await enter('MAKER'),
    await enter('DISTRIBUTOR'),
    await enter('DISTRIBUTOR'),
    await enter('CREATOR'),
    await enter('CREATOR'),
    await enter('MCN'),
    await enter('PARTNER'),
  ] as const;

  const makerInput = () => ({
    gln: toDemoGln(`maker ${next()}`),
    osId: `CN2026326${String(next()).padStart(6, '0')}`,
    name: `Works ${next()}`,
    country: 'CN',
    region: { province: 'Zhejiang', county: 'Keqiao' },
    address: '1 Mill Road',
    location: { lat: 30, lng: 120 },
    unlocode: 'CNHGH',
    supplierGroup: 'East Group',
    lineWorkers: 40,
    capabilities,
    terms: [term, { ...term, category: 'T_SHIRT', moq: 20 }],
  });
  const styleInput = (creatorId: string | null, brandId: string | null = null) => {
    const id = next();
    return {
      gmn: toDemoGmn(`style ${id}`),
      name: `Tee ${id}`,
      category: 'T_SHIRT',
      creatorId,
      brandId,
      retailPrice: yuan(79),
      skus: ['S', 'M', 'L'].map((size) => ({ gtin: toDemoGtin(`${id} ${size}`), colour: 'white', size })),
    };
  };
  const campaignInput = (creatorId: string, styleIds: string[]) => ({
    creatorId,
    title: 'Week one',
    startsAt: '2026-11-23T12:00:00Z',
    endsAt: '2026-12-01T12:00:00Z',
    cpsRateBps: 1_500,
    slotFee: yuan(10),
    styleIds,
  });
  const demandInput = (style: { styleId: string; gtins: string[] }, campaignId: string | null = null) => ({
    campaignId,
    styleId: style.styleId,
    kind: 'ORDER',
    cut: { sizes: style.gtins.map((gtin) => ({ gtin, quantity: 40 })) },
    dueDate: '2026-12-05',
    latestDate: '2026-12-12',
    shipToUnlocode: 'CNSHA',
    requiredCapabilities: ['KNIT_OVERLOCK'],
    unitMargin: yuan(30),
    unitPriceCap: yuan(60),
    depositPaid: yuan(5),
  });

  return {
    hub,
    change,
    done,
    key,
    next,
    maker,
    otherMaker,
    distributor,
    otherDistributor,
    creator,
    otherCreator,
    mcn,
    partner,
    capabilities,
    term,
    makerInput,
    styleInput,
    campaignInput,
    demandInput,
    newGln: (of: string): string => toDemoGln(`${of} ${next()}`),
    newMaker: async (): Promise<{ gln: string; changedAt: string }> =>
      (await done(maker, 'registerMaker', makerInput(), 'maker { gln changedAt }')).maker,
    newDistributor: async (): Promise<{ gln: string; changedAt: string }> =>
      (
        await done(
          distributor,
          'registerDistributor',
          {
            gln: toDemoGln(`distributor ${next()}`),
            name: `Road ${next()}`,
            country: 'CN',
            slas: [{ measure: 'OTIF', targetBps: 9_500, penalty: yuan(5) }],
          },
          'distributor { gln changedAt }',
        )
      ).distributor,
    newSite: async (): Promise<{ siteGln: string; changedAt: string }> =>
      (
        await done(
          distributor,
          'registerSite',
          { siteGln: toDemoGln(`site ${next()}`), name: `Store ${next()}`, kind: 'STORE', unlocode: 'CNSHA', freeCubicMetres: 10 },
          'site { siteGln changedAt }',
        )
      ).site,
    newCreator: async (): Promise<{ creatorId: string; changedAt: string }> =>
      (
        await done(
          creator,
          'registerCreator',
          { displayName: `Ann ${next()}`, tier: 'KOC', country: 'CN' },
          'creator { creatorId changedAt }',
        )
      ).creator,
    newMcn: async (): Promise<{ mcnId: string }> =>
      (await done(mcn, 'registerMcn', { name: `Stage ${next()}`, takeRateBps: 1_000 }, 'mcn { mcnId }')).mcn,
    newBrand: async (): Promise<{ brandId: string; changedAt: string }> =>
      (
        await done(
          creator,
          'registerBrand',
          { name: `Day ${next()}`, positioning: 'calm', promise: 'fits', slogan: 'yes' },
          'brand { brandId changedAt }',
        )
      ).brand,
    newSegment: async (): Promise<{ segmentId: string; changedAt: string }> =>
      (
        await done(
          creator,
          'defineSegment',
          {
            name: `tall ${next()}`,
            size: 900,
            priceFrom: yuan(20),
            priceTo: yuan(200),
            sizeCurve: [
              { size: 'S', shareBps: 3_000 },
              { size: 'M', shareBps: 4_000 },
              { size: 'L', shareBps: 3_000 },
            ],
          },
          'segment { segmentId changedAt }',
        )
      ).segment,
    newStyle: async (): Promise<{ styleId: string; changedAt: string; gtins: string[] }> => {
      const input = styleInput(null);
      const { styles } = await done(creator, 'proposeStyles', { styles: [input] }, 'styles { styleId changedAt }');
      return { ...styles[0], gtins: input.skus.map((sku) => sku.gtin) };
    },
  };
}
