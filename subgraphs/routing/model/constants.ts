// Numbers of the model that no policy sets. docs/routing.md publishes them.
import type { CostKind, ExclusionReason, Stage } from './types.ts';

/** Stages in the order of the work. */
export const STAGES: readonly Stage[] = ['FABRIC_PREP', 'CUTTING', 'PRINTING', 'EMBROIDERY', 'SEWING', 'FINISHING', 'QC', 'PACKING'];

/** Working day of a stage, counted from the preparation of the fabric. */
export const STAGE_OFFSET: Readonly<Record<Stage, number>> = {
  FABRIC_PREP: 0,
  CUTTING: 1,
  PRINTING: 2,
  EMBROIDERY: 2,
  SEWING: 3,
  FINISHING: 4,
  QC: 4,
  PACKING: 4,
};

export const COST_KINDS: readonly CostKind[] = ['EX_WORKS', 'FREIGHT', 'DUTY', 'SETUP', 'QUALITY_RISK', 'LATENESS'];

export const EXCLUSION_REASONS: readonly ExclusionReason[] = [
  'MAKER_NOT_ACTIVE',
  'DECLINED_BEFORE',
  'CAPABILITY_MISSING',
  'CERTIFICATE_MISSING',
  'QUALITY_UNDER_FLOOR',
  'BELOW_MOQ',
  'NO_EXCHANGE_RATE',
  'PRICE_OVER_CAP',
  'CAPACITY_SHORT',
  'TOO_LATE',
  'NOT_NEAR',
];

/** Quality of a maker before its first lot. */
export const UNKNOWN_QUALITY = 0.5;
/** Part of the price ex works that the worst quality is expected to cost. */
export const QUALITY_RISK_RATE = 0.1;
/** Days of transit where no tariff covers the lane. */
export const TRANSIT_DAYS_HOME = 2;
export const TRANSIT_DAYS_ABROAD = 7;
/** Place code, behind the country, of a maker that named no place. */
export const UNKNOWN_PLACE = 'ZZZ';
/** A maker is new for so many days. */
export const NEW_MAKER_DAYS = 90;
/** Prices of minutes that are tested by solving again with one minute more and one less. */
export const PRICES_TESTED = 20;
/** Makers that are named as examples of an exclusion. */
export const EXAMPLES_MOST = 3;
/** Limits that a decision names. */
export const BINDING_MOST = 10;
/** Objective and bound that differ by less than this part are the same. */
export const SAME = 1e-6;

/** A piece that costs more, in major units of the hub, is over every cap: no plan takes it, and its total is no number one could read. */
export const MOST_PIECE_COST = 1_000_000;
/** Most that the margin of one piece counts, in major units of the hub: who claims more than any piece earns stops no run and goes before nobody. */
export const MOST_MARGIN = 10_000;
