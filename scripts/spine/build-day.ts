// One real day in a hub: facilities, team-days, posts of live sellers and the orders of the day by their importers; a distributor that
// serves every place of destination, and exchange rates, by mutations.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { addDays } from '../../lib/clock/clock.ts';
import { withCheckDigit } from '../../subgraph-kit/gs1.ts';
import type { Carrier } from '../../demo/play/deliver.ts';
import { recordRates } from '../../demo/play/rates.ts';
import { forEachOf, type Stage } from '../../demo/stage.ts';
import type { TestHub } from '../../tests/_kit/hub.ts';
import { makeFolder } from '../../tests/import/_kit.ts';
import { makeDataFolder, startImport } from '../../tests/import/_process.ts';
import { cutWeek, readAll, settleLong } from '../week/build-week.ts';

export const DAY = '2011-11-07';

export type Files = { readonly facilities: string; readonly orders: string; readonly productivity: string; readonly creators: string };
const lineShape = z.object({ demandLineId: z.string(), quantity: z.number(), shipToUnlocode: z.string() });
export type Line = z.infer<typeof lineShape>;
export type Day = {
  readonly lines: readonly Line[];
  /** The distributor with its place in each destination. */
  readonly carriers: ReadonlyMap<string, Carrier>;
};

export async function buildDay(hub: TestHub, stage: Stage, files: Files): Promise<Day> {
  await importAll(hub, files);
  const lines = await readAll(hub, 'demandLines', 'demandLineId quantity shipToUnlocode', lineShape);
  await recordRates(stage);
  const carriers = await enterDistributor(stage, [...new Set(lines.map((line) => line.shipToUnlocode))]);
  await settleLong(hub);
  return { lines, carriers };
}

async function importAll(hub: TestHub, files: Files): Promise<void> {
  const variables = await makeDataFolder(hub.database);
  const orders = join(await makeFolder(), 'day.csv');
  await writeFile(orders, `${(await cutWeek(files.orders, DAY, DAY)).join('\n')}\n`);
  for (const args of [
    ['facilities', files.facilities],
    ['productivity', files.productivity],
    ['creators', files.creators],
    ['orders', orders, '--history-ends', DAY],
  ]) {
    const { code, stderr, stdout } = await startImport(variables, args).ended;
    if (code !== 0) throw new Error(stderr);
    console.log(`       ${args[0]}: ${stdout.trimEnd().split('\n').at(-1) ?? ''}`);
  }
  await settleLong(hub);
}

// No public file has tariffs: one distributor carries from anywhere, at a price for each destination.
async function enterDistributor(stage: Stage, destinations: readonly string[]): Promise<ReadonlyMap<string, Carrier>> {
  const payload = await stage.client.change(
    stage.hub,
    'registerMember',
    { name: 'Proof Lanes', kinds: ['DISTRIBUTOR'], idempotencyKey: stage.key('distributor') },
    'member { memberId }',
  );
  const { memberId } = z.object({ memberId: z.string() }).parse(payload['member']);
  const player = await stage.client.enter(memberId, ['DISTRIBUTOR']);
  const gln = withCheckDigit('952100000001');
  const change = (name: string, input: Record<string, unknown>, fields: string) =>
    stage.client.change(player, name, { ...input, idempotencyKey: stage.key(name, JSON.stringify(input)) }, fields);
  await change('registerDistributor', { gln, name: 'Proof Lanes', country: 'GB', slas: [] }, 'distributor { gln }');
  const validFrom = addDays(stage.today, -30);
  const freight = destinations.map((destinationUnlocode, i) => ({
    service: 'FREIGHT',
    unit: 'KGM',
    price: stage.yuan(4 + (i % 5) / 2),
    destinationUnlocode,
    transitDays: 6,
    validFrom,
  }));
  const handling = { service: 'HANDLING', unit: 'H87', price: stage.yuan(0.3), validFrom };
  await change('publishTariffs', { gln, tariffs: [...freight, handling] }, 'distributor { gln }');
  const sites = await forEachOf(destinations, 4, async (unlocode, i) => {
    const siteGln = withCheckDigit(`952100001${String(i).padStart(3, '0')}`);
    await change(
      'registerSite',
      { siteGln, distributorGln: gln, name: `Proof Yard ${unlocode}`, kind: 'WAREHOUSE', unlocode },
      'site { siteGln }',
    );
    return [unlocode, { player, gln, siteGln }] as const;
  });
  return new Map(sites);
}
