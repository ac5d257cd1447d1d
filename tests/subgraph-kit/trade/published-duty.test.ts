/** The table of duties in docs/shipments.md is the one that counts. */
import { dutyBps } from '../../../subgraph-kit/trade/landed-cost.ts';
import { readPage } from '../../docs/pages.ts';

const rows = [...readPage('docs/shipments.md').matchAll(/^\| ([A-Za-z, ]+?) \| (\d+) % \| (\d+) % \| (\d+) % \| (\d+) % \|$/gm)];
const countriesOf = (words: string): string[] =>
  words.split(', ').map((word) => ({ 'European Union': 'DE', elsewhere: 'ZZ' })[word] ?? word);

it('is published for every destination that has rates of its own, and for all others', () => {
  expect(rows.flatMap(([, words = '']) => countriesOf(words)).toSorted()).toEqual([
    'AU',
    'CA',
    'CN',
    'DE',
    'GB',
    'HK',
    'IN',
    'JP',
    'KR',
    'SG',
    'US',
    'VN',
    'ZZ',
  ]);
});

it.each(rows.map(([, words = '', ...rates]) => [words, rates] as const))('is right for %s', (words, rates) => {
  for (const country of countriesOf(words))
    expect(['6109', '6203', '6302', '4202'].map((code) => dutyBps(code, 'BD', country))).toEqual(rates.map((rate) => Number(rate) * 100));
});
