import { BoundedCache } from '../../../gateway/pipeline/bounded-cache.ts';

describe('a bounded cache', () => {
  it('drops what was not used for longest when it holds too many', () => {
    const cache = new BoundedCache<number>({ maxEntries: 2, maxWeight: 100 });
    cache.set('a', 1, 1);
    cache.set('b', 2, 1);
    cache.get('a');
    cache.set('c', 3, 1);
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([1, undefined, 3, 2]);
  });

  it('drops as many as it takes to stay within its weight', () => {
    const cache = new BoundedCache<number>({ maxEntries: 100, maxWeight: 10 });
    cache.set('a', 1, 4);
    cache.set('b', 2, 4);
    cache.set('c', 3, 10);
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.weight]).toEqual([undefined, undefined, 3, 10]);
  });

  it('does not keep what is heavier than all it may hold, nor drop others for it', () => {
    const cache = new BoundedCache<number>({ maxEntries: 100, maxWeight: 10 });
    cache.set('a', 1, 4);
    cache.set('b', 2, 11);
    expect([cache.get('a'), cache.get('b'), cache.weight]).toEqual([1, undefined, 4]);
  });

  it('counts an entry that is set again once', () => {
    const cache = new BoundedCache<number>({ maxEntries: 10, maxWeight: 10 });
    cache.set('a', 1, 4);
    cache.set('a', 2, 5);
    expect([cache.get('a'), cache.size, cache.weight]).toEqual([2, 1, 5]);
  });

  it('drops the member of a family that was not used for longest when the family grows too large, and nothing of others', () => {
    const families = { of: (value: string) => value.slice(0, 1), maxEntries: 2 };
    const cache = new BoundedCache<string>({ maxEntries: 10, maxWeight: 10, families });
    for (const value of ['a1', 'b1', 'a2']) cache.set(value, value, 1);
    cache.get('a1');
    cache.set('a3', 'a3', 1);
    expect(['a1', 'a2', 'a3', 'b1'].map((key) => cache.get(key))).toEqual(['a1', undefined, 'a3', 'b1']);
    cache.set('a1', 'b9', 1);
    cache.set('a4', 'a4', 1);
    expect(['a1', 'a3', 'a4', 'b1'].map((key) => cache.get(key))).toEqual(['b9', 'a3', 'a4', 'b1']);
    expect(cache.weight).toBe(4);
  });

  it('holds keys such as __proto__ like any other', () => {
    const cache = new BoundedCache<number>({ maxEntries: 10, maxWeight: 10 });
    expect(cache.get('__proto__')).toBeUndefined();
    cache.set('__proto__', 1, 1);
    expect(cache.get('__proto__')).toBe(1);
  });
});
