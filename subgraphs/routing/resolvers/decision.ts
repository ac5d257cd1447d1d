// Decisions: why a line went to whom. A maker that reads one knows itself and no other by name.
import { toMoney } from '../../../subgraph-kit/money.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import { isHub, isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import type { Resolvers } from '../../../subgraph-kit/schema.ts';
import { decisionsByAge, type DecisionsArgs } from '../data/lists.ts';
import {
  decisions,
  policies,
  prices,
  runs,
  type DecisionRow,
  type PriceRow,
  type StoredCandidate,
  type StoredExclusion,
} from '../data/tables.ts';
import { chosenOf, runnerUpOf } from '../explain/choose-facts.ts';
import { tellDecision } from '../explain/tell-decision.ts';
import { readLanguage } from '../explain/words.ts';
import { isInputKept } from '../loaders/plan.ts';
import { toListPage } from './list-page.ts';
import type { Context } from './parts.ts';

type Shown = { readonly candidate: StoredCandidate; readonly decision: DecisionRow };

const mayNameAll = (viewer: Principal, decision: DecisionRow): boolean =>
  isHub(viewer) || isVisitor(viewer) || viewer.memberId === decision.demandMemberId;

const mayName =
  (viewer: Principal, decision: DecisionRow) =>
  ({ memberId }: StoredCandidate): boolean =>
    mayNameAll(viewer, decision) || memberId === viewer.memberId;

const show =
  (decision: DecisionRow) =>
  (candidate: StoredCandidate): Shown => ({ candidate, decision });

// Prices of other members' demand are not among those that a viewer may see.
async function readBinding({ binding }: DecisionRow, { loaders }: Context): Promise<PriceRow[]> {
  const rows = await Promise.all(binding.map((priceId) => loaders.row(prices, priceId)));
  return rows.filter((row) => row !== null);
}

const decisionFields: Readonly<Record<string, (row: DecisionRow, args: never, context: Context) => unknown>> = {
  demandLine: ({ demandLineId }) => ({ demandLineId }),
  run: ({ runId }, _, { loaders }) => loaders.row(runs, runId),
  chosen: (row) => chosenOf(row).map(show(row)),
  runnerUp: (row) => {
    const candidate = runnerUpOf(row);
    return candidate === null ? null : show(row)(candidate);
  },
  considered: (row, args: PageArgs) => toListPage(row.candidates.map(show(row)), args),
  excluded: (row, _, { principal }) =>
    row.excluded.map((exclusion) => ({ ...exclusion, examples: mayNameAll(principal, row) ? exclusion.examples : [] })),
  bindingConstraints: (row, _, context) => readBinding(row, context),
  // no variable of the model could hold a payment
  paidPlacement: () => false,
  policy: async ({ runId }, _, { loaders }) => {
    const run = await loaders.row(runs, runId);
    return run === null ? null : loaders.row(policies, run.policyVersion);
  },
  replayable: async ({ runId }, _, context) => {
    const hash = (await context.loaders.row(runs, runId))?.inputHash ?? null;
    return hash !== null && context.loaders.batch(isInputKept, hash, context);
  },
  text: async (row, { locale }: { locale: string }, context) => {
    const language = readLanguage(locale);
    return tellDecision({ decision: row, prices: await readBinding(row, context), mayName: mayName(context.principal, row) }, language);
  },
};

export const decisionResolvers: Resolvers = {
  Query: {
    decision: (_: unknown, { decisionId }: { decisionId: string }, { loaders }: Context) => loaders.row(decisions, decisionId),
    decisions: (_: unknown, args: DecisionsArgs, { loaders }: Context) => loaders.rootPage(decisions, decisionsByAge, args),
  },
  RoutingDecision: {
    ...decisionFields,
    __resolveReference: ({ decisionId }: { decisionId: string }, { loaders }: Context) => loaders.row(decisions, decisionId),
  },
  Candidate: {
    maker: ({ candidate, decision }: Shown, _: unknown, { principal }: Context) =>
      mayName(principal, decision)(candidate) ? { gln: candidate.gln } : null,
    quantity: ({ candidate }: Shown) => candidate.quantity,
    totalCost: ({ candidate, decision }: Shown) => toMoney(candidate.totalCostMinor, decision.facts.currency),
    reducedCost: ({ candidate }: Shown) => candidate.reducedCost,
    currency: ({ decision }: Shown) => decision.facts.currency,
    terms: ({ candidate, decision }: Shown) =>
      candidate.terms.map(({ kind, amountMinor }) => ({ kind, amount: toMoney(amountMinor, decision.facts.currency) })),
    // whoever was shut out is no candidate
    excludedBy: () => [],
  },
  ExclusionCount: {
    examples: ({ examples }: StoredExclusion) => examples.map((gln) => ({ gln })),
  },
};
