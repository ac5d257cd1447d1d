/** Lots and their stages. */
import { PIECES, WORK, type Level, type Piece } from '../chain.ts';
import type { World } from '../world.ts';
import type { Entry } from './entry.ts';

const fields = 'lot { lotId status }';

const lot = async (world: World, { lotId }: Piece): Promise<Record<string, unknown>> => {
  const { data } = await world.hub.ask(world.maker, `{ lot(lotId: "${lotId}") { changedAt } }`);
  return { lotId, ifChangedAt: data.lot.changedAt };
};
const held = async (world: World): Promise<Piece> =>
  world.chain.lotMove('holdLot', await world.chain.take('begun'), { reason: 'MACHINE_DOWN' });
const closed = async (world: World): Promise<Piece> => world.chain.lotMove('closeLot', await world.chain.take('completed'));
const at = (level: Exclude<Level, 'offered' | 'accepted'>) => (world: World) => world.chain.take(level);

type Move = {
  readonly from: (world: World) => Promise<Piece>;
  readonly wrong: (world: World) => Promise<Piece>;
  readonly topics?: readonly string[];
  readonly more?: Record<string, unknown>;
};

const move = ({ from, wrong, topics = ['lot.progressed'], more = {} }: Move): Entry => ({
  works: async (w) => ({ player: w.maker, input: { ...(await lot(w, await from(w))), ...more } }),
  fields,
  topics,
  other: (w) => w.otherMaker,
  forbidden: async (w) => ({ player: w.maker, input: { lotId: (await wrong(w)).lotId, ...more } }),
});

export const lotRows: Readonly<Record<string, Entry>> = {
  // work that begins freezes its allocation
  releaseLot: move({ from: (w) => w.chain.planned(), wrong: at('released'), topics: ['lot.progressed', 'allocation.changed'] }),
  reportStage: {
    ...move({
      from: at('released'),
      wrong: (w) => w.chain.planned(),
      topics: ['lot.progressed', 'demand.changed'],
      more: { stage: WORK[0], qtyIn: PIECES, qtyOut: 60, scrap: 2, at: '2026-11-22T09:00:00Z' },
    }),
    fields: 'lot { lotId progressBps }',
  },
  holdLot: move({ from: at('begun'), wrong: at('completed'), more: { reason: 'LABOUR_SHORT' } }),
  resumeLot: move({ from: held, wrong: at('released') }),
  completeLot: move({ from: at('worked'), wrong: at('begun'), more: { goodQty: PIECES } }),
  closeLot: move({ from: at('completed'), wrong: at('worked'), topics: ['lot.closed', 'quality.recorded'] }),
  scrapLot: move({ from: at('begun'), wrong: closed, topics: ['lot.closed'], more: { note: 'the dye runs' } }),
};
