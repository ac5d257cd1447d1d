/** Settlements, payments, rates and fees. */
import { feesInput, type Piece } from '../chain.ts';
import { today, type World } from '../world.ts';
import { STATELESS, type Attempt, type Entry } from './entry.ts';

const HUB_ONLY = 'only the hub may';

const dispute = async (world: World, piece: Piece): Promise<Piece> =>
  world.chain.settle(piece, 'disputeSettlement', { note: 'half of the sleeves are short' }, world.creator);
const payOut = async (world: World, piece: Piece): Promise<Piece> => world.chain.settle(piece, 'releaseSettlement');
const released = async (world: World): Promise<Piece> => payOut(world, await world.chain.paid('received'));
const closed = async (world: World): Promise<Piece> => world.chain.settle(await released(world), 'closeSettlement');

const settlement = async (world: World, { settlementId }: Piece): Promise<Record<string, unknown>> => {
  const { data } = await world.hub.ask(world.hub.hub, `{ settlement(settlementId: "${settlementId}") { changedAt } }`);
  return { settlementId, ifChangedAt: data.settlement.changedAt };
};
const byHub = async (world: World, piece: Piece, more: Record<string, unknown> = {}): Promise<Attempt> => ({
  player: world.hub.hub,
  input: { ...(await settlement(world, piece)), ...more },
});
const fields = 'settlement { settlementId status }';
const moves = (works: Entry['works'], forbidden: Entry['forbidden'], topics: readonly string[]): Entry => {
  return { works, fields, topics, other: HUB_ONLY, forbidden };
};
const note = { note: 'the sleeves are as ordered' };

export const moneyRows: Readonly<Record<string, Entry>> = {
  recordCashFlow: {
    works: async (w) => ({
      player: w.hub.hub,
      input: w.chain.payment(await w.chain.take('offered'), { kind: 'BALANCE', documentId: 'doc_of_the_bank' }),
    }),
    fields: 'cashFlow { cashFlowId }',
    topics: ['cash.moved', 'settlement.posted'],
    other: HUB_ONLY,
    forbidden: async (w) => ({ player: w.hub.hub, input: w.chain.payment(await closed(w)) }),
  },
  releaseSettlement: moves(
    async (w) => byHub(w, await w.chain.paid('accepted')),
    async (w) => byHub(w, await w.chain.take('accepted')),
    ['cash.moved', 'settlement.posted'],
  ),
  disputeSettlement: {
    works: async (w) => ({
      player: w.creator,
      input: { ...(await settlement(w, await w.chain.take('accepted'))), note: 'short sleeves' },
    }),
    fields,
    topics: ['settlement.posted'],
    other: (w) => w.otherCreator,
    forbidden: async (w) => ({ player: w.creator, input: { settlementId: (await closed(w)).settlementId, note: 'too late' } }),
  },
  resolveDispute: moves(
    async (w) => byHub(w, await dispute(w, await w.chain.take('accepted')), note),
    async (w) => byHub(w, await w.chain.take('accepted'), note),
    ['settlement.posted'],
  ),
  closeSettlement: moves(
    async (w) => byHub(w, await released(w)),
    async (w) => byHub(w, await payOut(w, await w.chain.paid('accepted'))),
    ['cash.moved', 'settlement.posted'],
  ),
  recordFxRates: {
    works: async (w) => {
      const rate = { date: today, from: 'EUR', to: 'CNY', rate: '7.81' };
      await w.done(w.hub.hub, 'recordFxRates', { rates: [rate] }, 'rates { rate }');
      return { player: w.hub.hub, input: { rates: [{ ...rate, rate: '7.8265' }] } };
    },
    fields: 'rates { date from to rate }',
    topics: ['rate.recorded'],
    other: HUB_ONLY,
    forbidden: STATELESS,
  },
  publishFees: {
    works: async (w) => ({ player: w.hub.hub, input: feesInput(`table.${w.next()}`) }),
    fields: 'fees { version }',
    topics: ['fees.published'],
    other: HUB_ONLY,
    forbidden: STATELESS,
  },
};
