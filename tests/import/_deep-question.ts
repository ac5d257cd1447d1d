/** The deep question over all four subgraphs, asked of a hub beside which the real files are imported. */
import { addDays } from '../../lib/clock/clock.ts';
import { withCheckDigit } from '../../subgraph-kit/gs1.ts';
import { startTestHub, type TestHub } from '../_kit/hub.ts';
import { makeDataFolder, startImport } from './_process.ts';

type Check = (promise: string, kept: boolean, found?: unknown) => void;

const TODAY = '2026-11-22';
const QUESTION = `query ($first: Int!, $from: Date!, $to: Date!) {
  creators(first: $first) { nodes { displayName member { name } campaigns(first: 3) { nodes { title styles(first: 3) { nodes {
    name smvTotal operations { stage } member { name }
    skus(first: 1) { nodes { gtin availableToPromise inventory(first: 2) { nodes { onHand site { name distributor { name tariffs { price { amountMinor } } } } } } } }
    demand(status: [OPEN], first: 2) { nodes { quantity dueDate shipToUnlocode member { name } feasibleMakers(first: 3) { infeasibleBecause unitPrice { amountMinor currency } maker { name region { county } member { name } capacity(from: $from, to: $to, first: 3) { totalCount nodes { stage freeMinutes } } } } } }
  } } } } } }
}`;

/** Imports the files while the hub runs, waits until every event is applied, and asks. */
export async function proveDeepQuestion(files: Readonly<Record<string, string>>, check: Check): Promise<void> {
  const hub = await startTestHub();
  try {
    const variables = await makeDataFolder(hub.database);
    for (const [format, file] of Object.entries(files)) {
      const { code, stderr } = await startImport(variables, [format, file]).ended;
      check(`${format} are imported beside a running hub`, code === 0, stderr);
    }
    await settle(hub);
    check('every event was passed on and applied', true);
    await enterStock(hub);
    await askDeep(hub, check);
  } finally {
    await hub.stop();
  }
}

const TRIES = 15;

async function settle(hub: TestHub): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await hub.settle();
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}

// No public file has stock or tariffs: a distributor enters some, as a member would.
async function enterStock(hub: TestHub): Promise<void> {
  const player = await hub.enter('mbr_prove', ['DISTRIBUTOR']);
  let key = 0;
  const change = (name: string, input: Record<string, unknown>, fields: string): Promise<unknown> =>
    hub.change(player, name, { ...input, idempotencyKey: `prove-${(key += 1)}` }, fields);
  const [gln, siteGln] = [withCheckDigit('952100000001'), withCheckDigit('952100000002')];
  await change('registerDistributor', { gln, name: 'Proof Lanes', country: 'GB', slas: [] }, 'distributor { gln }');
  await change(
    'publishTariffs',
    { gln, tariffs: [{ service: 'HANDLING', unit: 'H87', price: { amountMinor: 12, currency: 'CNY' }, validFrom: TODAY }] },
    'distributor { gln }',
  );
  await change(
    'registerSite',
    { siteGln, distributorGln: gln, name: 'Proof Yard', kind: 'WAREHOUSE', unlocode: 'GBLON' },
    'site { siteGln }',
  );
  const { data } = await hub.ask(hub.hub, '{ styles(first: 200) { nodes { skus(first: 1) { nodes { gtin } } } } }');
  for (const style of data.styles.nodes)
    await change('adjustInventory', { siteGln, gtin: style.skus.nodes[0].gtin, delta: 40, reason: 'COUNT' }, 'position { onHand }');
  await settle(hub);
}

async function askDeep(hub: TestHub, check: Check): Promise<void> {
  const variables = { from: TODAY, to: addDays(TODAY, 20) };
  const statements: number[] = [];
  // few creators need not have an answer at every depth, and then ask less
  for (const first of [6, 12, 24]) {
    statements.push(
      await hub.countStatements(async () => {
        const beganMs = performance.now();
        const { data, errors } = await hub.ask(hub.hub, QUESTION, { ...variables, first });
        check(
          `the deep question answers for ${first} creators`,
          errors === undefined && data.creators.nodes.length === first,
          `${Math.round(performance.now() - beganMs)} ms${errors === undefined ? '' : ` ${errors[0]?.message ?? ''}`}`,
        );
        if (first === 24) checkAnswer(data, check);
      }),
    );
  }
  check('with the same number of statements for 6, 12 and 24', new Set(statements).size === 1, statements);
}

function checkAnswer(data: any, check: Check): void {
  const creators: any[] = data.creators.nodes;
  const styles: any[] = creators.flatMap((c) => c.campaigns.nodes).flatMap((c) => c.styles.nodes);
  const demand: any[] = styles.flatMap((s) => s.demand.nodes);
  const quotes: any[] = demand.flatMap((d) => d.feasibleMakers);
  const feasible = quotes.filter((q) => q.infeasibleBecause.length === 0);
  const capacity: any[] = feasible.flatMap((q) => q.maker.capacity.nodes);
  check(
    'with campaigns, styles and the work on them',
    styles.length > 24 && styles.every((s) => s.smvTotal > 0 && s.operations.length > 0),
    `${styles.length} styles`,
  );
  check('with demand that waits', demand.length > 0, `${demand.length} lines`);
  check(
    'with makers that can serve it, at a price, with free minutes',
    feasible.every((q) => q.unitPrice.amountMinor > 0) && capacity.length > 0,
    `${feasible.length} of ${quotes.length} quotes, ${capacity.length} buckets`,
  );
  check(
    'with owners',
    [...creators, ...styles, ...demand, ...quotes.map((q) => q.maker)].every((node) => typeof node.member?.name === 'string'),
  );
  const stock: any[] = styles.flatMap((s) => s.skus.nodes).flatMap((s) => s.inventory.nodes);
  check(
    'with stock and tariffs',
    stock.some((p) => p.onHand === 40 && p.site.distributor.tariffs[0].price.amountMinor === 12),
    `${stock.length} positions`,
  );
}
