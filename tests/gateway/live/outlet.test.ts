import { createOutlet, mostPutOff } from '../../../gateway/live/outlet.ts';
import type { Delivery, Outlet } from '../../../gateway/live/outlet.ts';
import type { Frame } from '../../../gateway/live/frame-log.ts';
import { createRandom } from '../../differential/random.ts';

type Told = { readonly seqs: readonly number[]; readonly skipped: number } | { readonly ended: string; readonly position: number };

function open(delivery: Delivery, { budgetBytes = 100, after = 0 } = {}) {
  const told: Told[] = [];
  const socket = { waiting: 0 };
  const outlet: Outlet = createOutlet(
    {
      waiting: () => socket.waiting,
      write(frames, skipped) {
        socket.waiting += frames.reduce((sum, { body }) => sum + body.length, 0);
        told.push({ seqs: frames.map(({ seq }) => seq), skipped });
      },
      reset: (position) => told.push({ ended: 'reset', position }),
      end: (reason, position) => told.push({ ended: reason, position }),
    },
    { delivery, budgetBytes, after },
  );
  return { outlet, told, socket };
}

const frame = (seq: number, key = `k${seq}`, bytes = 40): Frame => ({ seq, key, body: new Uint8Array(bytes) });

describe('a subscription of a socket', () => {
  it('gets several frames in one write, and none that it had', () => {
    const { outlet, told } = open('ALL', { after: 5 });
    outlet.push([frame(4), frame(5), frame(6), frame(7)], 8);
    outlet.push([frame(7)], 8);
    expect([told, outlet.position]).toEqual([[{ seqs: [6, 7], skipped: 0 }], 8]);
  });

  it('hands on the very array that came when it had none of its frames', () => {
    const written: (readonly Frame[])[] = [];
    const outlet = createOutlet(
      { waiting: () => 0, write: (frames) => void written.push(frames), reset: () => undefined, end: () => undefined },
      { delivery: 'ALL', budgetBytes: 1_000, after: 3 },
    );
    const [all, half] = [
      [frame(4), frame(5)],
      [frame(5), frame(6)],
    ];
    outlet.push(all, 5);
    outlet.push(half, 6);
    expect(written[0]).toBe(all);
    expect(written[1]?.map(({ seq }) => seq)).toEqual([6]);
  });

  it('goes on with the stream where none of its events is meant', () => {
    const { outlet, told } = open('ALL', { after: 5 });
    outlet.push([], 20);
    expect([told, outlet.position]).toEqual([[], 20]);
  });

  it('is not ended by events that are not meant for it, however full its socket', () => {
    const { outlet, told, socket } = open('ALL', { budgetBytes: 10 });
    socket.waiting = 1_000;
    outlet.push([], 7);
    expect([told, outlet.isOpen, outlet.position]).toEqual([[], true, 7]);
  });

  it.each(['ALL', 'LATEST'] as const)('of the class %s takes what its budget holds to the byte', (delivery) => {
    const { outlet, told } = open(delivery, { budgetBytes: 80 });
    outlet.push([frame(1), frame(2)], 2);
    expect(told).toEqual([{ seqs: [1, 2], skipped: 0 }]);
  });

  it('that takes all and is too slow ends with the position of what was written, and gets nothing more', () => {
    const { outlet, told, socket } = open('ALL', { budgetBytes: 79 });
    outlet.push([frame(1)], 3);
    outlet.push([frame(4)], 4);
    socket.waiting = 0;
    outlet.drain();
    outlet.push([frame(5)], 5);
    expect([told, outlet.isOpen]).toEqual([
      [
        { seqs: [1], skipped: 0 },
        { ended: 'TOO_SLOW', position: 3 },
      ],
      false,
    ]);
  });

  it('is judged before a write: frames that are larger than the budget are not written, but for a single one to an empty socket', () => {
    const { outlet, told, socket } = open('ALL', { budgetBytes: 39 });
    outlet.push([frame(1)], 1);
    socket.waiting = 0;
    outlet.push([frame(2, 'a', 20), frame(3, 'b', 20)], 3);
    expect(told).toEqual([
      { seqs: [1], skipped: 0 },
      { ended: 'TOO_SLOW', position: 1 },
    ]);
  });

  it('that takes the latest keeps the newest of each key, in the order of the stream, and says how many it left out', () => {
    const { outlet, told, socket } = open('LATEST', { budgetBytes: 50 });
    outlet.push([frame(1, 'a')], 1);
    outlet.push([frame(2, 'a'), frame(3, 'b')], 3);
    outlet.push([frame(4, 'a'), frame(5, 'c'), frame(6, 'a')], 9);
    expect(outlet.position).toBe(1);
    outlet.drain();
    expect(told).toHaveLength(1);
    socket.waiting = 0;
    outlet.drain();
    outlet.push([frame(10, 'a')], 10);
    expect([told, outlet.position]).toEqual([
      [
        { seqs: [1], skipped: 0 },
        { seqs: [3, 5, 6], skipped: 2 },
      ],
      9,
    ]);
    socket.waiting = 0;
    outlet.drain();
    expect(told.at(-1)).toEqual({ seqs: [10], skipped: 0 });
  });

  it('that takes the latest ends when too many keys wait', () => {
    const { outlet, told, socket } = open('LATEST', { budgetBytes: 10 });
    socket.waiting = 10;
    outlet.push(
      Array.from({ length: mostPutOff }, (_, index) => frame(index + 1)),
      mostPutOff,
    );
    expect(outlet.isOpen).toBe(true);
    outlet.push([frame(mostPutOff + 1)], mostPutOff + 1);
    expect([told, outlet.isOpen]).toEqual([[{ ended: 'TOO_SLOW', position: 0 }], false]);
  });

  it('writes nothing once it is closed', () => {
    const { outlet, told, socket } = open('LATEST', { budgetBytes: 10 });
    socket.waiting = 10;
    outlet.push([frame(1)], 1);
    outlet.close();
    socket.waiting = 0;
    outlet.drain();
    outlet.push([frame(2)], 2);
    expect(told).toEqual([]);
  });

  it('has all (ALL), or the newest of each key (LATEST), whatever comes and however slow the socket, over 500 random runs', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = createRandom(seed);
      const delivery = random.pick(['ALL', 'LATEST'] as const);
      const { outlet, told, socket } = open(delivery, { budgetBytes: 20 + random.int(200) });
      const sent: Frame[] = [];
      let upTo = 0;
      for (let step = 0; step < 30 && outlet.isOpen; step += 1) {
        const more = Array.from({ length: random.int(4) }, () =>
          frame((upTo += 1 + random.int(2)), random.pick(['a', 'b', 'c']), 1 + random.int(40)),
        );
        upTo += random.int(2);
        sent.push(...more);
        outlet.push(more, upTo);
        if (random.chance(0.4)) socket.waiting = random.chance(0.5) ? 0 : random.int(socket.waiting + 1);
        outlet.drain();
        const got = told.flatMap((one) => ('seqs' in one ? one.seqs : []));
        expect(got).toEqual([...new Set(got)].toSorted((a, b) => a - b));
        const due = sent.filter(({ seq }) => seq <= outlet.position);
        const newest = (seqs: readonly number[]) =>
          ['a', 'b', 'c'].map((key) => sent.findLast((one) => one.key === key && seqs.includes(one.seq))?.seq);
        const expected = due.map(({ seq }) => seq);
        expect(delivery === 'ALL' ? got : newest(got)).toEqual(delivery === 'ALL' ? expected : newest(expected));
      }
      if (delivery === 'ALL' || !outlet.isOpen) continue;
      socket.waiting = 0;
      outlet.drain();
      const accounted = told.reduce((sum, one) => sum + ('seqs' in one ? one.seqs.length + one.skipped : 0), 0);
      expect([outlet.position, accounted]).toEqual([upTo, sent.length]);
    }
  });
});
