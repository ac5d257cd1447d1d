/** What happened in a run, for whoever has to understand a failure. It is only written when it will be read. */

export type Story = {
  /** `who`: 'client 3', 'gateway 1', 'log' and so on. */
  note(who: string, what: () => string): void;
  /** The lines about the world and about `who`, from some time before the moment up to shortly after it. */
  around(who: string | null, at: number): string[];
};

type Line = { readonly at: number; readonly who: string; readonly what: string };

const BEFORE_MS = 1_500;
const AFTER_MS = 50;
const MOST_LINES = 60;

export function createStory(now: () => number, isWanted: boolean): Story {
  const lines: Line[] = [];
  return {
    note(who, what) {
      if (isWanted) lines.push({ at: now(), who, what: what() });
    },
    around(who, at) {
      const isMeant = (line: Line): boolean => !line.who.startsWith('client') || line.who === who;
      const near = lines.filter((line) => line.at >= at - BEFORE_MS && line.at <= at + AFTER_MS && isMeant(line));
      const left = Math.max(0, near.length - MOST_LINES);
      const shown = near.slice(left).map((line) => `${line.at.toFixed(1).padStart(8)} ms  ${line.who.padEnd(10)} ${line.what}`);
      return left === 0 ? shown : [`… ${left} lines before`, ...shown];
    },
  };
}
