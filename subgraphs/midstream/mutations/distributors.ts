// registerDistributor, updateDistributor, publishTariffs.
import { checkGln, checkText } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import { distributors, type DistributorRow } from '../data/tables.ts';
import { insertDistributors, replaceSlas, replaceTariffs } from '../data/write.ts';
import { checkSlas, checkTariffs, toSlaRows, toTariffRows, type SlaInput, type TariffInput } from './terms.ts';

const { creates, changes } = createMutationKinds<Tx>();

type RegisterInput = MutationInput & {
  readonly gln: string;
  readonly name: string;
  readonly country: string;
  readonly slas: readonly SlaInput[];
};
type UpdateInput = MutationInput & { readonly gln: string; readonly name?: string | null; readonly slas?: readonly SlaInput[] | null };
type PublishInput = MutationInput & { readonly gln: string; readonly tariffs: readonly TariffInput[] };

const answer = { field: 'distributor', table: distributors };
const row = { table: distributors, key: (input: { readonly gln: string }) => [input.gln] };

export const registerDistributor = creates<RegisterInput, DistributorRow>({
  name: 'registerDistributor',
  by: ['DISTRIBUTOR'],
  answer,
  check: (input, problems) => {
    checkGln(problems, input.gln, ['gln']);
    checkText(problems, input.name, ['name']);
    checkSlas(problems, input.slas);
  },
  write: async ({ tx, emit, input, actor, origin, now, refuse }) => {
    const { gln, country } = input;
    if ((await tx.distributor.findUnique({ where: { gln } })) !== null)
      refuse('DUPLICATE', ['gln'], `a distributor with the GLN ${gln} is entered already`);
    const made: DistributorRow = { gln, memberId: actor.memberId, origin, name: input.name.trim(), country, changedAt: now };
    await insertDistributors({ tx, emit }, [made], toSlaRows(gln, input.slas));
    return made;
  },
});

export const updateDistributor = changes<UpdateInput, DistributorRow>({
  name: 'updateDistributor',
  by: ['DISTRIBUTOR'],
  answer,
  row,
  check: (input, problems) => {
    checkText(problems, input.name, ['name']);
    checkSlas(problems, input.slas);
  },
  write: async ({ tx, emit, input, row: { gln, name }, changedAt }) => {
    const changed = await tx.distributor.update({ where: { gln }, data: { name: input.name?.trim() ?? name, changedAt } });
    if (input.slas) await replaceSlas({ tx, emit }, gln, toSlaRows(gln, input.slas));
    emit('distributor.changed', changed);
    return changed;
  },
});

export const publishTariffs = changes<PublishInput, DistributorRow>({
  name: 'publishTariffs',
  by: ['DISTRIBUTOR'],
  answer,
  row,
  check: (input, problems) => checkTariffs(problems, input.tariffs),
  write: async ({ tx, emit, input, row: { gln }, changedAt }) => {
    const changed = await tx.distributor.update({ where: { gln }, data: { changedAt } });
    await replaceTariffs({ tx, emit }, changed, toTariffRows(gln, input.tariffs));
    return changed;
  },
});
