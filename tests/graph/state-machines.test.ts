/**
 * Every move of every state machine, through the gateway: what the machine allows is done, all else is refused as WRONG_STATE. Rows are put
 * into a state by hand, so that each move is tried from each of them.
 */
import { isLegalMove, type StateMachine } from '../../subgraph-kit/state-machine.ts';
import { campaignStates, demandStates, styleLife } from '../../subgraphs/downstream/state-machines.ts';
import { shipmentStates } from '../../subgraphs/midstream/state-machines.ts';
import { settlementStates } from '../../subgraphs/routing/money/settlement-states.ts';
import { allocationStates, runStates, SOLVED } from '../../subgraphs/routing/state-machines.ts';
import { lotStates } from '../../subgraphs/upstream/lot-states.ts';
import { makerStates } from '../../subgraphs/upstream/words.ts';
import { startTestHub, type Player, type SubgraphName, type TestHub } from '../_kit/hub.ts';
import { route } from '../_kit/route.ts';
import { PIECES, WORK } from './chain.ts';
import { createWorld, yuan, type World } from './world.ts';

let hub: TestHub;
let world: World;

beforeAll(async () => {
  hub = await startTestHub();
  world = await createWorld(hub, hub.change);
  await world.chain.take('received', 3);
}, 120_000);
afterAll(() => hub.stop());

const change = (player: Player, name: string, input: Record<string, unknown>, fields: string): Promise<any> =>
  hub.change(player, name, input, fields);
const ask = (player: Player, source: string, variables: Record<string, unknown>) => hub.ask(player, source, variables);
const codes = (payload: any): string[] => payload.problems.map((problem: { code: string }) => problem.code);
const attempt = async (player: Player, name: string, input: Record<string, unknown>): Promise<string[]> =>
  codes(await change(player, name, { ...input, idempotencyKey: world.key() }, '__typename'));

/** Puts a row into a state. */
const put = (subgraph: SubgraphName, table: string, [key, id]: readonly [string, string], status: string): Promise<unknown> =>
  hub.running[subgraph].db.$executeRawUnsafe(`UPDATE "${table}" SET "status" = '${status}' WHERE "${key}" = $1`, id);

describe('state machines', () => {
  it('a style takes every legal step of its life and no other', async () => {
    await expectAllMoves(styleLife, async (from, to) => {
      const { styleId } = await world.newStyle();
      await hub.running.downstream.db.$executeRawUnsafe(`UPDATE "Style" SET "life" = '${from}' WHERE "styleId" = $1`, styleId);
      return codes(await change(world.creator, 'updateStyle', { styleId, life: to, idempotencyKey: world.key() }, 'style { life }'));
    });
  }, 60_000);
  it('a maker takes every legal move and no other', async () => {
    await expectAllMoves(makerStates, async (from, to) => {
      const { gln } = await world.newMaker();
      await hub.running.upstream.db.$executeRawUnsafe(`UPDATE "Maker" SET "status" = '${from}' WHERE "gln" = $1`, gln);
      return codes(await change(world.maker, 'updateMaker', { gln, status: to, idempotencyKey: world.key() }, 'maker { status }'));
    });
  });
  it('a campaign takes every legal move and no other', async () => {
    const moves: Partial<Record<string, string>> = {
      PRESALE: 'openPresale',
      LIVE: 'closePresale',
      CLOSED: 'closeCampaign',
      CANCELLED: 'cancelCampaign',
    };
    const { creatorId } = await world.newCreator();
    const { styleId } = await world.newStyle();
    await expectAllMoves(campaignStates, async (from, to) => {
      const mutation = moves[to];
      if (mutation === undefined) return isLegalMove(campaignStates, from, to) ? [] : ['WRONG_STATE'];
      const { campaignId } = (
        await world.done(world.creator, 'createCampaign', world.campaignInput(creatorId, [styleId]), 'campaign { campaignId }')
      ).campaign;
      await hub.running.downstream.db.$executeRawUnsafe(`UPDATE "Campaign" SET "status" = '${from}' WHERE "campaignId" = $1`, campaignId);
      const reason = mutation === 'cancelCampaign' ? { reason: 'OTHER' } : {};
      return codes(await change(world.creator, mutation, { campaignId, ...reason, idempotencyKey: world.key() }, 'campaign { status }'));
    });
  }, 60_000);
  it('a demand line is withdrawn from every state that allows it and from no other', async () => {
    const style = await world.newStyle();
    for (const from of Object.keys(demandStates.moves) as (keyof typeof demandStates.moves)[]) {
      const { demandLines } = await world.done(
        world.creator,
        'submitDemands',
        { demands: [world.demandInput(style)] },
        'demandLines { demandLineId }',
      );
      const { demandLineId } = demandLines[0];
      await hub.running.downstream.db.$executeRawUnsafe(
        `UPDATE "DemandLine" SET "status" = '${from}' WHERE "demandLineId" = $1`,
        demandLineId,
      );
      const seen = (await ask(world.creator, 'query ($id: ID!) { demandLine(demandLineId: $id) { status } }', { id: demandLineId })).data
        .demandLine.status;
      expect(seen).toBe(from);
      const answer = codes(
        await change(
          world.creator,
          'cancelDemand',
          { demandLineId, reason: 'FOUND_ELSEWHERE', idempotencyKey: world.key() },
          'demandLine { status }',
        ),
      );
      expect([from, answer]).toEqual([from, isLegalMove(demandStates, from, 'CANCELLED') ? [] : ['WRONG_STATE']]);
    }
  });

  it('an allocation takes every legal move that members make and no other; what was countered only a run accepts', async () => {
    const { allocationId } = await world.chain.take('offered');
    const moves: Partial<Record<string, readonly [mutation: string, more?: Record<string, unknown>]>> = {
      ACCEPTED: ['acceptAllocation'],
      DECLINED: ['declineAllocation', { reason: 'NOT_OUR_WORK' }],
      COUNTERED: ['counterAllocation', { quantity: 60, unitPrice: yuan(5), promisedDate: '2026-12-09' }],
      FROZEN: ['freezeAllocation'],
    };
    const own = { ...allocationStates, moves: { ...allocationStates.moves, COUNTERED: ['SUPERSEDED'] as const } };
    await expectAllMoves(own, async (from, to) => {
      const [mutation, more] = moves[to] ?? [];
      if (mutation === undefined) return isLegalMove(own, from, to) ? [] : ['WRONG_STATE'];
      await put('routing', 'Allocation', ['allocationId', allocationId], from);
      return attempt(world.maker, mutation, { allocationId, ...more });
    });
  }, 60_000);
  it('a run is committed once it has a plan, and once', async () => {
    const { runId } = (await change(hub.hub, 'reroute', { idempotencyKey: world.key() }, 'run { runId }')).run;
    expect(await attempt(hub.hub, 'commitRun', { runId })).toEqual(['WRONG_STATE']);
    await hub.settle();
    for (const status of Object.keys(runStates.moves) as (keyof typeof runStates.moves)[]) {
      if (status === 'RUNNING') continue;
      const run = await route(hub);
      await put('routing', 'Run', ['runId', run.runId], status);
      const answers = [
        await attempt(hub.hub, 'commitRun', { runId: run.runId }),
        await attempt(hub.hub, 'commitRun', { runId: run.runId }),
      ];
      expect([status, answers]).toEqual([status, [SOLVED.includes(status) ? [] : ['WRONG_STATE'], ['WRONG_STATE']]]);
    }
  }, 60_000);
  it('a lot takes every legal move and no other', async () => {
    const done = await world.chain.take('worked', 3);
    const fresh = await world.chain.take('released', 3);
    const report = { stage: WORK[0], qtyIn: PIECES, qtyOut: PIECES, at: world.chain.at() };
    const moves: Partial<Record<string, readonly [mutation: string, more?: Record<string, unknown>]>> = {
      RELEASED: ['releaseLot'],
      ON_HOLD: ['holdLot', { reason: 'QUALITY' }],
      COMPLETED: ['completeLot', { goodQty: PIECES }],
      CLOSED: ['closeLot'],
      SCRAPPED: ['scrapLot', { note: 'burnt' }],
    };
    await expectAllMoves(lotStates, async (from, to) => {
      const begins = to === 'IN_PROGRESS' && from !== 'ON_HOLD';
      const { lotId } = begins ? fresh : done;
      const [mutation, more] = moves[to] ?? (begins ? ['reportStage', report] : ['resumeLot']);
      if (mutation === undefined) return isLegalMove(lotStates, from, to) ? [] : ['WRONG_STATE'];
      await put('upstream', 'ProductionLot', ['lotId', lotId], from);
      return to === 'PLANNED' ? ['WRONG_STATE'] : attempt(world.maker, mutation, { lotId, ...more });
    });
  }, 60_000);
  it('a shipment takes every legal move and no other', async () => {
    const gone = await world.chain.take('despatched', 6);
    const booked = await world.chain.take('booked', 3);
    const milestones: Partial<Record<string, string>> = {
      IN_TRANSIT: 'DEPARTED',
      CUSTOMS: 'CUSTOMS_ENTERED',
      ARRIVED: 'ARRIVED',
      EXCEPTION: 'DELAYED',
    };
    await expectAllMoves(shipmentStates, async (from, to) => {
      if (to === 'BOOKED') return ['WRONG_STATE'];
      const receives = to === 'DELIVERED' && isLegalMove(shipmentStates, from, to);
      const piece = receives ? await world.chain.take('despatched', 6) : from === 'BOOKED' ? booked : gone;
      await put('midstream', 'Shipment', ['gsin', piece.gsin], from);
      const player = world.distributor;
      if (to === 'PICKED_UP') return attempt(player, 'despatchShipment', await world.chain.despatchInput(piece));
      if (to === 'CANCELLED') return attempt(player, 'cancelShipment', { gsin: piece.gsin, note: 'not needed' });
      if (to === 'DELIVERED') return attempt(player, 'receiveShipment', await world.chain.receiveInput(piece));
      const code = milestones[to];
      return attempt(player, 'reportMilestone', { gsin: piece.gsin, code, at: world.chain.at(), source: 'CARRIER' });
    });
  }, 120_000);
  it('a settlement is paid out, disputed, resolved and closed from the states that allow it and from no other', async () => {
    const { settlementId } = await world.chain.paid('received');
    const states = Object.keys(settlementStates.moves) as (keyof typeof settlementStates.moves)[];
    const runs: Record<string, readonly [by: Player, isLegal: (status: (typeof states)[number]) => boolean]> = {
      disputeSettlement: [world.creator, (status) => isLegalMove(settlementStates, status, 'DISPUTED')],
      resolveDispute: [hub.hub, (status) => status === 'DISPUTED'],
      releaseSettlement: [hub.hub, (status) => status === 'DEPOSIT_HELD' || status === 'PARTIALLY_RELEASED'],
      closeSettlement: [hub.hub, (status) => isLegalMove(settlementStates, status, 'CLOSED')],
    };
    for (const [mutation, [player, isLegal]] of Object.entries(runs)) {
      for (const status of states) {
        await hub.running.routing.db.$executeRawUnsafe(
          `UPDATE "Settlement" SET "status" = '${status}', "statusBefore" = ${status === 'DISPUTED' ? `'RELEASED'` : 'NULL'} WHERE "settlementId" = $1`,
          settlementId,
        );
        const more = mutation.endsWith('Settlement') && mutation !== 'disputeSettlement' ? {} : { note: 'short sleeves' };
        const answer = (await attempt(player, mutation, { settlementId, ...more })).filter((code) => code !== 'NOTHING_DUE');
        expect([mutation, status, answer]).toEqual([mutation, status, isLegal(status) ? [] : ['WRONG_STATE']]);
      }
    }
  }, 60_000);

  async function expectAllMoves<S extends string>(machine: StateMachine<S>, move: (from: S, to: S) => Promise<string[]>): Promise<void> {
    const states = Object.keys(machine.moves) as S[];
    for (const from of states) {
      for (const to of states) {
        if (from === to) continue;
        expect([from, to, await move(from, to)]).toEqual([from, to, isLegalMove(machine, from, to) ? [] : ['WRONG_STATE']]);
      }
    }
  }
});
