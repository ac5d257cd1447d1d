// A decision in words. What is said is chosen once (choose-facts.ts); this file only puts it into sentences, in English and in Chinese.
import { chooseFacts, type DecisionView, type Facts, type RunnerUp, type Winner } from './choose-facts.ts';
import { formatOf, WORDS, type Format, type Language, type Words } from './words.ts';

/** The text of a decision as the viewer may read it. */
export function tellDecision(view: DecisionView, language: Language): string {
  const facts = chooseFacts(view);
  const tongue: Tongue = { words: WORDS[language], format: formatOf(language, facts.currency) };
  return language === 'en' ? tellInEnglish(facts, tongue).join(' ') : tellInChinese(facts, tongue).join('');
}

// What was cheaper by its own costs was left out for what its minutes are worth.
const isCheaper = (difference: number | null): boolean => difference !== null && difference < 0;

type Tongue = { readonly words: Words; readonly format: Format };

// ---- English ----

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const list = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
const several = (count: number, format: Format, word: string): string => `${format.count(count)} ${count === 1 ? word : `${word}s`}`;
const wasOrWere = (count: number): string => (count === 1 ? 'was' : 'were');

function tellInEnglish(facts: Facts, tongue: Tongue): string[] {
  const { words, format } = tongue;
  const { wanted, winners, runnerUp, excluded, unserved } = facts;
  const days = `by ${format.day(facts.dueDay)}, at the latest by ${format.day(facts.latestDay)}`;
  const said = [`${several(wanted, format, 'piece')} of ${facts.styleName} ${wasOrWere(wanted)} asked for ${days}.`];
  for (const winner of winners) said.push(...winnerInEnglish(winner, tongue));
  if (winners.length === 0) said.push('No maker was chosen.');
  if (runnerUp !== null) said.push(...runnerUpInEnglish(runnerUp, facts, tongue));
  said.push(`Of ${several(facts.makers, format, 'maker')}, ${format.count(facts.compared)} ${wasOrWere(facts.compared)} compared in full.`);
  if (excluded.length > 0)
    said.push(`Not considered: ${list(excluded.map(({ reason, makers }) => `${format.count(makers)} ${words.reason[reason]}`))}.`);
  if (unserved !== null)
    said.push(`${several(unserved.pieces, format, 'piece')} ${wasOrWere(unserved.pieces)} not placed: ${words.because[unserved.because]}.`);
  if (facts.limits.length > 0) said.push(limitsInEnglish(facts, tongue));
  if (facts.pieceCost !== null) said.push(`One more piece would cost ${format.piece(facts.pieceCost)}.`);
  said.push('No payment had any part in this decision.');
  return said;
}

function winnerInEnglish(
  { name, pieces, unitPriceMinor, hasSetup, totalMinor, promisedDay, terms }: Winner,
  { words, format }: Tongue,
): string[] {
  const job = `${several(pieces, format, 'piece')} at ${format.money(unitPriceMinor)} a piece${hasSetup ? ' with set-up' : ''}`;
  const costs = terms.map(({ kind, amountMinor }) => `${words.term[kind]} ${format.money(amountMinor)}`);
  return [
    `${capital(name ?? words.rival)} makes ${job}; all costs together are ${format.money(totalMinor)}, and the goods arrive by ${format.day(promisedDay)}.`,
    `The largest costs are ${list(costs)}.`,
  ];
}

function runnerUpInEnglish(
  { name, perPiece, difference, fall }: RunnerUp,
  { winners, unserved }: Facts,
  { words, format }: Tongue,
): string[] {
  const apart =
    difference === null ? '' : `, ${format.piece(Math.abs(difference))} a piece ${difference < 0 ? 'less' : 'more'} than what was chosen`;
  const place = winners.length === 0 ? 'nearest' : 'next best';
  const but = isCheaper(difference) ? '; its minutes are of more use to other demand' : '';
  const said = [`The ${place} was ${name ?? words.rival} with ${format.piece(perPiece)} a piece${apart}${but}.`];
  const counted = 'With the worth of scarce minutes counted,';
  if (fall > 0) said.push(`${counted} its cost would have to fall by ${format.piece(fall)} a piece for it to be chosen.`);
  // with pieces left over, or with another cost of its own, it was not the draw that kept it out
  else if (unserved === null && difference === null) said.push(`${counted} it was as good; between equals the choice is drawn by lot.`);
  else if (unserved === null) said.push(`${counted} it was as good.`);
  return said;
}

function limitsInEnglish({ limits, moreLimits }: Facts, { words, format }: Tongue): string {
  const parts = limits.map(({ stage, day, price }) => {
    const isShare = stage === null || day === null;
    const place = isShare ? 'the largest share of one maker' : `${words.stage[stage].toLowerCase()} on ${format.day(day)}`;
    return `${place}, where one more minute would save ${format.price(price)}`;
  });
  return `What was scarce: ${[...parts, ...(moreLimits > 0 ? [`and ${format.count(moreLimits)} more`] : [])].join('; ')}.`;
}

// ---- Chinese ----

const quoted = (name: string): string => `「${name}」`;

function tellInChinese(facts: Facts, tongue: Tongue): string[] {
  const { words, format } = tongue;
  const { winners, runnerUp, excluded, unserved } = facts;
  const days = `需求日${format.day(facts.dueDay)},最晚${format.day(facts.latestDay)}`;
  const said = [`需求为${quoted(facts.styleName)}${format.count(facts.wanted)} 件,${days}。`];
  for (const winner of winners) said.push(...winnerInChinese(winner, tongue));
  if (winners.length === 0) said.push('没有选定工厂。');
  if (runnerUp !== null) said.push(...runnerUpInChinese(runnerUp, facts, tongue));
  said.push(`共 ${format.count(facts.makers)} 家工厂,其中 ${format.count(facts.compared)} 家经过完整比较。`);
  if (excluded.length > 0)
    said.push(`未予考虑的有:${excluded.map(({ reason, makers }) => `${format.count(makers)} 家${words.reason[reason]}`).join('、')}。`);
  if (unserved !== null) said.push(`有 ${format.count(unserved.pieces)} 件未能安排:${words.because[unserved.because]}。`);
  if (facts.limits.length > 0) said.push(limitsInChinese(facts, tongue));
  if (facts.pieceCost !== null) said.push(`再多一件的成本为 ${format.piece(facts.pieceCost)}。`);
  said.push('任何付费都没有影响这项决定。');
  return said;
}

const nameInChinese = (name: string | null, words: Words): string => (name === null ? words.rival : quoted(name));

function winnerInChinese(
  { name, pieces, unitPriceMinor, hasSetup, totalMinor, promisedDay, terms }: Winner,
  { words, format }: Tongue,
): string[] {
  const job = `生产 ${format.count(pieces)} 件,每件 ${format.money(unitPriceMinor)}${hasSetup ? '(含换款费用)' : ''}`;
  const costs = terms.map(({ kind, amountMinor }) => `${words.term[kind]} ${format.money(amountMinor)}`);
  return [
    `${nameInChinese(name, words)}${job},全部成本合计 ${format.money(totalMinor)},货物最迟${format.day(promisedDay)}送达。`,
    `其中最大的成本是:${costs.join('、')}。`,
  ];
}

function runnerUpInChinese(
  { name, perPiece, difference, fall }: RunnerUp,
  { winners, unserved }: Facts,
  { words, format }: Tongue,
): string[] {
  const apart = difference === null ? '' : `,比选定方案每件${difference < 0 ? '低' : '高'} ${format.piece(Math.abs(difference))}`;
  const place = winners.length === 0 ? '最接近的' : '次优';
  const but = isCheaper(difference) ? ';它的工时用于其他需求更有价值' : '';
  const said = [`${place}是${nameInChinese(name, words)},每件 ${format.piece(perPiece)}${apart}${but}。`];
  if (fall > 0) said.push(`计入紧缺工时的价值后,它的成本每件还要降低 ${format.piece(fall)} 才会入选。`);
  else if (unserved === null && difference === null) said.push('计入紧缺工时的价值后,它与选定方案同样好;同等时抽签决定。');
  else if (unserved === null) said.push('计入紧缺工时的价值后,它与选定方案同样好。');
  return said;
}

function limitsInChinese({ limits, moreLimits }: Facts, { words, format }: Tongue): string {
  const parts = limits.map(({ stage, day, price }) => {
    const place = stage === null || day === null ? '单家工厂的份额上限' : `${format.day(day)}的${words.stage[stage]}工时`;
    return `${place}(多一分钟可省 ${format.price(price)})`;
  });
  return `紧缺的有:${parts.join('、')}${moreLimits > 0 ? `,另有 ${format.count(moreLimits)} 项` : ''}。`;
}
