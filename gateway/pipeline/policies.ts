/**
 * Policies (`@policy`): functions of a local file that say whether somebody may read what demands them. Whatever goes wrong with one is a
 * no. Exports `loadPolicies` and `createPolicyBook`.
 */
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../lib/clock/clock.ts';
import { createError, toMessage } from '../../lib/errors/errors.ts';
import type { Principal } from '../../lib/identity/index.ts';
import type { Log } from '../../lib/log/log.ts';
import { BoundedCache } from './bounded-cache.ts';

/** Whom a policy judges. Of the claims it sees those that it declares. */
export type PolicySubject = {
  readonly member: string | null;
  readonly kinds: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
};

export type Policy = { readonly claims: readonly string[]; readonly decide: (subject: PolicySubject) => unknown };

export type PolicyBook = {
  /** Only `true` in time is a yes. Never rejects. */
  allows(policy: string, principal: Principal): boolean | Promise<boolean>;
  /** What it judges by, as text; the same for all where there is no such policy. */
  subjectOf(policy: string, principal: Principal): string;
};

/** For one call of a policy. */
const decideMs = 1_000;
/** A verdict is used again for so long. */
const verdictMs = 10_000;
/** A policy that failed says no for so long before it is called again. */
const failureMs = 1_000;
const maxVerdicts = 10_000;
/** Characters of what they were asked with. */
const maxVerdictsLength = 8_388_608;
const maxPolicies = 1_000;
const maxNoted = 1_000;

/** Throws POLICIES_UNUSABLE. */
export async function loadPolicies(file: string): Promise<ReadonlyMap<string, Policy>> {
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    const table = isRecord(module) ? (module['policies'] ?? module['default']) : undefined;
    if (!isRecord(table)) throw new Error('it exports neither `policies` nor a default');
    const entries = Object.entries(table);
    if (entries.length > maxPolicies) throw new Error(`it has more than ${maxPolicies} policies`);
    return new Map(entries.map(([name, entry]) => [name, toPolicy(name, entry)]));
  } catch (cause) {
    throw createError('POLICIES_UNUSABLE', `The policies in ${file} cannot be used: ${toMessage(cause)}.`, { cause });
  }
}

function toPolicy(name: string, entry: unknown): Policy {
  if (!isRecord(entry)) throw new Error(`the policy ${name} is no object`);
  const { claims = [], decide } = entry;
  if (!Array.isArray(claims) || !claims.every((claim) => typeof claim === 'string'))
    throw new Error(`claims of ${name} is no list of names`);
  if (typeof decide !== 'function') throw new Error(`the policy ${name} has no function decide`);
  return { claims: [...new Set(claims)].toSorted(), decide: (subject): unknown => Reflect.apply(decide, entry, [subject]) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

type Verdict = { readonly allowed: boolean | Promise<boolean>; readonly untilMs: number };

export function createPolicyBook(policies: ReadonlyMap<string, Policy>, { clock, log }: { clock: Clock; log: Log }): PolicyBook {
  const verdicts = new BoundedCache<Verdict>({ maxEntries: maxVerdicts, maxWeight: maxVerdictsLength });
  const noted = new Set<string>();
  const noteUnknown = (name: string) => {
    if (noted.has(name) || noted.size >= maxNoted) return;
    noted.add(name);
    log.warn({ policy: name }, 'a policy that the supergraph demands is not in HUB_POLICIES: what demands it is denied');
  };
  const nowMs = () => clock.now().getTime();

  return {
    subjectOf(name, principal) {
      const policy = policies.get(name);
      return JSON.stringify([name, policy ? toSubject(policy, principal) : null]);
    },
    allows(name, principal) {
      const policy = policies.get(name);
      if (!policy) {
        noteUnknown(name);
        return false;
      }
      const subject = toSubject(policy, principal);
      const key = JSON.stringify([name, subject]);
      const known = verdicts.get(key);
      if (known && nowMs() < known.untilMs) return known.allowed;
      const allowed = judge(policy, subject).then(
        (verdict) => {
          verdicts.set(key, { allowed: verdict, untilMs: nowMs() + verdictMs }, key.length);
          return verdict;
        },
        (error: unknown) => {
          // Never the subject: its claims are nobody's business
          log.warn({ policy: name, reason: error instanceof PolicyTimeout ? 'timeout' : 'failed' }, 'a policy failed: that is a no');
          verdicts.set(key, { allowed: false, untilMs: nowMs() + failureMs }, key.length);
          return false;
        },
      );
      // Until it is settled all that ask the same wait for the same call
      verdicts.set(key, { allowed, untilMs: nowMs() + verdictMs }, key.length);
      return allowed;
    },
  };
}

function toSubject({ claims }: Policy, principal: Principal): PolicySubject {
  const declared = claims.flatMap((name): [string, unknown][] =>
    Object.hasOwn(principal.claims, name) ? [[name, principal.claims[name]]] : [],
  );
  const { memberId, kinds, roles, scopes } = principal;
  return { member: memberId, kinds, roles, scopes, claims: Object.fromEntries(declared) };
}

class PolicyTimeout extends Error {}

async function judge(policy: Policy, subject: PolicySubject): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PolicyTimeout('late')), decideMs);
  });
  try {
    // A copy of its own: what a policy does to it changes nobody
    const verdict = Promise.resolve(policy.decide(structuredClone(subject)));
    return (await Promise.race([verdict, late])) === true;
  } finally {
    clearTimeout(timer);
  }
}
