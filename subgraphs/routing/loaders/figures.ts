// Figures of the control tower and of styles: for all that are asked for at once, a fixed number of statements for each window and phase.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { readBullwhip, readForecast } from '../figures/forecast.ts';
import { readMinutes, type Phase } from '../figures/minutes.ts';
import { readFairness, readOrders, readStages, type OrderFigures, type StageCycle } from '../figures/orders.ts';
import type { Styles, Window } from '../figures/scope.ts';
import type { Fairness } from '../model/types.ts';

/** `styleId` null: over all styles. */
export type MismatchKey = { readonly window: Window; readonly phase: Phase; readonly styleId: string | null };
export type MismatchIndex = Window & {
  readonly wapeBps: number | null;
  readonly biasBps: number | null;
  readonly fillRateBps: number | null;
  readonly bullwhip: number | null;
  readonly overlapBps: number | null;
  readonly unmetMinutes: bigint;
  readonly idleMinutes: bigint;
};

const windowText = ({ from, to }: Window): string => `${from} ${to}`;
const groupText = ({ window, phase, styleId }: MismatchKey): string => `${windowText(window)} ${phase} ${styleId === null ? 'all' : 'one'}`;

export const mismatchOf: Batch<MismatchKey, MismatchIndex, SubgraphContext> = {
  name: 'gaps between demand and supply',
  toText: (key) => `${groupText(key)} ${key.styleId ?? ''}`,
  load: async (keys, context) => {
    const groups = new Map<string, MismatchKey[]>();
    for (const key of keys) groups.set(groupText(key), [...(groups.get(groupText(key)) ?? []), key]);
    const read = await Promise.all([...groups].map(async ([text, group]) => [text, await readGroup(group, context)] as const));
    const byGroup = new Map(read);
    return keys.map((key) => byGroup.get(groupText(key))?.(key.styleId ?? '') ?? nothingIn(key.window));
  },
};

const nothingIn = (window: Window): MismatchIndex => ({
  ...window,
  wapeBps: null,
  biasBps: null,
  fillRateBps: null,
  bullwhip: null,
  overlapBps: null,
  unmetMinutes: 0n,
  idleMinutes: 0n,
});

// All keys of a group have one window and phase.
async function readGroup(group: readonly MismatchKey[], context: SubgraphContext): Promise<(key: string) => MismatchIndex> {
  const [first] = group;
  if (first === undefined) throw new Error('a group has at least one key');
  const { db, principal: viewer, clock, settings } = context;
  const { window, phase } = first;
  const styles: Styles = first.styleId === null ? null : group.flatMap(({ styleId }) => styleId ?? []);
  const today = toBusinessDay(clock.now(), settings.timeZone);
  const [minutes, forecasts, bullwhips] = await Promise.all([
    readMinutes(db, { viewer, window, phase, styles }),
    readForecast(db, { viewer, window, styles }),
    readBullwhip(db, { viewer, window, phase, styles, today, timeZone: settings.timeZone }),
  ]);
  return (key) => ({ ...nothingIn(window), ...minutes.get(key), ...forecasts.get(key), bullwhip: bullwhips.get(key) ?? null });
}

const ofWindows = <Value>(
  name: string,
  read: (window: Window, context: SubgraphContext) => Promise<Value>,
): Batch<Window, Value, SubgraphContext> => ({
  name,
  toText: windowText,
  load: (windows, context) => Promise.all(windows.map((window) => read(window, context))),
});

export const ordersIn = ofWindows<OrderFigures>('orders of windows', (window, { db, principal, settings }) =>
  readOrders(db, { viewer: principal, window, timeZone: settings.timeZone }),
);
export const stagesIn = ofWindows<StageCycle[]>('stages of windows', (window, { db, principal, settings }) =>
  readStages(db, { viewer: principal, window, timeZone: settings.timeZone }),
);

/** The key is always the same: there is one plan. */
export const lastFairness: Batch<'', Fairness | null, SubgraphContext> = {
  name: 'fairness of the plan',
  load: async (keys, { db }) => {
    const fairness = await readFairness(db);
    return keys.map(() => fairness);
  },
};
