// despatchShipment: what leaves the maker, in units with their contents; issues the despatch advice.
import { checkNotFuture } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import { Refusal, createProblems } from '../../../subgraph-kit/problems.ts';
import type { Tx } from '../data/client.ts';
import { findOfOtherStyle, lockLots } from '../data/copies.ts';
import { shipments, type ContentRow, type ShipmentRow, type ShipmentStatus, type UnitRow } from '../data/shipment-tables.ts';
import {
  findUnits,
  insertMilestones,
  insertUnits,
  issueDocument,
  nextPlace,
  readMilestones,
  reportMove,
  updateShipment,
} from '../data/shipments.ts';
import { shipmentStates } from '../state-machines.ts';
import { checkUnits, countPieces, sumByLot, type UnitInput } from '../units.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & { readonly gsin: string; readonly units: readonly UnitInput[]; readonly at: Date };

export const despatchShipment = changes<Input, ShipmentRow, ShipmentRow, ShipmentStatus>({
  name: 'despatchShipment',
  by: ['DISTRIBUTOR'],
  answer: { field: 'shipment', table: shipments },
  row: { table: shipments, key: (input) => [input.gsin] },
  move: { machine: shipmentStates, from: (row) => row.status, to: () => 'PICKED_UP' },
  check: (input, problems, { clock }) => {
    checkNotFuture(problems, input.at, clock.now(), ['at']);
    checkUnits(problems, input.units);
  },
  write: async (write) => {
    const { tx, input, emit, row, changedAt, context } = write;
    await checkUnitsAreNew(write);
    await checkStyle(write, row);
    await checkStock(write, row);
    await insertUnits(tx, toUnitRows(input), toContentRows(input));
    const position = nextPlace(await readMilestones(tx, row.gsin));
    await insertMilestones(tx, [
      { gsin: row.gsin, position, code: 'PICKED_UP', at: input.at, planned: null, source: 'DISTRIBUTOR', note: null },
    ]);
    const issuing = { gsin: row.gsin, memberId: row.memberId, receiverMemberId: row.demandMemberId, references: [] };
    const advice = await issueDocument({ tx, emit }, { type: 'DESPATCH_ADVICE', ...issuing }, context.clock);
    const after = await updateShipment(tx, row.gsin, { status: 'PICKED_UP', despatchAdviceId: advice.documentId, changedAt });
    const pieces = [...sumByLot(input.units).values()].reduce((sum, quantity) => sum + quantity, 0);
    reportMove({ emit }, { before: row, after, code: 'PICKED_UP', pieces });
    return after;
  },
});

async function checkUnitsAreNew({ tx, input }: Write<Tx, Input>): Promise<void> {
  const problems = createProblems();
  const ssccs = input.units.map((unit) => unit.sscc);
  const taken = await findUnits(tx, ssccs);
  ssccs.forEach((sscc, i) => {
    if (taken.has(sscc)) problems.add('DUPLICATE', ['units', i, 'sscc'], `a unit with the SSCC ${sscc} was despatched before`);
  });
  if (problems.list.length > 0) throw new Refusal(problems.list);
}

// Midstream learns the style of a trade item from its sales; one that was never sold may be of any.
async function checkStyle({ tx, input }: Write<Tx, Input>, { allocationId }: ShipmentRow): Promise<void> {
  const allocation = await tx.allocationCopy.findUniqueOrThrow({ where: { allocationId } });
  const gtins = input.units.flatMap((unit) => unit.contents.map(({ gtin }) => gtin));
  const others = await findOfOtherStyle(tx, gtins, allocation.styleId);
  const problems = createProblems();
  input.units.forEach((unit, i) =>
    unit.contents.forEach(({ gtin }, j) => {
      if (others.has(gtin))
        problems.add('NOT_OF_STYLE', ['units', i, 'contents', j, 'gtin'], `${gtin} is not of the style ${allocation.styleId}`);
    }),
  );
  if (problems.list.length > 0) throw new Refusal(problems.list);
}

// The lots are locked, so that two shipments at once do not take the same pieces.
async function checkStock({ tx, input }: Write<Tx, Input>, { allocationId }: ShipmentRow): Promise<void> {
  const wanted = sumByLot(input.units);
  const lots = await lockLots(tx, [...wanted.keys()]);
  const ofAllocation = new Map(lots.filter((lot) => lot.allocationId === allocationId).map((lot) => [lot.lotId, lot]));
  const problems = createProblems();
  input.units.forEach((unit, i) =>
    unit.contents.forEach(({ lotId }, j) => {
      if (ofAllocation.has(lotId)) return;
      problems.add('NOT_FOUND', ['units', i, 'contents', j, 'lotId'], `no lot of this allocation with good pieces has the id ${lotId}`);
    }),
  );
  for (const [lotId, pieces] of wanted) {
    const lot = ofAllocation.get(lotId);
    if (lot === undefined) continue;
    const good = lot.status === 'SCRAPPED' ? 0 : lot.goodQty;
    if (pieces + lot.shippedQty <= good) continue;
    const words = `${good} good pieces of the lot ${lotId} are known, ${lot.shippedQty} have left; ${pieces} cannot leave`;
    problems.add('STOCK_SHORT', ['units'], words);
  }
  if (problems.list.length > 0) throw new Refusal(problems.list);
}

function toUnitRows({ gsin, units }: Input): UnitRow[] {
  const pieces = countPieces(units);
  return units.map(({ sscc, parentSscc }, position) => ({
    sscc,
    gsin,
    position,
    parentSscc: parentSscc ?? null,
    quantity: pieces.get(sscc) ?? 0,
  }));
}

const toContentRows = ({ gsin, units }: Input): ContentRow[] =>
  units.flatMap(({ sscc, contents }) =>
    contents.map(({ gtin, lotId, quantity }, position) => ({ sscc, position, gsin, gtin, lotId, quantity })),
  );
