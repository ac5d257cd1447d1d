/** Inputs and members that the tests of upstream share. */
import { openClient } from '../../../subgraphs/upstream/data/client.ts';
import { upstream } from '../../../subgraphs/upstream/upstream.ts';
import { member, openTestSubgraph } from '../../_kit/subgraph.ts';

export const openUpstream = () => openTestSubgraph(upstream, openClient);
export type Upstream = Awaited<ReturnType<typeof openUpstream>>;

export const anna = member('mbr_anna', 'MAKER');
export const bert = member('mbr_bert', 'MAKER');
export const carla = member('mbr_carla', 'CREATOR');

/** The business day of testStart in Shanghai. */
export const today = '2026-11-22';

let keys = 0;
export const key = (): string => `key_${(keys += 1)}`;

export const cny = (amountMinor: number) => ({ amountMinor, currency: 'CNY' });

export const term = (more: Record<string, unknown> = {}) => ({
  moq: 100,
  leadTimeDays: 7,
  minutePrice: '0.45',
  currency: 'CNY',
  setupCost: cny(20_000),
  ...more,
});

export const makerInput = (more: Record<string, unknown> = {}) => ({
  name: 'Rain Hill Garments',
  country: 'CN',
  address: '8 Rain Hill Road, Hangzhou',
  capabilities: [
    { tag: 'CUT_AUTO', stage: 'CUTTING' },
    { tag: 'KNIT_OVERLOCK', stage: 'SEWING', evidence: 'ISO 9001' },
  ],
  terms: [term()],
  idempotencyKey: key(),
  ...more,
});

/** Registers a maker of anna (or of `by`) and gives its GLN. */
export async function enterMaker(hub: Upstream, more: Record<string, unknown> = {}, by = anna): Promise<string> {
  const { maker, problems } = await hub.change(by, 'registerMaker', makerInput(more), 'maker { gln }');
  if (maker === null) throw new Error(JSON.stringify(problems));
  return maker.gln;
}

export const offer = (gln: string, more: Record<string, unknown> = {}) => ({
  gln,
  stage: 'SEWING',
  day: '2026-11-25',
  actualMinutes: 1_000,
  maximumMinutes: 1_500,
  ...more,
});

/** The event of a style that downstream proposed. */
export const styleProposed = (styleId: string, more: Record<string, unknown> = {}) => ({
  topic: 'style.proposed',
  payload: {
    styleId,
    gmn: '9520000A1',
    memberId: 'mbr_carla',
    creatorId: null,
    name: 'Tee',
    category: 'T_SHIRT',
    retailPrice: cny(9_900),
    origin: 'REPORTED',
    proposedAt: '2026-11-20T00:00:00.000Z',
    ...more,
  },
});

/** The event of a demand line that downstream took in. */
export const demandSubmitted = (demandLineId: string, more: Record<string, unknown> = {}) => ({
  topic: 'demand.submitted',
  payload: {
    demandLineId,
    memberId: 'mbr_carla',
    styleId: 'sty_1',
    campaignId: null,
    kind: 'PRESALE',
    quantity: 200,
    dueDate: '2026-12-10',
    latestDate: '2026-12-20',
    shipToUnlocode: 'CNHGH',
    status: 'OPEN',
    changedAt: '2026-11-21T00:00:00.000Z',
    ...more,
  },
});

/** The event of an allocation to a maker of anna for demand of carla. */
export const allocationChanged = (allocationId: string, more: Record<string, unknown> = {}) => ({
  topic: 'allocation.changed',
  payload: {
    allocationId,
    demandLineId: 'dln_1',
    styleId: 'sty_1',
    gln: '9520000000011',
    distributorGln: null,
    memberId: 'mbr_anna',
    runId: 'run_1',
    quantity: 100,
    unitPrice: cny(1_000),
    promisedDate: '2026-12-10',
    status: 'OFFERED',
    previousStatus: 'PROPOSED',
    declineReason: null,
    changedAt: '2026-11-22T08:00:00.000Z',
    campaignId: null,
    demandMemberId: 'mbr_carla',
    origin: 'REPORTED',
    originUnlocode: 'CNHGH',
    destinationUnlocode: 'CNSHA',
    slots: [],
    distributorMemberId: null,
    ...more,
  },
});

/** The event of a shipment that a distributor booked. */
export const shipmentBooked = (allocationId: string, distributorMemberId: string) => ({
  topic: 'shipment.booked',
  payload: {
    gsin: '95200000000000015',
    allocationId,
    distributorGln: '9520000000028',
    memberId: distributorMemberId,
    carrier: 'River',
    status: 'BOOKED',
    plannedArrival: '2026-12-09T00:00:00.000Z',
    eta: '2026-12-09T00:00:00.000Z',
    changedAt: '2026-11-22T08:00:00.000Z',
    distributorMemberId,
    demandMemberId: 'mbr_carla',
    freight: null,
  },
});

export const codes = ({ problems }: { problems: { code: string }[] }): string[] => problems.map((problem) => problem.code);
