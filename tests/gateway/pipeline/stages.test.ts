import { stageNames } from '../../../gateway/pipeline/answer-request.ts';
import { Pipeline } from '../../../gateway/pipeline/stage.ts';

describe('the pipeline', () => {
  it('has its stages in one order', () => {
    expect(stageNames).toEqual([
      'onRequest',
      'read',
      'identify',
      'rate',
      'document',
      'parse',
      'measure',
      'validate',
      'keep',
      'choose',
      'authorise',
      'labels',
      'cost',
      'onOperation',
      'recall',
      'plan',
      'compile',
      'onPlan',
      'execute',
      'respond',
      'count',
    ]);
  });

  it('hands the findings of each stage to the next, and ends where one throws, with the findings so far', async () => {
    const asked: string[] = [];
    const pipeline = Pipeline.startingWith<{ a: number }, string>()
      .add({ name: 'b', run: ({ a }, hub) => (asked.push(`b ${hub}`), { b: a + 1 }) })
      .add({ name: 'c', run: async ({ a, b }) => ({ c: a + b }) })
      .add({
        name: 'd',
        run: ({ c }) => {
          if (c > 5) throw new Error('too much');
          return {};
        },
      })
      .add({ name: 'e', run: () => (asked.push('e'), {}) });
    expect(await pipeline.run({ a: 1 }, 'hub')).toEqual({ a: 1, b: 2, c: 3 });
    const start = { a: 3 };
    await expect(pipeline.run(start, 'hub')).rejects.toThrow('too much');
    expect([start, asked]).toEqual([{ a: 3, b: 4, c: 7 }, ['b hub', 'e', 'b hub']]);
  });
});
