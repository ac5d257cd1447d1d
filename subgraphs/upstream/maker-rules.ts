// What a maker's own data must fulfil; the same for a new maker and for new values.
import {
  checkAmount,
  checkCount,
  checkForm,
  checkOneCurrency,
  checkRange,
  checkText,
  checkUnique,
  INT_MOST,
} from '../../subgraph-kit/checks.ts';
import type { Problems } from '../../subgraph-kit/problems.ts';
import { CAPABILITIES_MOST, TERMS_MOST } from './data/tables.ts';
import { explainTag } from './words.ts';
import type { CapabilityInput, TermInput } from './writes/makers.ts';

export const NAME_MOST = 200;
export const ADDRESS_MOST = 500;
const TEXT_MOST = 100;
const LEAD_DAYS_MOST = 365;
// what a column of numeric(18, 9) holds
const PRICE_FORM = /^\d{1,9}(\.\d{1,9})?$/;

export type MakerInput = {
  readonly osId?: string | null;
  readonly name?: string | null;
  readonly address?: string | null;
  readonly region?: { readonly province: string; readonly county?: string | null } | null;
  readonly location?: { readonly lat: number; readonly lng: number } | null;
  readonly supplierGroup?: string | null;
  readonly lineWorkers?: number | null;
  readonly capabilities?: readonly CapabilityInput[] | null;
  readonly terms?: readonly TermInput[] | null;
};

export function checkMaker(input: MakerInput, problems: Problems): void {
  checkForm(problems, input.osId, ['osId'], /^[A-Z]{2}\d{7}[A-Z0-9]{6}$/, 'an OS ID like IN20223053NJQAG');
  checkText(problems, input.name, ['name'], NAME_MOST);
  checkText(problems, input.address, ['address'], ADDRESS_MOST);
  checkText(problems, input.region?.province, ['region', 'province'], TEXT_MOST);
  checkText(problems, input.region?.county, ['region', 'county'], TEXT_MOST);
  checkText(problems, input.supplierGroup, ['supplierGroup'], NAME_MOST);
  checkRange(problems, input.location?.lat, ['location', 'lat'], { from: -90, to: 90, unit: 'degrees' });
  checkRange(problems, input.location?.lng, ['location', 'lng'], { from: -180, to: 180, unit: 'degrees' });
  checkRange(problems, input.lineWorkers, ['lineWorkers'], { from: 0, to: 1_000_000, unit: 'workers' });
  checkCapabilities(problems, input.capabilities);
  checkTerms(problems, input.terms);
}

function checkCapabilities(problems: Problems, capabilities: readonly CapabilityInput[] | null | undefined): void {
  const path = 'capabilities';
  checkCount(problems, capabilities, [path], CAPABILITIES_MOST);
  checkUnique(problems, capabilities, [path], ({ tag, evidence }) => JSON.stringify([tag, evidence?.trim() ?? null]));
  capabilities?.forEach(({ tag, stage, evidence }, i) => {
    const wrong = explainTag(tag, stage);
    if (wrong !== null) problems.add('BAD_CODE', [path, i, 'tag'], wrong);
    checkText(problems, evidence, [path, i, 'evidence'], TEXT_MOST);
  });
}

function checkTerms(problems: Problems, terms: readonly TermInput[] | null | undefined): void {
  const path = 'terms';
  checkCount(problems, terms, [path], TERMS_MOST);
  checkUnique(problems, terms, [path], ({ category }) => category ?? 'all others');
  terms?.forEach((term, i) => {
    checkRange(problems, term.moq, [path, i, 'moq'], { from: 1, to: INT_MOST, unit: 'pieces' });
    checkRange(problems, term.leadTimeDays, [path, i, 'leadTimeDays'], { from: 0, to: LEAD_DAYS_MOST, unit: 'days' });
    if (!PRICE_FORM.test(term.minutePrice) || !(Number(term.minutePrice) > 0)) {
      problems.add(
        'OUT_OF_RANGE',
        [path, i, 'minutePrice'],
        `expected a price above zero with at most 9 decimals, got ${term.minutePrice}`,
      );
    }
    checkAmount(problems, term.setupCost, [path, i, 'setupCost']);
    checkOneCurrency(problems, [{ amountMinor: 0, currency: term.currency }, term.setupCost], [path, i, 'setupCost', 'currency']);
  });
}
