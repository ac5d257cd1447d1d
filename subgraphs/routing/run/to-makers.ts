// Makers as the model wants them: what they can do and show, how well they work, and their terms in the currency of the hub.
import { daysBetween, toBusinessDay } from '../../../lib/clock/clock.ts';
import type { InputMaker, InputTerm } from '../model/types.ts';
import type { Exchange } from './exchange.ts';
import type { MakerNode } from './questions.ts';
import type { Own } from './read-own.ts';

type Known = { readonly own: Own; readonly exchange: Exchange; readonly today: string; readonly timeZone: string };

/** All makers, also those that take no work: each counts under the reason why it was not chosen. */
export function toMakers(nodes: readonly MakerNode[], known: Known): InputMaker[] {
  // a row that moved while pages were read may have come twice
  const byGln = new Map(nodes.map((node) => [node.gln, node]));
  return [...byGln.values()].flatMap((node) => toMaker(node, known) ?? []);
}

function toMaker(node: MakerNode, { own, exchange, today, timeZone }: Known): InputMaker | null {
  const { gln, member, name, status, country, unlocode, capabilities } = node;
  if (member === null) return null;
  const enteredAt = own.enteredAt.get(gln);
  return {
    gln,
    memberId: member.memberId,
    name,
    status,
    country,
    unlocode,
    daysKnown: enteredAt === undefined ? 0 : Math.max(0, daysBetween(toBusinessDay(enteredAt, timeZone), today)),
    capabilities: [...new Set(capabilities.map(({ tag }) => tag))],
    certificates: [...new Set(capabilities.flatMap(({ evidence }) => evidence ?? []))],
    qualityScore: node.quality?.score ?? null,
    terms: node.terms.map((term) => toTerm(term, exchange)),
  };
}

const LEFT_OUT = 'terms of makers';

function toTerm(
  { category, moq, acceptsShortLots, minutePrice, currency, setupCost }: MakerNode['terms'][number],
  exchange: Exchange,
): InputTerm {
  return {
    category,
    moq,
    acceptsShortLots,
    minutePrice: exchange.major(Number(minutePrice), currency, LEFT_OUT),
    setupCost: exchange.money(setupCost, LEFT_OUT),
  };
}
