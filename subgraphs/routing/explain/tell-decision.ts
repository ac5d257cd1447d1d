// A decision in words. What is said is chosen once (choose-facts.ts); this file only puts it into sentences, in English and in Chinese.
import { chooseFacts, type DecisionView, type Facts } from './choose-facts.ts';
import { formatOf, WORDS, type Format, type Language, type Words } from './words.ts';

/** The text of a decision as the viewer may read it. */
export function tellDecision(view: DecisionView, language: Language): string {
  const facts = chooseFacts(view);
  const format = formatOf(language, facts.currency);
  const tell = language === 'en' ? tellInEnglish : tellInChinese;
  return tell(facts, WORDS[language], format).join(language === 'en' ? ' ' : '');
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const list = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
const several = (count: number, format: Format, word: string): string => `${format.count(count)} ${count === 1 ? word : `${word}s`}`;

function tellInEnglish(facts: Facts, words: Words, format: Format): string[] {
  const { winners, runnerUp, unserved, limits, pieceCost } = facts;
  const nameOf = (name: string | null): string => name ?? words.rival;
  const said = [
    `${several(facts.wanted, format, 'piece')} of ${facts.styleName} ${facts.wanted === 1 ? 'was' : 'were'} asked for by ${format.day(facts.dueDay)}, at the latest by ${format.day(facts.latestDay)}.`,
  ];
  for (const { name, pieces, unitPriceMinor, totalMinor, promisedDay, terms } of winners) {
    const costs = terms.map(({ kind, amountMinor }) => `${words.term[kind]} ${format.money(amountMinor)}`);
    said.push(
      `${capital(nameOf(name))} makes ${several(pieces, format, 'piece')} at ${format.money(unitPriceMinor)} a piece; all costs together are ${format.money(totalMinor)}, and the goods arrive by ${format.day(promisedDay)}.`,
      `The largest costs are ${list(costs)}.`,
    );
  }
  if (winners.length === 0) said.push('No maker was chosen.');
  if (runnerUp !== null) {
    const { name, perPiece, difference, fall } = runnerUp;
    const apart =
      difference === null ? '' : `, ${format.piece(Math.abs(difference))} a piece ${difference < 0 ? 'less' : 'more'} than what was chosen`;
    said.push(`The next best was ${nameOf(name)} with ${format.piece(perPiece)} a piece${apart}.`);
    said.push(
      fall === 0
        ? 'With the worth of scarce minutes counted it was as good; between equals the choice is drawn by lot.'
        : `With the worth of scarce minutes counted, its cost would have to fall by ${format.piece(fall)} a piece for it to be chosen.`,
    );
  }
  said.push(
    `Of ${several(facts.makers, format, 'maker')}, ${format.count(facts.compared)} ${facts.compared === 1 ? 'was' : 'were'} compared in full.`,
  );
  if (facts.excluded.length > 0) {
    const parts = facts.excluded.map(({ reason, makers }) => `${format.count(makers)} that ${words.reason[reason]}`);
    said.push(`Not considered were ${list(parts)}.`);
  }
  if (unserved !== null) {
    const { pieces, because } = unserved;
    said.push(`${several(pieces, format, 'piece')} ${pieces === 1 ? 'was' : 'were'} not placed: ${words.because[because]}.`);
  }
  if (limits.length > 0) {
    const parts = limits.map(({ stage, day, price }) => {
      const place =
        stage === null || day === null ? 'the largest share of one maker' : `${words.stage[stage].toLowerCase()} on ${format.day(day)}`;
      return `${place}, where one more minute would save ${format.price(price)}`;
    });
    said.push(
      `What was scarce and made it dearer: ${parts.join('; ')}${facts.moreLimits > 0 ? `; and ${format.count(facts.moreLimits)} more` : ''}.`,
    );
  }
  if (pieceCost !== null) said.push(`One more piece would cost ${format.piece(pieceCost)}.`);
  said.push('No payment had any part in this decision.');
  return said;
}

function tellInChinese(facts: Facts, words: Words, format: Format): string[] {
  const { winners, runnerUp, unserved, limits, pieceCost } = facts;
  const nameOf = (name: string | null): string => name ?? words.rival;
  const said = [
    `需求为${facts.styleName} ${format.count(facts.wanted)} 件,需求日${format.day(facts.dueDay)},最晚${format.day(facts.latestDay)}。`,
  ];
  for (const { name, pieces, unitPriceMinor, totalMinor, promisedDay, terms } of winners) {
    const costs = terms.map(({ kind, amountMinor }) => `${words.term[kind]} ${format.money(amountMinor)}`);
    said.push(
      `${nameOf(name)}生产 ${format.count(pieces)} 件,每件 ${format.money(unitPriceMinor)},全部成本合计 ${format.money(totalMinor)},货物最迟${format.day(promisedDay)}送达。`,
      `其中最大的成本是:${costs.join('、')}。`,
    );
  }
  if (winners.length === 0) said.push('没有选定工厂。');
  if (runnerUp !== null) {
    const { name, perPiece, difference, fall } = runnerUp;
    const apart = difference === null ? '' : `,比选定方案每件${difference < 0 ? '低' : '高'} ${format.piece(Math.abs(difference))}`;
    said.push(`次优是${nameOf(name)},每件 ${format.piece(perPiece)}${apart}。`);
    said.push(
      fall === 0
        ? '计入紧缺工时的价值后,它与选定方案同样好;同等时抽签决定。'
        : `计入紧缺工时的价值后,它的成本每件还要降低 ${format.piece(fall)} 才会入选。`,
    );
  }
  said.push(`共 ${format.count(facts.makers)} 家工厂,其中 ${format.count(facts.compared)} 家经过完整比较。`);
  if (facts.excluded.length > 0) {
    const parts = facts.excluded.map(({ reason, makers }) => `${format.count(makers)} 家${words.reason[reason]}`);
    said.push(`未予考虑的有:${parts.join('、')}。`);
  }
  if (unserved !== null) said.push(`有 ${format.count(unserved.pieces)} 件未能安排:${words.because[unserved.because]}。`);
  if (limits.length > 0) {
    const parts = limits.map(({ stage, day, price }) => {
      const place = stage === null || day === null ? '单家工厂的份额上限' : `${format.day(day)}的${words.stage[stage]}工时`;
      return `${place}(多一分钟可省 ${format.price(price)})`;
    });
    said.push(`因紧缺而推高成本的有:${parts.join('、')}${facts.moreLimits > 0 ? `,另有 ${format.count(facts.moreLimits)} 项` : ''}。`);
  }
  if (pieceCost !== null) said.push(`再多一件的成本为 ${format.piece(pieceCost)}。`);
  said.push('任何付费都没有影响这项决定。');
  return said;
}
