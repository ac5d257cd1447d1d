/** A short run of `npm run simulate`. */
import { readFileSync } from 'node:fs';
import { fromRoot } from '../../lib/paths.ts';
import type { Fault } from './check.ts';
import { PLANTED_LIVE } from './planted.ts';
import { simulate } from './run.ts';
import type { SimResult } from './run.ts';

const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1);

describe('the live core on a virtual clock', () => {
  const results = new Map<number, SimResult>();

  it.each(SEEDS)('loses nothing, doubles nothing and shows nothing that may not be read: seed %i', async (seed) => {
    const result = await simulate(seed);
    results.set(seed, result);
    expect(result.faults).toEqual([]);
    expect(result.counts['events told']).toBeGreaterThan(0);
  });

  it('has met every fault, and everything that a client may be told', () => {
    const met = new Set([...results.values()].flatMap(({ counts }) => Object.keys(counts)));
    const faults = [
      'gateway crashes',
      'both crash',
      'gateway drains',
      'log crashes',
      'trims',
      'restores',
      'wipes',
      'supergraph swaps',
      'rights lost',
    ];
    const told = ['started', 'resumed', 'reset', 'frames', 'bookmark', 'ended', 'lost'].map((kind) => `told: ${kind}`);
    expect(faults.concat(told).filter((name) => !met.has(name))).toEqual([]);
    const sum = (name: string): number => [...results.values()].reduce((total, { counts }) => total + (counts[name] ?? 0), 0);
    for (const name of ['events skipped', 'events acknowledged', 'events applied by consumers']) expect(sum(name)).toBeGreaterThan(0);
  });

  it.each(PLANTED_LIVE.map((bug) => [bug.name, bug] as const))('can still be given the bug "%s"', (_name, { file, edits }) => {
    const text = readFileSync(fromRoot(file), 'utf8');
    expect(edits.map(({ find }) => text.split(find).length - 1)).toEqual(edits.map(() => 1));
  });

  it('gives the same run for the same seed, and tells what happened around a moment', async () => {
    const [one, other] = [await simulate(7), await simulate(7, { story: true })];
    expect([other.faults, other.counts]).toEqual([one.faults, one.counts]);
    const fault: Fault = { property: 'reliable', who: 'client 0', at: 2_000, text: '' };
    expect(one.story(fault)).toEqual([]);
    expect(other.story(fault).join('\n')).toMatch(/ms {2}client 0 +hears .*\/\d+$/m);
    expect(other.story(fault).join('\n')).not.toMatch(/client [1-9]/);
  });
});
