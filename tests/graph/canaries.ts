/** Secrets that are planted, and who looks for them by every way there is: by id, in lists, through other entities, and by counting. */
import type { Player, TestHub } from '../_kit/hub.ts';

export type Secret<Who extends string = string> = {
  /** What would give it away, in whatever is answered; a count above zero does too. */
  readonly tells: () => readonly (string | number)[];
  readonly owner: () => Player;
  readonly hiddenFrom: readonly Who[];
  /** Questions that show it to its owner. */
  readonly ways: () => readonly string[];
};

const tellsIn = (secret: Secret, text: string): (string | number)[] => secret.tells().filter((tell) => text.includes(String(tell)));
const countsIn = (text: string): number[] => [...text.matchAll(/"totalCount":(\d+)/g)].map(([, count]) => Number(count));

/** Defines the tests: its owner and the hub are shown each secret by each of its ways, and the others by none. */
export function describeSecrets<Who extends string>(
  secrets: Readonly<Record<string, Secret<Who>>>,
  { hub, playerOf }: { readonly hub: () => TestHub; readonly playerOf: (who: Who) => Player | null },
): void {
  describe.each(Object.entries(secrets))('%s', (_, secret) => {
    it('is shown to its owner and to the hub by each of the ways', async () => {
      for (const player of [secret.owner(), hub().hub]) {
        for (const way of secret.ways()) {
          const { data, errors } = await hub().ask(player, way);
          const text = JSON.stringify(data);
          expect({ way, errors, tells: tellsIn(secret, text).length > 0 }).toEqual({ way, errors: undefined, tells: true });
          for (const count of countsIn(text)) expect(count).toBeGreaterThan(0);
        }
      }
    });
    it.each(secret.hiddenFrom)('%s does not find it, nor count it', async (who) => {
      for (const way of secret.ways()) {
        const answer = await hub().ask(playerOf(who), way);
        const text = JSON.stringify(answer);
        expect({ way, errors: answer.errors, tells: tellsIn(secret, text) }).toEqual({ way, errors: undefined, tells: [] });
        for (const count of countsIn(text)) expect({ way, count }).toEqual({ way, count: 0 });
      }
    });
  });
}
