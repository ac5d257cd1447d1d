import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchFile, type Watch } from '../../../gateway/pipeline/supergraph/watch-file.ts';

let folder: string;
let file: string;
let watch: Watch | undefined;
let texts: string[];
let problems: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watch-'));
  file = join(folder, 'a.graphql');
  texts = [];
  problems = [];
});
afterEach(async () => {
  await watch?.stop();
  await rm(folder, { recursive: true });
});

const start = (maxBytes?: number) => {
  watch = watchFile({
    file,
    pollMs: 5,
    onText: (text) => texts.push(text),
    onProblem: (message) => problems.push(message),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
};
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 3));
};

describe('a watched file', () => {
  it('is read when it is rewritten, replaced by renaming, removed and made again', async () => {
    await writeFile(file, 'one');
    start();
    await until(() => texts.at(-1) === 'one');
    await writeFile(file, 'two');
    await until(() => texts.at(-1) === 'two');
    await writeFile(`${file}.new`, 'three');
    await rename(`${file}.new`, file);
    await until(() => texts.at(-1) === 'three');
    await rm(file);
    await until(() => problems.length === 1);
    expect(problems[0]).toMatch(/is not there\.$/);
    await writeFile(file, 'four');
    await until(() => texts.at(-1) === 'four');
    expect(texts).toEqual(['one', 'two', 'three', 'four']);
  });

  it('is read also when it never rests', async () => {
    await writeFile(file, 'start');
    start();
    await until(() => texts.length > 0);
    let count = 0;
    const restless = setInterval(
      () =>
        void writeFile(`${file}.${(count += 1)}`, `text ${count}`)
          .then(() => rename(`${file}.${count}`, file))
          .catch(() => undefined),
      4,
    );
    await until(() => texts.length > 2);
    clearInterval(restless);
    expect(texts.at(-1)).toMatch(/^text \d+$/);
  });

  it('is not read while it is empty, unless it stays so', async () => {
    await writeFile(file, 'one');
    start();
    await until(() => texts.length > 0);
    const looks = async (count: number) => {
      for (let look = 0; look < count; look += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await writeFile(file, '');
    await looks(4);
    await writeFile(file, 'two');
    await until(() => texts.at(-1) === 'two');
    expect(texts).toEqual(['one', 'two']);
    await writeFile(file, '');
    await until(() => texts.at(-1) === '');
  });

  it('is not read when it is too large', async () => {
    await writeFile(file, 'x'.repeat(11));
    start(10);
    await until(() => problems.length > 0);
    expect([texts, problems[0]]).toEqual([[], expect.stringMatching(/is larger than 10 bytes/)]);
    await writeFile(file, 'x'.repeat(10));
    await until(() => texts.length > 0);
  });
});
