// Distributors enter themselves, their promises, their sites and their tariffs.
import { addDays } from '../../lib/clock/clock.ts';
import type { Player } from '../client.ts';
import { toKey13 } from '../gs1.ts';
import { forEachOf, type Stage } from '../stage.ts';
import { towns } from '../words.ts';
import type { Cast } from './members.ts';

export type Site = {
  readonly player: Player;
  readonly siteGln: string;
  readonly distributorGln: string;
  readonly kind: string;
  readonly unlocode: string;
};

const siteKinds = ['WAREHOUSE', 'STORE', 'CROSS_DOCK', 'PORT'];
const destinations = ['CNSHA', 'CNCAN', 'CNPEK', 'CNCTU'];

export async function playDistributors(stage: Stage, cast: Cast): Promise<Site[]> {
  const sites = await forEachOf(cast.distributors, 6, (player, i) => enterDistributor(stage, player, i));
  return sites.flat();
}

async function enterDistributor(stage: Stage, player: Player & { name: string }, i: number): Promise<Site[]> {
  const random = stage.random('distributor', i);
  const gln = toKey13(2, i);
  const slas = [
    { measure: 'OTIF', targetBps: random.int(9_000, 9_700), penalty: stage.yuan(random.int(50, 300)) },
    { measure: 'DAMAGE_FREE', targetBps: random.int(9_800, 9_990) },
    { measure: 'STOCK_ACCURACY', targetBps: 9_900 },
  ];
  await stage.client.change(
    player,
    'registerDistributor',
    { gln, name: player.name, country: 'CN', slas, idempotencyKey: stage.key('distributor', i) },
    'distributor { gln }',
  );
  await stage.client.change(
    player,
    'publishTariffs',
    { gln, tariffs: tariffs(stage, i), idempotencyKey: stage.key('tariffs', i) },
    'distributor { gln }',
  );
  return forEachOf(siteKinds.slice(0, random.int(2, 4)), 1, async (kind, j) => {
    const town = random.pick(towns);
    const siteGln = toKey13(3, i * 10 + j);
    const name = `${player.name}, ${town.county} ${kind.toLowerCase().replace('_', ' ')}`;
    await stage.client.change(
      player,
      'registerSite',
      {
        siteGln,
        distributorGln: gln,
        name,
        kind,
        unlocode: town.unlocode,
        freeCubicMetres: random.int(100, 4_000),
        idempotencyKey: stage.key('site', i, j),
      },
      'site { siteGln }',
    );
    return { player, siteGln, distributorGln: gln, kind, unlocode: town.unlocode };
  });
}

function tariffs(stage: Stage, i: number): Record<string, unknown>[] {
  const random = stage.random('tariffs', i);
  const validFrom = addDays(stage.today, -30);
  const lanes = towns.flatMap((town) =>
    destinations.map((destinationUnlocode) => ({
      service: 'FREIGHT',
      unit: 'KGM',
      price: stage.yuan(2 + random.next() * 6),
      originUnlocode: town.unlocode,
      destinationUnlocode,
      transitDays: random.int(1, 5),
      validFrom,
    })),
  );
  const services = [
    { service: 'HANDLING', unit: 'H87', price: stage.yuan(0.2 + random.next() / 2), validFrom },
    { service: 'STORAGE', unit: 'MTQ', price: stage.yuan(1 + random.next() * 2), validFrom },
    { service: 'PICK_AND_PACK', unit: 'H87', price: stage.yuan(1 + random.next()), validFrom },
    { service: 'RETURNS', unit: 'H87', price: stage.yuan(2 + random.next()), validFrom, validTo: addDays(stage.today, 365) },
  ];
  return [...lanes, ...services];
}
