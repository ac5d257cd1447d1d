// What the terminal shows: one line per part that came up, later news of parts, and the lines they print themselves.
export type Screen = {
  readonly say: (part: string, words: string) => void;
  readonly onLine: (part: string, line: string) => void;
  readonly print: (text: string) => void;
};

const WIDTH = 11;

/** Writes to the stream; a stream whose reader is gone is left alone. */
export function createScreen(stream: NodeJS.WritableStream): Screen {
  stream.on('error', () => undefined);
  const print = (text: string): void => void stream.write(`${text}\n`);
  return {
    say: (part, words) => print(`${part.padEnd(WIDTH)} ${words}`),
    onLine: (_part, line) => print(line),
    print,
  };
}

/** What a person needs to begin: where, a query to paste, and how to get a token. */
export function toWelcome(options: {
  url: string;
  production: boolean;
  /** Was asked for by name; undefined: the usual one. */ askedPort: number | undefined;
  usualPort: number;
}): string {
  const { url, usualPort, askedPort } = options;
  const moved =
    askedPort !== undefined || new URL(url).port === String(usualPort)
      ? []
      : [`(port ${usualPort} is taken, so the hub listens on ${new URL(url).port})`];
  return [
    '',
    `GraphQL: ${url}/graphql`,
    ...moved,
    '',
    'Open it in a browser, or paste this query:',
    '',
    '  { makers(first: 3) { nodes { name country capabilities { tag } } } }',
    '',
    ...(options.production
      ? ['Tokens come from the issuers in HUB_ISSUERS.']
      : ['A token to change things:  npm run token -- --as creator   (or maker, distributor, mcn, hub, a member id)']),
    'Stop with Ctrl-C.',
    '',
  ].join('\n');
}
