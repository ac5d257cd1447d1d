// registerSite, updateSite.
import { checkGln, checkRange, checkText } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import { sites, type SiteRow } from '../data/tables.ts';
import { insertSites } from '../data/write.ts';

const { creates, changes } = createMutationKinds<Tx>();

type RegisterInput = MutationInput & {
  readonly siteGln: string;
  readonly distributorGln?: string | null;
  readonly name: string;
  readonly kind: string;
  readonly unlocode: string;
  readonly freeCubicMetres: number;
};
type UpdateInput = MutationInput & { readonly siteGln: string; readonly name?: string | null; readonly freeCubicMetres?: number | null };

const answer = { field: 'site', table: sites };
const room = { from: 0, to: 100_000_000, unit: 'cubic metres' };

export const registerSite = creates<RegisterInput, SiteRow>({
  name: 'registerSite',
  by: 'ANY',
  answer,
  check: (input, problems) => {
    checkGln(problems, input.siteGln, ['siteGln']);
    checkText(problems, input.name, ['name']);
    checkRange(problems, input.freeCubicMetres, ['freeCubicMetres'], room);
  },
  write: async (write) => {
    const { tx, emit, input, actor, origin, now, refuse } = write;
    const { siteGln, kind, unlocode, freeCubicMetres } = input;
    if ((await tx.site.findUnique({ where: { siteGln } })) !== null)
      refuse('DUPLICATE', ['siteGln'], `a place with the GLN ${siteGln} is entered already`);
    const distributorGln = await ownDistributor(write);
    const made: SiteRow = {
      siteGln,
      memberId: actor.memberId,
      origin,
      distributorGln,
      name: input.name.trim(),
      kind,
      unlocode,
      freeCubicMetres,
      changedAt: now,
    };
    await insertSites({ tx, emit }, [made]);
    return made;
  },
});

async function ownDistributor({ tx, input, actor, refuse }: Write<Tx, RegisterInput>): Promise<string | null> {
  const gln = input.distributorGln ?? null;
  if (gln === null) return null;
  const found = await tx.distributor.findUnique({ where: { gln } });
  if (found === null) return refuse('NOT_FOUND', ['distributorGln'], `no distributor has the GLN ${gln}`);
  if (found.memberId !== actor.memberId) return refuse('NOT_YOURS', ['distributorGln'], `the distributor ${gln} belongs to another member`);
  return gln;
}

export const updateSite = changes<UpdateInput, SiteRow>({
  name: 'updateSite',
  by: 'ANY',
  answer,
  row: { table: sites, key: (input) => [input.siteGln] },
  check: (input, problems) => {
    checkText(problems, input.name, ['name']);
    checkRange(problems, input.freeCubicMetres, ['freeCubicMetres'], room);
  },
  write: async ({ tx, emit, input, row, changedAt }) => {
    const data = { name: input.name?.trim() ?? row.name, freeCubicMetres: input.freeCubicMetres ?? row.freeCubicMetres, changedAt };
    const changed = await tx.site.update({ where: { siteGln: row.siteGln }, data });
    emit('site.changed', changed);
    return changed;
  },
});
