import { createHmac, randomBytes } from 'node:crypto';
import { createCursors, cursorLimits } from '../../../gateway/live/cursor.ts';
import { createRandom } from '../../differential/random.ts';

const key = randomBytes(32);
const family = randomBytes(12);
const position = { epoch: 'a1b2c3d4e5f6', seq: 123_456 };
const cursors = createCursors([key]);
const codeOf = (read: () => unknown): unknown => {
  try {
    read();
    return 'taken';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('a cursor', () => {
  it('is read as it was written, for every position', () => {
    for (const seq of [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 53 - 1])
      for (const epoch of ['', 'x', 'a1b2c3d4e5f6', 'ä'.repeat(10)]) {
        const positions = [{ epoch, seq }, position];
        expect(cursors.read(family, cursors.write(family, positions))).toEqual(positions);
      }
  });

  it('has at most 120 characters for one stream and 40 more for each further one', () => {
    const longest = { epoch: 'e'.repeat(cursorLimits.epochBytes), seq: 2 ** 53 - 1 };
    const lengths = Array.from(
      { length: cursorLimits.streams },
      (_, index) =>
        cursors.write(
          family,
          Array.from({ length: index + 1 }, () => longest),
        ).length,
    );
    for (const [index, length] of lengths.entries()) expect(length).toBeLessThanOrEqual(120 + 40 * index);
    expect(Math.max(...lengths)).toBeLessThan(cursorLimits.characters);
  });

  it('holds 1 to 8 streams, epochs of 20 bytes and safe integers, and nothing else', () => {
    const many = (count: number) => Array.from({ length: count }, () => position);
    expect(cursors.read(family, cursors.write(family, many(8)))).toHaveLength(8);
    for (const bad of [
      [],
      many(9),
      [{ epoch: 'e'.repeat(21), seq: 1 }],
      [{ epoch: 'e', seq: -1 }],
      [{ epoch: 'e', seq: 2 ** 53 }],
      [{ epoch: 'e', seq: 0.5 }],
    ])
      expect(() => cursors.write(family, bad)).toThrow(RangeError);
    expect(() => cursors.write(randomBytes(11), [position])).toThrow(RangeError);
  });

  it('is refused when any bit of it is changed, and when it is cut anywhere', () => {
    const text = cursors.write(family, [position]);
    const bytes = Buffer.from(text, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(codeOf(() => cursors.read(family, changed.toString('base64url')))).toBe('CURSOR_INVALID');
    }
    for (let length = 0; length < text.length; length += 1)
      expect(codeOf(() => cursors.read(family, text.slice(0, length)))).toBe('CURSOR_INVALID');
  });

  it.each([
    ['nothing', ''],
    ['a blank', ' '],
    ['a sign', '!'],
    ['null', 'null'],
    ['NUL', '\0'],
    ['padding', '='],
    ['a long text', 'x'.repeat(10_000)],
    ['pictures', '🧵'.repeat(50)],
    ['__proto__', '__proto__'],
  ])('is not %s', (_name, text) => {
    expect(codeOf(() => cursors.read(family, text))).toBe('CURSOR_INVALID');
  });

  it('is one text only: blanks, padding and other alphabets are refused', () => {
    const text = cursors.write(family, [position]);
    for (const other of [
      `${text}=`,
      ` ${text}`,
      `${text}\n`,
      text.replace(/^./, '$&.'),
      Buffer.from(text, 'base64url').toString('base64').replace(/=*$/, '='),
    ])
      expect(codeOf(() => cursors.read(family, other))).toBe('CURSOR_INVALID');
  });

  it('of another family is refused', () => {
    expect(codeOf(() => cursors.read(randomBytes(12), cursors.write(family, [position])))).toBe('CURSOR_INVALID');
  });

  it('signed with a key that is no longer first is read, and with one that is gone is not', () => {
    const next = randomBytes(32);
    const text = cursors.write(family, [position]);
    expect(createCursors([next, key]).read(family, text)).toEqual([position]);
    expect(codeOf(() => createCursors([next]).read(family, text))).toBe('CURSOR_INVALID');
    expect(createCursors([next, key]).write(family, [position])).toBe(createCursors([next]).write(family, [position]));
  });

  it('of another version is refused, though its signature is right', () => {
    const body = Buffer.from(cursors.write(family, [position]), 'base64url').subarray(0, -16);
    body[0] = 2;
    const text = Buffer.concat([body, createHmac('sha256', key).update(body).digest().subarray(0, 16)]).toString('base64url');
    expect(() => cursors.read(family, text)).toThrow(/version/);
  });

  it('needs a key', () => {
    expect(() => createCursors([])).toThrow(RangeError);
  });

  it('takes nothing for one of 20,000 random texts', () => {
    const random = createRandom(1);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let index = 0; index < 20_000; index += 1) {
      const text = Array.from({ length: random.int(120) }, () => letters[random.int(64)]).join('');
      expect(codeOf(() => cursors.read(family, text))).toBe('CURSOR_INVALID');
    }
  });
});
