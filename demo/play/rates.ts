// Exchange rates of the last weeks into the currency of the hub: round numbers of the year with a small walk. Not quotes of any market.
import { addDays } from '../../lib/clock/clock.ts';
import type { Stage } from '../stage.ts';

const DAYS = 30;
const inYuan: Readonly<Record<string, number>> = { USD: 7.1, EUR: 8.2, GBP: 9.4, HKD: 0.91 };

export async function recordRates(stage: Stage): Promise<void> {
  const random = stage.random('rates');
  const unit = stage.currency === 'CNY' ? 1 : inYuan[stage.currency];
  const codes = Object.keys(inYuan).filter((code) => code !== stage.currency);
  // a hub in a currency without a round number here begins without rates
  if (unit === undefined) return;
  const rates = codes.flatMap((from) => {
    let rate = (inYuan[from] ?? 1) / unit;
    return Array.from({ length: DAYS }, (_, day) => {
      rate *= 1 + (random.next() - 0.5) / 100;
      return { date: addDays(stage.today, day + 1 - DAYS), from, to: stage.currency, rate: rate.toFixed(6) };
    });
  });
  await stage.client.change(stage.hub, 'recordFxRates', { rates, idempotencyKey: stage.key('rates', stage.today) }, 'rates { rate }');
}
