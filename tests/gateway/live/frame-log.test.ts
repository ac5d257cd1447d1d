import { createFrameLog } from '../../../gateway/live/frame-log.ts';
import type { Frame } from '../../../gateway/live/frame-log.ts';
import { createRandom } from '../../differential/random.ts';

const frame = (seq: number, bytes = 10): Frame => ({ seq, key: `k${seq}`, body: new Uint8Array(bytes) });
const seqs = (frames: readonly Frame[] | null): number[] | null => frames?.map(({ seq }) => seq) ?? null;

describe('the newest frames of a cohort', () => {
  it('are given from any position that is kept, also from one between two frames', () => {
    const log = createFrameLog({ from: 10, maxBytes: 1_000, maxFrames: 100 });
    log.add([frame(12), frame(15)], 20, 0);
    log.add([], 25, 0);
    expect([10, 11, 12, 14, 15, 20, 25].map((seq) => seqs(log.after(seq)))).toEqual([[12, 15], [12, 15], [15], [15], [], [], []]);
    expect([log.from, log.upTo, log.bytes]).toEqual([10, 25, 20]);
  });

  it('are not all there for a position before them, nor for one that has not been read', () => {
    const log = createFrameLog({ from: 10, maxBytes: 1_000, maxFrames: 100 });
    log.add([frame(12)], 20, 0);
    expect([log.after(9), log.after(21)]).toEqual([null, null]);
  });

  it('give way to newer ones, by number and by bytes, and a position that lost something is refused', () => {
    const byNumber = createFrameLog({ from: 0, maxBytes: 1_000, maxFrames: 2 });
    byNumber.add([frame(1), frame(2), frame(3)], 3, 0);
    expect([seqs(byNumber.after(0)), seqs(byNumber.after(1)), byNumber.from]).toEqual([null, [2, 3], 1]);
    const byBytes = createFrameLog({ from: 0, maxBytes: 25, maxFrames: 100 });
    byBytes.add([frame(1), frame(2)], 2, 0);
    byBytes.add([frame(3)], 3, 0);
    expect([seqs(byBytes.after(0)), seqs(byBytes.after(1)), byBytes.bytes]).toEqual([null, [2, 3], 20]);
    byBytes.add([frame(4, 26)], 4, 0);
    expect([seqs(byBytes.after(3)), seqs(byBytes.after(4)), byBytes.bytes]).toEqual([null, [], 0]);
  });

  it('never go back', () => {
    const log = createFrameLog({ from: 10, maxBytes: 1_000, maxFrames: 100 });
    log.add([frame(12)], 20, 0);
    for (const [frames, upTo] of [
      [[frame(20)], 21],
      [[frame(22)], 21],
      [[frame(22), frame(22)], 30],
      [[], 19],
    ] as const)
      expect(() => log.add(frames, upTo, 0)).toThrow(RangeError);
    expect([seqs(log.after(10)), log.upTo]).toEqual([[12], 20]);
  });

  it('are those of a list of all frames, cut at the front, over 200 random runs', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = createRandom(seed);
      const limits = { from: random.int(5), maxBytes: 10 + random.int(100), maxFrames: 1 + random.int(8) };
      const log = createFrameLog(limits);
      const all: Frame[] = [];
      let upTo = limits.from;
      for (let step = 0; step < 12; step += 1) {
        const more: Frame[] = [];
        for (let count = random.int(4); count > 0; count -= 1) more.push(frame((upTo += 1 + random.int(3)), random.int(30)));
        upTo += random.int(2);
        all.push(...more);
        log.add(more, upTo, 0);
        const kept = all.filter(({ seq }) => seq > log.from);
        expect(kept.length).toBeLessThanOrEqual(limits.maxFrames);
        expect(log.bytes).toBe(kept.reduce((sum, { body }) => sum + body.length, 0));
        expect(log.bytes).toBeLessThanOrEqual(limits.maxBytes);
        for (let seq = limits.from; seq <= upTo; seq += 1)
          expect(seqs(log.after(seq))).toEqual(seq < log.from ? null : seqs(all.filter((one) => one.seq > seq)));
      }
    }
  });

  it('forgets what is older than it may be, with what was read then', () => {
    const log = createFrameLog({ from: 10, maxBytes: 1_000, maxFrames: 10 });
    log.add([frame(12)], 20, 1_000);
    log.add([frame(22)], 25, 2_000);
    log.add([], 30, 3_000);
    log.dropBefore(1_000);
    expect(log.after(10)?.map(({ seq }) => seq)).toEqual([12, 22]);
    log.dropBefore(2_000);
    expect([log.after(10), log.after(19), log.after(20)?.map(({ seq }) => seq), log.from]).toEqual([null, null, [22], 20]);
    log.dropBefore(9_000);
    expect([log.after(24), log.after(25), log.upTo, log.bytes]).toEqual([null, [], 30, 0]);
    log.add([frame(31)], 31, 9_000);
    expect(log.after(25)?.map(({ seq }) => seq)).toEqual([31]);
  });
});
