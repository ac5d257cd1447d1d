/**
 * Conditions on events (`@feed(where:)`) → a function. Exports `compileFilter`. A condition whose argument is null or left out is dropped; an
 * event without the field, or with null there, equals nothing but null and is neither less nor greater than anything.
 */
import type { FeedComparison, FeedCondition, FeedField, FeedOperand } from '../supergraph/index.ts';
import { orderOfInstants, toInstant } from './instant.ts';

type Values = Readonly<Record<string, unknown>>;
/** `payload`: of the event, an object. */
export type Filter = (payload: Values) => boolean;

/** `args`: of the subscription's field, coerced. */
export function compileFilter({ where }: Pick<FeedField, 'where'>, args: Values): Filter {
  return compileAll(where, args) ?? (() => true);
}

/** Null: all of them were dropped. */
function compileAll(conditions: readonly FeedCondition[], args: Values): Filter | null {
  const kept = conditions.flatMap((condition) => compileCondition(condition, args) ?? []);
  return kept.length === 0 ? null : (payload) => kept.every((filter) => filter(payload));
}

function compileCondition(condition: FeedCondition, args: Values): Filter | null {
  switch (condition.kind) {
    case 'not': {
      const inner = compileAll(condition.of, args);
      return inner === null ? null : (payload) => !inner(payload);
    }
    case 'and':
    case 'or': {
      const parts = condition.of.flatMap((one) => compileAll(one, args) ?? []);
      if (parts.length === 0) return null;
      return condition.kind === 'and'
        ? (payload) => parts.every((part) => part(payload))
        : (payload) => parts.some((part) => part(payload));
    }
    case 'compare': {
      const values = valuesOf(condition.operand, args);
      return values === null ? null : compileComparison(condition.field, condition.comparison, values);
    }
  }
}

function valuesOf(operand: FeedOperand, args: Values): readonly unknown[] | null {
  if (operand.kind === 'values') return operand.values;
  const value = Object.hasOwn(args, operand.name) ? args[operand.name] : null;
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? (value as readonly unknown[]) : [value]; // coerced by the schema
}

function compileComparison(field: string, comparison: FeedComparison, values: readonly unknown[]): Filter {
  const read = (payload: Values): unknown => (Object.hasOwn(payload, field) ? (payload[field] ?? null) : null);
  const [value = null] = values;
  switch (comparison) {
    case 'eq':
      return (payload) => isEqual(read(payload), value);
    case 'not':
      return (payload) => !isEqual(read(payload), value);
    case 'in':
      return (payload) => values.some((one) => isEqual(read(payload), one));
    case 'lt':
      return (payload) => order(read(payload), value) < 0;
    case 'lte':
      return (payload) => order(read(payload), value) <= 0;
    case 'gt':
      return (payload) => order(read(payload), value) > 0;
    case 'gte':
      return (payload) => order(read(payload), value) >= 0;
  }
}

const DECIMAL = /^-?\d{1,300}(?:\.\d{1,300})?$/;

/** An id is equal to the number that it is written as, and texts only to themselves, also those of decimals and instants. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === null || other === null || typeof one === 'boolean' || typeof other === 'boolean') return one === other;
  return toText(one) !== null && toText(one) === toText(other);
}

/**
 * Less than 0, 0 or greater than 0; NaN where the two have no order. Decimals by value and instants (RFC 3339) by time, both exactly; other
 * texts by code unit.
 */
function order(one: unknown, other: unknown): number {
  const [a, b] = [toText(one), toText(other)];
  if (a === null || b === null) return Number.NaN;
  if (DECIMAL.test(a) && DECIMAL.test(b)) return orderOfDecimals(a, b);
  const [instant, otherInstant] = [toInstant(a), toInstant(b)];
  if (instant !== null && otherInstant !== null) return orderOfInstants(instant, otherInstant);
  if (typeof one === 'number' || typeof other === 'number') return Number(a) - Number(b);
  return a < b ? -1 : Number(a > b);
}

function toText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

function orderOfDecimals(a: string, b: string): number {
  const places = Math.max(placesOf(a), placesOf(b));
  const difference = toUnits(a, places) - toUnits(b, places);
  return difference < 0n ? -1 : Number(difference > 0n);
}

function placesOf(text: string): number {
  return text.length - 1 - (text.includes('.') ? text.indexOf('.') : text.length - 1);
}

/** 12.5 with two places: 1250. */
function toUnits(text: string, places: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(places, '0'));
}
