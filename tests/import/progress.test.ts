/** What a user sees of an import: a bar on a terminal, plain lines elsewhere. */
import { createProgress } from '../../cli/import/progress.ts';

function watch(
  isTTY: boolean,
  columns = 100,
): { written: string[]; at: (ms: number, rows: number, bytes: number) => void; end: () => void } {
  const written: string[] = [];
  let nowMs = 0;
  const progress = createProgress({ isTTY, columns, write: (text) => written.push(text) }, () => nowMs);
  return {
    written,
    at: (ms, rows, bytes) => {
      nowMs = ms;
      progress.step({ rows, bytes, bytesTotal: 1_000 });
    },
    end: progress.end,
  };
}

it('On a terminal a bar is drawn over itself, with rows, rate and time left', () => {
  const { written, at, end } = watch(true);
  at(1_000, 500, 100);
  at(1_050, 600, 120);
  at(2_000, 5_000, 500);
  at(4_000, 10_000, 1_000);
  end();
  expect(written).toEqual([
    '\r[##......................] 10 %, 500 rows, 500 rows/s, 9 s left',
    expect.stringMatching(/^\r\[############\.{12}\] 50 %, 5,000 rows, 2,500 rows\/s, 2 s left *$/),
    expect.stringMatching(/^\r\[#{24}\] 100 %, 10,000 rows, 2,500 rows\/s, 0 s left *$/),
    '\n',
  ]);
});

it('A bar fits into a narrow terminal', () => {
  const { written, at } = watch(true, 40);
  at(1_000, 500, 100);
  expect(written[0]?.length).toBeLessThanOrEqual(40);
});

it('Without a terminal there is a line now and then', () => {
  const { written, at, end } = watch(false);
  at(1_000, 500, 10);
  at(2_500, 1_000, 20);
  at(3_000, 1_500, 30);
  at(200_000, 9_000, 500);
  end();
  expect(written).toEqual(['2 %, 1,000 rows, 400 rows/s, 2 min 3 s left\n', '50 %, 9,000 rows, 45 rows/s, 3 min 20 s left\n']);
});
