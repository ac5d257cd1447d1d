/** A short run of `npm run simulate`. */
import { simulate } from './run.ts';

describe('the live core on a virtual clock', () => {
  it.each(Array.from({ length: 40 }, (_, index) => index + 1))(
    'loses nothing, doubles nothing and shows nothing that may not be read: seed %i',
    async (seed) => {
      const { faults, counts } = await simulate(seed);
      expect(faults).toEqual([]);
      expect(counts['events told']).toBeGreaterThan(0);
    },
  );

  it('gives the same run for the same seed', async () => {
    expect(await simulate(7)).toEqual(await simulate(7));
  });
});
