// registerMaker: a maker enters a facility.
import { checkGln } from '../../../subgraph-kit/checks.ts';
import { toDemoGln } from '../../../subgraph-kit/gs1.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { makers, type MakerRow } from '../data/tables.ts';
import { checkMaker, type MakerInput } from '../maker-rules.ts';
import { makerStates } from '../words.ts';
import { writeMakers, type CapabilityInput, type TermInput } from '../writes/makers.ts';

const { creates } = createMutationKinds<Tx>();

type Input = MutationInput &
  MakerInput & {
    readonly gln?: string | null;
    readonly name: string;
    readonly country: string;
    readonly address: string;
    readonly unlocode?: string | null;
    readonly capabilities: readonly CapabilityInput[];
    readonly terms: readonly TermInput[];
  };

const SALTS = 20;

/** A demo GLN for a name and address; when another facility has it, a salt makes the next one. */
async function freeDemoGln(tx: Tx, text: string): Promise<string> {
  // two facilities at a time could be given the same one: one waits for the other
  await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtext('upstream.demo-gln'))`);
  const wanted = Array.from({ length: SALTS }, (_, salt) => toDemoGln(salt === 0 ? text : `${text}|${salt}`));
  const taken = new Set((await tx.maker.findMany({ where: { gln: { in: wanted } }, select: { gln: true } })).map((row) => row.gln));
  return wanted.find((gln) => !taken.has(gln)) ?? wanted[0] ?? text;
}

export const registerMaker = creates<Input, MakerRow>({
  name: 'registerMaker',
  by: ['MAKER'],
  answer: { field: 'maker', table: makers },
  check: (input, problems) => {
    checkGln(problems, input.gln, ['gln']);
    checkMaker(input, problems);
  },
  write: async (write) => {
    const { input, actor, origin, refuse } = write;
    const name = input.name.trim();
    const address = input.address.trim();
    const gln = input.gln ?? (await freeDemoGln(write.tx, `${name}|${address}`));
    const { location, region, unlocode, osId, supplierGroup, lineWorkers, country, capabilities, terms } = input;
    const [row] = await writeMakers(write, [
      {
        gln,
        memberId: actor.memberId,
        origin,
        sourceKey: null,
        osId: osId ?? null,
        name,
        status: makerStates.initial,
        country,
        province: region?.province.trim() ?? null,
        county: region?.county?.trim() ?? null,
        address,
        lat: location?.lat ?? null,
        lng: location?.lng ?? null,
        unlocode: unlocode ?? null,
        supplierGroup: supplierGroup?.trim() ?? null,
        lineWorkers: lineWorkers ?? null,
        capabilities,
        terms,
      },
    ]);
    return row ?? refuse('DUPLICATE', ['gln'], `a facility with the GLN ${gln} is entered already`);
  },
});
