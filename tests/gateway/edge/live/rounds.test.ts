import { Rounds } from '../../../../gateway/edge/live/rounds.ts';

function fill(rounds: Rounds, count: number, onVisit: () => void = () => undefined) {
  const visits = Array.from({ length: count }, () => 0);
  const leave = visits.map((_, index) =>
    rounds.add({
      visit() {
        visits[index] = (visits[index] ?? 0) + 1;
        onVisit();
      },
    }),
  );
  return { visits, leave };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('rounds', () => {
  it('visit everybody about as often, a few at a time', async () => {
    const rounds = new Rounds(32);
    let [together, most] = [0, 0];
    const { visits, leave } = fill(rounds, 100, () => {
      most = Math.max(most, (together += 1));
      queueMicrotask(() => (together = 0));
    });
    await until(() => Math.min(...visits) >= 3);
    expect(Math.max(...visits) - Math.min(...visits)).toBeLessThanOrEqual(1);
    expect(most).toBeLessThanOrEqual(4);
    for (const one of leave) one();
    expect(rounds.size).toBe(0);
  });

  it('visit nobody who has left, and may be left twice', async () => {
    const rounds = new Rounds(32);
    const { visits, leave } = fill(rounds, 40);
    for (const one of leave.slice(0, 20)) {
      one();
      one();
    }
    expect(rounds.size).toBe(20);
    await until(() => Math.min(...visits.slice(20)) >= 2);
    expect(visits.slice(0, 20).every((count) => count === 0)).toBe(true);
    for (const one of leave) one();
    expect(rounds.size).toBe(0);
    const { visits: later, leave: leaveLater } = fill(rounds, 1);
    await until(() => (later[0] ?? 0) > 0);
    for (const one of leaveLater) one();
  });
});
