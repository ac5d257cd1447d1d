/** A maker among competitors: what it is offered, what it loses and why, its work, and its money. */
import { addDays } from '../../lib/clock/clock.ts';
import { route } from '../_kit/route.ts';
import { today, yuan } from '../graph/world.ts';
import { expectHidden, expectSeenByHub, plantCanaries, type Canaries } from './_canary.ts';
import {
  bookingInput,
  carton,
  demandInput,
  enterCarrier,
  enterCreator,
  enterMaker,
  proposeStyle,
  startStage,
  submit,
  WORK,
  type Carrier,
  type Stage,
  type Star,
  type Style,
  type Trade,
} from './_cast.ts';

/** Pieces of the lines: one is made, one countered, one declined. */
const PIECES = { made: 120, countered: 200, declined: 150 } as const;
type Line = keyof typeof PIECES;
let stage: Stage;
let canaries: Canaries;
let oak: Trade;
let pine: Trade;
let carrier: Carrier;
let ann: Star;
let style: Style;
let lotId = '';
const lines = { made: '', countered: '', declined: '' };
const jobs = { made: '', countered: '', declined: '' };
let settlementId = '';

beforeAll(async () => {
  stage = await startStage();
  canaries = await plantCanaries(stage);
  const place = { sewing: 'KNIT_OVERLOCK', unlocode: 'CNHGH' };
  oak = await enterMaker(stage, 'Oak Works', { ...place, minutePrice: '1.25' });
  pine = await enterMaker(stage, 'Pine Works', { ...place, minutePrice: '1.40' });
  carrier = await enterCarrier(stage, 'Elm Road', 'CNHGH', 'CNSHA');
  ann = await enterCreator(stage, 'Ann');
  style = await proposeStyle(stage, ann, 'Rain Tee', { maker: oak, sewing: 'KNIT_OVERLOCK', carrier });
  const wishes = Object.values(PIECES).map((pieces) => demandInput(style, null, pieces, 'CNSHA'));
  [lines.made = '', lines.countered = '', lines.declined = ''] = await submit(stage, ann, wishes);
  await route(stage.hub, { commit: true });
}, 120_000);
afterAll(() => stage.hub.stop());

const lineOf = async (of: Line, fields: string): Promise<any> =>
  (await stage.see(ann.player, `{ demandLine(demandLineId: "${lines[of]}") { ${fields} } }`)).demandLine;
const jobsOf = async ({ player }: Trade, status: string, fields = 'allocationId'): Promise<any[]> =>
  (await stage.see(player, `{ allocations(status: [${status}], first: 50) { nodes { ${fields} } } }`)).allocations.nodes;

describe('what is offered', () => {
  it('the cheaper maker sees its jobs, whose they are and until when it must answer', async () => {
    const fields =
      'allocationId quantity answerBy maker { name } demandLine { demandLineId member { memberId } dueDate } slots { stage day minutes }';
    const offers = await jobsOf(oak, 'OFFERED', fields);
    expect(offers.map(({ quantity }) => quantity).toSorted((a, b) => a - b)).toEqual([120, 150, 200]);
    for (const { answerBy, maker, demandLine, slots } of offers) {
      expect(new Date(answerBy).getTime() - stage.hub.clock.now().getTime()).toBeLessThanOrEqual(48 * 3_600_000);
      expect(new Date(answerBy).getTime() - stage.hub.clock.now().getTime()).toBeGreaterThan(47 * 3_600_000);
      expect(maker.name).toBe('Oak Works');
      expect(demandLine.member.memberId).toBe(ann.player.memberId);
      expect(new Set(slots.map(({ stage: at }: { stage: string }) => at))).toEqual(new Set(WORK));
    }
    for (const part of ['made', 'countered', 'declined'] as const)
      jobs[part] = offers.find(({ demandLine }) => demandLine.demandLineId === lines[part]).allocationId;
  });
  it('the other sees none of them, and may not answer', async () => {
    expect(await jobsOf(pine, 'OFFERED, ACCEPTED')).toEqual([]);
    expect(await stage.see(pine.player, `{ allocation(allocationId: "${jobs.made}") { quantity } }`)).toEqual({ allocation: null });
    expect(await stage.codesOf(pine.player, 'acceptAllocation', { allocationId: jobs.made })).toEqual(['NOT_YOURS']);
    expect(await stage.codesOf(pine.player, 'declineAllocation', { allocationId: jobs.made, reason: 'OTHER' })).toEqual(['NOT_YOURS']);
  });
  it('the minutes of an offer are held: the load of its maker, and of no other', async () => {
    const held = async ({ player, gln }: Trade): Promise<number> => {
      const of = `capacity(from: "${today}", to: "${addDays(today, 30)}", first: 200) { nodes { heldMinutes } }`;
      const { maker } = await stage.see(player, `{ maker(gln: "${gln}") { ${of} } }`);
      return maker.capacity.nodes.reduce((sum: number, node: { heldMinutes: number }) => sum + node.heldMinutes, 0);
    };
    // 470 pieces of 3.25 minutes, rounded up by bucket
    expect(await held(oak)).toBeGreaterThanOrEqual(470 * 3.25);
    expect(await held(oak)).toBeLessThan(470 * 3.25 + 100);
    expect(await held(pine)).toBe(0);
  });
});

describe('why a job was lost', () => {
  const seen = 'maker { name } quantity reducedCost totalCost { amountMinor }';
  it('the loser reads the decision: its own distance, and no name of who won, in both languages', async () => {
    const { decisions } = await stage.see(
      pine.player,
      `{ decisions(first: 50) { nodes { outcome chosen { ${seen} } runnerUp { ${seen} } considered { nodes { ${seen} } } en: text zh: text(locale: "zh") } } }`,
    );
    expect(decisions.nodes).toHaveLength(3);
    for (const { chosen, runnerUp, considered, en, zh } of decisions.nodes) {
      expect(chosen).toMatchObject([{ maker: null, quantity: expect.any(Number) }]);
      expect(runnerUp).toMatchObject({ maker: { name: 'Pine Works' }, quantity: 0 });
      // 3.25 minutes that cost 0.15 more, and the risk of defects on them
      expect(Number(runnerUp.reducedCost)).toBeCloseTo(3.25 * 0.15 * 1.05, 6);
      expect(considered.nodes.map(({ maker }: any) => maker?.name ?? null)).toEqual([null, 'Pine Works']);
      for (const text of [en, zh]) expect(text).not.toContain('Oak Works');
      for (const text of [en, zh]) expect(text).toContain('Pine Works');
      expect(en).toContain('Another maker makes');
      expect(en).toContain('would have to fall by CNY 0.5119 a piece');
      expect(zh).toContain('另一家工厂');
      expect(zh).toContain('还要降低 CNY 0.5119 才会入选');
    }
  });
  it('whoever asked for it reads both names', async () => {
    const { decision } = await lineOf('made', `decision { chosen { ${seen} } runnerUp { ${seen} } text }`);
    expect(decision).toMatchObject({ chosen: [{ maker: { name: 'Oak Works' } }], runnerUp: { maker: { name: 'Pine Works' } } });
    expect(decision.text).toContain('Oak Works');
  });
});

describe('answers', () => {
  it('one job is accepted, one countered, one declined; the next run decides on what is left', async () => {
    const { player } = oak;
    await stage.done(player, 'acceptAllocation', { allocationId: jobs.made }, 'allocation { status }');
    const terms = { quantity: PIECES.countered, unitPrice: yuan(4.3), promisedDate: addDays(today, 13) };
    await stage.done(player, 'counterAllocation', { allocationId: jobs.countered, ...terms }, 'allocation { status }');
    await stage.done(player, 'declineAllocation', { allocationId: jobs.declined, reason: 'NO_CAPACITY' }, 'allocation { status }');
    await stage.hub.settle();
    expect(await lineOf('declined', 'status')).toEqual({ status: 'OPEN' });
    await route(stage.hub, { commit: true });
  });
  it('the counter-offer was still the best: it is taken with its own terms', async () => {
    const { allocations } = await lineOf(
      'countered',
      'allocations(status: [OFFERED, COUNTERED, ACCEPTED]) { nodes { status quantity promisedDate unitPrice { amountMinor } maker { name } } }',
    );
    expect(allocations.nodes).toEqual([
      {
        status: 'ACCEPTED',
        quantity: 200,
        promisedDate: addDays(today, 13),
        unitPrice: { amountMinor: 430 },
        maker: { name: 'Oak Works' },
      },
    ]);
  });
  it('what was declined goes to the other maker, and who declined is counted under that', async () => {
    const line = await lineOf(
      'declined',
      'allocations(status: [OFFERED]) { nodes { maker { name } } } decision { excluded { reason makers } text }',
    );
    expect(line.allocations.nodes).toEqual([{ maker: { name: 'Pine Works' } }]);
    // and the maker of the second set does other work
    expect(line.decision.excluded).toEqual(
      expect.arrayContaining([
        { reason: 'DECLINED_BEFORE', makers: 1 },
        { reason: 'CAPABILITY_MISSING', makers: 1 },
      ]),
    );
    expect(line.decision.text).toContain('declined this order before');
    expect((await jobsOf(pine, 'OFFERED', 'quantity')).map(({ quantity }) => quantity)).toEqual([150]);
  });
});

describe('the work and its money', () => {
  const partsOf = async (): Promise<any> => {
    const fields =
      'status gross { amountMinor } splits { basis amount { amountMinor } releaseRule releasedAt payee { ... on Maker { name } } }';
    return (
      await stage.see(
        oak.player,
        `{ settlement(settlementId: "${settlementId}") { ${fields} cashFlows { nodes { kind at amount { amountMinor } } } } }`,
      )
    ).settlement;
  };
  // 120 pieces at 4.06, of which three tenths beforehand
  const [deposit, rest] = [14_616, 34_104];

  it('its deposit is paid when buyers have paid and it has accepted; nothing else of the settlement is shown to it', async () => {
    const source = `{ allocation(allocationId: "${jobs.made}") { settlement { settlementId } lot { lotId } } }`;
    const job = (await stage.see(oak.player, source)).allocation;
    settlementId = job.settlement.settlementId;
    lotId = job.lot.lotId;
    const payment = { settlementId, kind: 'DEPOSIT', direction: 'IN', amount: yuan(9_480), due: today, at: stage.at() };
    await stage.done(stage.hub.hub, 'recordCashFlow', { ...payment, party: { memberId: ann.player.memberId } }, 'cashFlow { cashFlowId }');
    await stage.done(stage.hub.hub, 'releaseSettlement', { settlementId }, 'settlement { status }');
    await stage.hub.settle();
    const settlement = await partsOf();
    expect(settlement).toMatchObject({ status: 'PARTIALLY_RELEASED', gross: null });
    expect(settlement.splits).toEqual([
      {
        basis: 'MAKER_PRICE',
        amount: { amountMinor: deposit },
        releaseRule: 'ON_ACCEPTANCE',
        releasedAt: expect.any(String),
        payee: { name: 'Oak Works' },
      },
      { basis: 'MAKER_PRICE', amount: { amountMinor: rest }, releaseRule: 'ON_RECEIPT', releasedAt: null, payee: { name: 'Oak Works' } },
    ]);
    const paid = settlement.cashFlows.nodes.filter(({ at }: any) => at !== null);
    expect(paid).toMatchObject([{ kind: 'MAKER_PAYMENT', amount: { amountMinor: deposit } }]);
    expect(await stage.see(pine.player, `{ settlement(settlementId: "${settlementId}") { status } }`)).toEqual({ settlement: null });
  });

  it('its lot is reported stage by stage, by nobody else', async () => {
    const pieces = PIECES.made;
    expect(await stage.codesOf(pine.player, 'releaseLot', { lotId })).toEqual(['NOT_YOURS']);
    expect(await stage.see(pine.player, `{ lot(lotId: "${lotId}") { status } }`)).toEqual({ lot: null });
    await stage.done(oak.player, 'releaseLot', { lotId }, 'lot { status }');
    for (const [i, at] of WORK.entries()) {
      const report = { lotId, stage: at, qtyIn: pieces, qtyOut: pieces, at: stage.at() };
      const { lot } = await stage.done(oak.player, 'reportStage', report, 'lot { status progressBps progress { stage qtyOut } }');
      expect(lot.status).toBe('IN_PROGRESS');
      expect(lot.progress.filter(({ qtyOut }: any) => qtyOut === pieces).map(({ stage: of }: any) => of)).toEqual(WORK.slice(0, i + 1));
    }
    await stage.done(oak.player, 'completeLot', { lotId, goodQty: pieces }, 'lot { status }');
    await stage.hub.settle();
    const { lots } = await stage.see(oak.player, '{ lots(first: 50) { nodes { status plannedQty goodQty allocation { status } } } }');
    expect(lots.nodes).toEqual(
      expect.arrayContaining([
        { status: 'COMPLETED', plannedQty: 120, goodQty: 120, allocation: { status: 'FROZEN' } },
        { status: 'PLANNED', plannedQty: 200, goodQty: 0, allocation: { status: 'ACCEPTED' } },
      ]),
    );
    expect(lots.nodes).toHaveLength(2);
  });

  it('the rest of its price is paid once the goods were received', async () => {
    const { player, siteGln } = carrier;
    const { shipment } = await stage.done(player, 'bookShipment', bookingInput(carrier, jobs.made), 'shipment { gsin }');
    const { gsin } = shipment;
    await stage.hub.settle();
    const gtin = style.gtins[0];
    const units = [carton(gtin, lotId, PIECES.made)];
    await stage.done(player, 'despatchShipment', { gsin, units, at: stage.at() }, 'shipment { status }');
    const came = [{ gtin, lotId, good: PIECES.made, damaged: 0 }];
    await stage.done(player, 'receiveShipment', { gsin, siteGln, lines: came, at: stage.at() }, 'shipment { status }');
    await stage.hub.settle();
    await stage.done(stage.hub.hub, 'releaseSettlement', { settlementId }, 'settlement { status }');
    await stage.hub.settle();
    const { splits, cashFlows } = await partsOf();
    expect(splits.every(({ releasedAt }: any) => releasedAt !== null)).toBe(true);
    const amounts = cashFlows.nodes.filter(({ at }: any) => at !== null).map(({ amount }: any) => amount.amountMinor);
    expect(amounts.toSorted()).toEqual([deposit, rest]);
    expect(await jobsOf(oak, 'COMPLETED')).toEqual([{ allocationId: jobs.made }]);
  });
});

describe('rows of another maker, with its own buyers and distributors', () => {
  it('are all seen by the hub', () => expectSeenByHub(stage, canaries), 60_000);
  it('are not seen by a maker that did the same', () => expectHidden(stage, canaries, oak.player), 60_000);
});
