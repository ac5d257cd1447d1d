/**
 * One entry for every mutation of the graph: how its owner makes it work, which events that writes, who else may not, and from which
 * state it is refused. The columns that apply are read from the SDL; a mutation without an entry fails the test.
 */
import { toDemoGln } from '../../subgraph-kit/gs1.ts';
import { NEW, STATELESS, type Entry } from './rows/entry.ts';
import { lotRows } from './rows/lots.ts';
import { moneyRows } from './rows/money.ts';
import { planRows } from './rows/plan.ts';
import { shipmentRows } from './rows/shipments.ts';
import { trafficRows } from './rows/traffic.ts';
import { today, yuan, type World } from './world.ts';

const campaign = async (
  world: World,
  moves: readonly string[] = [],
): Promise<{ campaignId: string; changedAt: string; style: { styleId: string; gtins: string[] } }> => {
  const { creatorId } = await world.newCreator();
  const style = await world.newStyle();
  const made = (
    await world.done(world.creator, 'createCampaign', world.campaignInput(creatorId, [style.styleId]), 'campaign { campaignId changedAt }')
  ).campaign;
  let { changedAt } = made;
  for (const move of moves) {
    const input = move === 'cancelCampaign' ? { campaignId: made.campaignId, reason: 'MISTAKE' } : { campaignId: made.campaignId };
    ({ changedAt } = (await world.done(world.creator, move, input, 'campaign { changedAt }')).campaign);
  }
  return { ...made, changedAt, style };
};

const demand = async (
  world: World,
  cancelled = false,
): Promise<{ demandLineId: string; changedAt: string; style: { styleId: string; gtins: string[] } }> => {
  const style = await world.newStyle();
  const line = (
    await world.done(world.creator, 'submitDemands', { demands: [world.demandInput(style)] }, 'demandLines { demandLineId changedAt }')
  ).demandLines[0];
  if (cancelled)
    await world.done(world.creator, 'cancelDemand', { demandLineId: line.demandLineId, reason: 'MISTAKE' }, 'demandLine { status }');
  return { ...line, style };
};

const campaignMove = (before: readonly string[], wrong: readonly string[], more: Record<string, unknown> = {}): Entry => ({
  works: async (world) => {
    const { campaignId, changedAt } = await campaign(world, before);
    return { player: world.creator, input: { campaignId, ...more, ifChangedAt: changedAt } };
  },
  fields: 'campaign { campaignId status }',
  topics: ['campaign.changed'],
  other: (world) => world.otherCreator,
  forbidden: async (world) => ({ player: world.creator, input: { campaignId: (await campaign(world, wrong)).campaignId, ...more } }),
});

const LIVE = ['openPresale', 'closePresale'];

export const entries: Readonly<Record<string, Entry>> = {
  ...planRows,
  ...moneyRows,
  ...lotRows,
  ...shipmentRows,
  ...trafficRows,

  registerMember: {
    works: async (w) => ({ player: w.hub.hub, input: { name: 'New member', kinds: ['PARTNER'] } }),
    fields: 'member { memberId name }',
    topics: ['member.changed'],
    other: NEW,
    forbidden: STATELESS,
  },

  registerMaker: {
    works: async (w) => ({ player: w.maker, input: w.makerInput() }),
    fields: 'maker { gln name }',
    topics: ['maker.changed'],
    other: NEW,
    forbidden: STATELESS,
  },
  updateMaker: {
    works: async (w) => {
      const maker = await w.newMaker();
      return { player: w.maker, input: { gln: maker.gln, status: 'PAUSED', name: 'Paused works', ifChangedAt: maker.changedAt } };
    },
    fields: 'maker { gln status }',
    topics: ['maker.changed'],
    other: (w) => w.otherMaker,
    forbidden: async (w) => {
      const { gln } = await w.newMaker();
      await w.done(w.maker, 'updateMaker', { gln, status: 'CLOSED' }, 'maker { status }');
      return { player: w.maker, input: { gln, status: 'ACTIVE' } };
    },
  },
  publishCapacity: {
    works: async (w) => {
      const { gln } = await w.newMaker();
      const bucket = { gln, stage: 'SEWING', day: '2026-12-01', actualMinutes: 300, maximumMinutes: 400 };
      const { buckets } = await w.done(w.maker, 'publishCapacity', { buckets: [bucket] }, 'buckets { changedAt }');
      return {
        player: w.maker,
        input: { buckets: [{ ...bucket, actualMinutes: 500, maximumMinutes: 600, ifChangedAt: buckets[0].changedAt }] },
      };
    },
    fields: 'buckets { bucketId actualMinutes }',
    topics: ['capacity.published'],
    other: (w) => w.otherMaker,
    forbidden: async (w) => {
      const { gln } = await w.newMaker();
      await w.done(w.maker, 'updateMaker', { gln, status: 'CLOSED' }, 'maker { status }');
      return {
        player: w.maker,
        input: { buckets: [{ gln, stage: 'SEWING', day: '2026-12-01', actualMinutes: 300, maximumMinutes: 400 }] },
      };
    },
  },
  quoteDemand: {
    works: async (w) => {
      const { gln } = await w.newMaker();
      const { demandLineId } = await demand(w);
      await w.hub.settle();
      return {
        player: w.maker,
        input: {
          demandLineId,
          gln,
          unitPrice: yuan(20),
          setupCost: yuan(50),
          minQty: 50,
          earliestFinish: '2026-12-01',
          validUntil: '2026-12-10T00:00:00Z',
        },
      };
    },
    fields: 'quote { quoteId binding }',
    topics: ['quote.given'],
    other: (w) => w.otherMaker,
    forbidden: async (w) => {
      const { gln } = await w.newMaker();
      const { demandLineId } = await demand(w, true);
      await w.hub.settle();
      return {
        player: w.maker,
        input: {
          demandLineId,
          gln,
          unitPrice: yuan(20),
          setupCost: yuan(50),
          minQty: 50,
          earliestFinish: '2026-12-01',
          validUntil: '2026-12-10T00:00:00Z',
        },
      };
    },
  },
  recordOperations: {
    works: async (w) => {
      const { styleId } = await w.newStyle();
      await w.hub.settle();
      const operations = [{ stage: 'SEWING', smv: 6.5, capability: 'KNIT_OVERLOCK' }];
      await w.done(w.maker, 'recordOperations', { styleId, operations }, 'style { styleId }');
      return { player: w.maker, input: { styleId, operations: [{ stage: 'SEWING', smv: 7.25, capability: 'KNIT_OVERLOCK' }] } };
    },
    fields: 'style { styleId smvTotal }',
    topics: ['operations.recorded'],
    other: (w) => w.otherMaker,
    forbidden: STATELESS,
  },
  recordInspections: {
    works: async (w) => ({
      player: w.hub.hub,
      input: {
        inspections: [{ gln: (await w.newMaker()).gln, day: today, pieces: 100, firstPassPieces: 96, rejected: false, onTime: true }],
      },
    }),
    fields: 'makers { gln quality { score } }',
    topics: ['quality.recorded'],
    other: 'only the hub may, and it may for every maker',
    forbidden: STATELESS,
  },

  registerDistributor: {
    works: async (w) => ({
      player: w.distributor,
      input: {
        gln: toDemoGln(`new distributor ${w.next()}`),
        name: 'New road',
        country: 'CN',
        slas: [{ measure: 'IN_FULL', targetBps: 9_000 }],
      },
    }),
    fields: 'distributor { gln }',
    topics: ['distributor.changed'],
    other: NEW,
    forbidden: STATELESS,
  },
  updateDistributor: {
    works: async (w) => {
      const { gln, changedAt } = await w.newDistributor();
      return {
        player: w.distributor,
        input: { gln, name: 'Renamed', slas: [{ measure: 'ON_TIME', targetBps: 9_100 }], ifChangedAt: changedAt },
      };
    },
    fields: 'distributor { gln name }',
    topics: ['distributor.changed'],
    other: (w) => w.otherDistributor,
    forbidden: STATELESS,
  },
  publishTariffs: {
    works: async (w) => {
      const { gln, changedAt } = await w.newDistributor();
      return {
        player: w.distributor,
        input: {
          gln,
          tariffs: [
            {
              service: 'CUSTOMS',
              unit: 'H87',
              price: yuan(3),
              originUnlocode: 'CNHGH',
              destinationUnlocode: 'CNSHA',
              transitDays: 2,
              validFrom: today,
              validTo: '2027-01-01',
            },
          ],
          ifChangedAt: changedAt,
        },
      };
    },
    fields: 'distributor { gln }',
    topics: ['tariff.published'],
    other: (w) => w.otherDistributor,
    forbidden: STATELESS,
  },
  registerSite: {
    works: async (w) => ({
      player: w.distributor,
      input: {
        siteGln: toDemoGln(`new site ${w.next()}`),
        distributorGln: (await w.newDistributor()).gln,
        name: 'New yard',
        kind: 'WAREHOUSE',
        unlocode: 'CNSHA',
      },
    }),
    fields: 'site { siteGln }',
    topics: ['site.changed'],
    other: (w) => w.otherDistributor,
    forbidden: STATELESS,
  },
  updateSite: {
    works: async (w) => {
      const { siteGln, changedAt } = await w.newSite();
      return { player: w.distributor, input: { siteGln, freeCubicMetres: 12.5, ifChangedAt: changedAt } };
    },
    fields: 'site { siteGln freeCubicMetres }',
    topics: ['site.changed'],
    other: (w) => w.otherDistributor,
    forbidden: STATELESS,
  },
  classifyStyle: {
    works: async (w) => {
      const { styleId } = await w.newStyle();
      await w.hub.settle();
      await w.done(w.distributor, 'classifyStyle', { styleId, hsCode: '610910', unitWeightGrams: 170 }, 'style { styleId }');
      return { player: w.distributor, input: { styleId, hsCode: '610990', unitWeightGrams: 180 } };
    },
    fields: 'style { styleId hsCode }',
    topics: ['style.classified'],
    other: (w) => w.otherDistributor,
    forbidden: STATELESS,
  },
  adjustInventory: {
    works: async (w) => {
      const { siteGln } = await w.newSite();
      const [gtin] = (await w.newStyle()).gtins;
      const { position } = await w.done(
        w.distributor,
        'adjustInventory',
        { siteGln, gtin, delta: 20, reason: 'COUNT' },
        'position { changedAt }',
      );
      return { player: w.distributor, input: { siteGln, gtin, delta: -3, reason: 'DAMAGE', ifChangedAt: position.changedAt } };
    },
    fields: 'position { siteGln gtin onHand }',
    topics: ['inventory.changed'],
    other: (w) => w.otherDistributor,
    forbidden: STATELESS,
  },

  registerCreator: {
    works: async (w) => ({ player: w.creator, input: { displayName: 'New voice', tier: 'AMATEUR', mcnId: (await w.newMcn()).mcnId } }),
    fields: 'creator { creatorId }',
    topics: ['creator.changed'],
    other: NEW,
    forbidden: STATELESS,
  },
  updateCreator: {
    works: async (w) => {
      const { creatorId, changedAt } = await w.newCreator();
      return { player: w.creator, input: { creatorId, tier: 'KOL', ifChangedAt: changedAt } };
    },
    fields: 'creator { creatorId tier }',
    topics: ['creator.changed'],
    other: (w) => w.otherCreator,
    forbidden: STATELESS,
  },
  registerMcn: {
    works: async (w) => ({ player: w.mcn, input: { name: 'New agency', takeRateBps: 900 } }),
    fields: 'mcn { mcnId }',
    topics: ['mcn.changed'],
    other: NEW,
    forbidden: STATELESS,
  },
  registerBrand: {
    works: async (w) => ({
      player: w.creator,
      input: {
        name: `Brand ${w.next()}`,
        positioning: 'near',
        promise: 'warm',
        slogan: 'here',
        segmentIds: [(await w.newSegment()).segmentId],
      },
    }),
    fields: 'brand { brandId }',
    topics: ['brand.changed'],
    other: (w) => w.otherCreator,
    forbidden: STATELESS,
  },
  updateBrand: {
    works: async (w) => {
      const { brandId, changedAt } = await w.newBrand();
      return { player: w.creator, input: { brandId, slogan: 'still here', ifChangedAt: changedAt } };
    },
    fields: 'brand { brandId slogan }',
    topics: ['brand.changed'],
    other: (w) => w.otherCreator,
    forbidden: STATELESS,
  },
  defineSegment: {
    works: async (w) => {
      const { segmentId, changedAt } = await w.newSegment();
      return {
        player: w.creator,
        input: { segmentId, name: 'taller', size: 950, sizeCurve: [{ size: 'M', shareBps: 10_000 }], ifChangedAt: changedAt },
      };
    },
    fields: 'segment { segmentId name }',
    topics: ['segment.changed'],
    other: (w) => w.otherCreator,
    forbidden: STATELESS,
  },
  proposeStyles: {
    works: async (w) => ({
      player: w.creator,
      input: { styles: [w.styleInput((await w.newCreator()).creatorId, (await w.newBrand()).brandId)] },
    }),
    fields: 'styles { styleId }',
    topics: ['style.proposed'],
    other: (w) => w.otherCreator,
    forbidden: STATELESS,
  },
  updateStyle: {
    works: async (w) => {
      const { styleId, changedAt } = await w.newStyle();
      return { player: w.creator, input: { styleId, life: 'SAMPLED', retailPrice: yuan(89), ifChangedAt: changedAt } };
    },
    fields: 'style { styleId life }',
    topics: ['style.changed'],
    other: (w) => w.otherCreator,
    forbidden: async (w) => ({ player: w.creator, input: { styleId: (await w.newStyle()).styleId, life: 'CORE' } }),
  },
  createCampaign: {
    works: async (w) => ({
      player: w.creator,
      input: {
        ...w.campaignInput((await w.newCreator()).creatorId, [(await w.newStyle()).styleId]),
        brandId: (await w.newBrand()).brandId,
        segmentIds: [(await w.newSegment()).segmentId],
      },
    }),
    fields: 'campaign { campaignId status }',
    topics: ['campaign.changed'],
    other: (w) => w.otherCreator,
    forbidden: 'a new campaign has no state before',
  },
  updateCampaign: {
    works: async (w) => {
      const { campaignId, changedAt } = await campaign(w);
      return { player: w.creator, input: { campaignId, title: 'Week two', ifChangedAt: changedAt } };
    },
    fields: 'campaign { campaignId title }',
    topics: ['campaign.changed'],
    other: (w) => w.otherCreator,
    forbidden: async (w) => ({
      player: w.creator,
      input: { campaignId: (await campaign(w, [...LIVE, 'closeCampaign'])).campaignId, title: 'too late' },
    }),
  },
  openPresale: campaignMove([], LIVE),
  closePresale: campaignMove(['openPresale'], []),
  closeCampaign: campaignMove(LIVE, []),
  cancelCampaign: {
    ...campaignMove(['openPresale'], LIVE, { reason: 'SOLD_BADLY' }),
    works: async (w) => {
      const { campaignId, style } = await campaign(w, ['openPresale']);
      await w.done(w.creator, 'submitDemands', { demands: [w.demandInput(style, campaignId)] }, 'demandLines { demandLineId }');
      const { changedAt } = (await w.hub.ask(w.creator, 'query ($id: ID!) { campaign(campaignId: $id) { changedAt } }', { id: campaignId }))
        .data.campaign;
      return { player: w.creator, input: { campaignId, reason: 'SOLD_BADLY', ifChangedAt: changedAt } };
    },
    topics: ['campaign.changed', 'demand.cancelled'],
  },
  recordSales: {
    works: async (w) => {
      const style = await w.newStyle();
      return {
        player: w.creator,
        input: {
          sales: [
            {
              kind: 'SALE',
              gtin: style.gtins[0],
              quantity: 2,
              unitPrice: yuan(79),
              soldAt: '2026-11-22T08:00:00Z',
              platform: 'PINTEREST',
              buyerPseudonym: 'b1',
            },
          ],
        },
      };
    },
    fields: 'recorded',
    topics: ['sales.recorded'],
    other: (w) => w.otherCreator,
    forbidden: async (w) => {
      const { campaignId, style } = await campaign(w);
      const sale = { kind: 'SALE', gtin: style.gtins[0], quantity: 1, unitPrice: yuan(79), soldAt: '2026-11-22T08:00:00Z', campaignId };
      return { player: w.creator, input: { sales: [sale] } };
    },
  },
  submitDemands: {
    works: async (w) => {
      const { campaignId, style } = await campaign(w, LIVE);
      return { player: w.creator, input: { demands: [w.demandInput(style, campaignId)] } };
    },
    fields: 'demandLines { demandLineId quantity }',
    topics: ['demand.submitted'],
    other: (w) => w.otherCreator,
    forbidden: async (w) => {
      const { campaignId, style } = await campaign(w, [...LIVE, 'closeCampaign']);
      return { player: w.creator, input: { demands: [w.demandInput(style, campaignId)] } };
    },
  },
  reviseDemand: {
    works: async (w) => {
      const { demandLineId, changedAt } = await demand(w);
      return { player: w.creator, input: { demandLineId, latestDate: '2026-12-20', ifChangedAt: changedAt } };
    },
    fields: 'demandLine { demandLineId latestDate }',
    topics: ['demand.changed'],
    other: (w) => w.otherCreator,
    forbidden: async (w) => ({
      player: w.creator,
      input: { demandLineId: (await demand(w, true)).demandLineId, latestDate: '2026-12-20' },
    }),
  },
  cancelDemand: {
    works: async (w) => {
      const { demandLineId, changedAt } = await demand(w);
      return { player: w.creator, input: { demandLineId, reason: 'TOO_LATE', ifChangedAt: changedAt } };
    },
    fields: 'demandLine { demandLineId status }',
    topics: ['demand.cancelled'],
    other: (w) => w.otherCreator,
    forbidden: async (w) => ({ player: w.creator, input: { demandLineId: (await demand(w, true)).demandLineId, reason: 'TOO_LATE' } }),
  },
};
