// publishPolicy: the hub publishes the rules of routing; runs that begin from then on keep to them.
import { checkBps, checkCount, checkForm, checkRange, checkText, checkUnique } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import type { Tx } from '../data/client.ts';
import { policies, type PolicyRow } from '../data/tables.ts';
import { HORIZON_DAYS } from '../writes/runs.ts';
import { COST_KINDS, writePolicy, type NewPolicy } from '../writes/policy.ts';

const { creates } = createMutationKinds<Tx>();

type Input = MutationInput & NewPolicy;

const VERSION_MOST = 40;
const WEIGHT_MOST = 1_000;
const CANDIDATES_MOST = 200;

// Twelve digits before the point and six after it are what the table holds.
const checkPenalty = (problems: Problems, value: string, path: string): void =>
  checkForm(problems, value, [path], /^\d{1,12}(\.\d{1,6})?$/, 'an amount of zero or more with at most 12 digits and 6 decimals');

export const publishPolicy = creates<Input, PolicyRow>({
  name: 'publishPolicy',
  by: ['HUB'],
  answer: { field: 'policy', table: policies },
  check: (input, problems) => {
    checkText(problems, input.version, ['version'], VERSION_MOST);
    checkCount(problems, input.weights, ['weights'], COST_KINDS.length, COST_KINDS.length);
    checkUnique(problems, input.weights, ['weights'], ({ kind }) => kind);
    input.weights.forEach(({ value }, i) => checkRange(problems, value, ['weights', i, 'value'], { from: 0, to: WEIGHT_MOST }));
    checkRange(problems, input.hhiLimit, ['hhiLimit'], { from: 0, to: 1 });
    checkBps(problems, input.maxShareBps, ['maxShareBps']);
    checkRange(problems, input.frozenDays, ['frozenDays'], { from: 0, to: HORIZON_DAYS, unit: 'days' });
    checkPenalty(problems, input.unservedPenalty, 'unservedPenalty');
    checkPenalty(problems, input.latenessPenalty, 'latenessPenalty');
    checkRange(problems, input.candidateLimit, ['candidateLimit'], { from: 1, to: CANDIDATES_MOST });
  },
  write: async ({ tx, emit, now, input, context, refuse }) => {
    const { idempotencyKey: _idempotencyKey, ...policy } = input;
    const weights = input.weights.map(({ kind, value }) => ({ kind, value }));
    const row = await writePolicy({ tx, emit, now, settings: context.settings }, { ...policy, version: input.version.trim(), weights });
    return row ?? refuse('DUPLICATE', ['version'], `the version ${input.version} was used before; choose a new one`);
  },
});
