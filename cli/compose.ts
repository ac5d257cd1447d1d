/**
 * `npm run compose`: the SDLs of the hub's subgraphs, and of any others named, → schema/supergraph.graphql.
 *
 *   --subgraph name=url=file   one more subgraph, or another text for one of the hub's (may be repeated)
 *   --events file              topics that @feed may name, instead of schema/events.json (may be repeated: topics of all files)
 *   --out file                 write there instead
 *   --check                    write nothing; exit 1 when the file is not what the SDLs compose to
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { composeSupergraph } from '../engine/compose/index.ts';
import type { CompositionError, EventCatalogue, SubgraphInput } from '../engine/compose/index.ts';
import { parseTopics } from '../lib/feed/event-contract.ts';
import { fromRoot } from '../lib/paths.ts';

/** The hub's own subgraphs with the addresses that they have by default. */
const HUB_SUBGRAPHS = [
  { name: 'upstream', url: 'http://127.0.0.1:4001/graphql' },
  { name: 'midstream', url: 'http://127.0.0.1:4002/graphql' },
  { name: 'downstream', url: 'http://127.0.0.1:4003/graphql' },
  { name: 'routing', url: 'http://127.0.0.1:4004/graphql' },
];

type Print = (line: string) => void;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = runCompose(process.argv.slice(2), console.log);
}

/** Returns the exit code: 0 done (or up to date), 1 not composed (or stale), 2 wrong arguments. */
export function runCompose(args: readonly string[], print: Print): number {
  const asked = readArguments(args);
  if (typeof asked === 'string') {
    print(asked);
    return 2;
  }
  const result = composeSupergraph(asked.subgraphs, { events: asked.events });
  if (result.kind === 'failed') {
    for (const error of result.errors) printError(error, print);
    return 1;
  }
  for (const hint of result.hints) print(`note: ${hint}`);
  const shown = relative(process.cwd(), asked.out) || asked.out;
  if (!asked.check) {
    writeFileSync(asked.out, result.supergraphSdl);
    print(`${shown}: ${asked.subgraphs.length} subgraphs composed`);
    return 0;
  }
  const isCurrent = readText(asked.out) === result.supergraphSdl;
  print(isCurrent ? `${shown} is up to date` : `${shown} is stale: run npm run compose`);
  return isCurrent ? 0 : 1;
}

type Asked = {
  readonly subgraphs: readonly SubgraphInput[];
  readonly events: EventCatalogue;
  readonly out: string;
  readonly check: boolean;
};

/** A text says what is wrong. */
function readArguments(args: readonly string[]): Asked | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        subgraph: { type: 'string', multiple: true },
        events: { type: 'string', multiple: true },
        out: { type: 'string' },
        check: { type: 'boolean' },
      },
    });
    const files = new Map<string, { url: string; file: string }>();
    for (const { name, url } of HUB_SUBGRAPHS) files.set(name, { url, file: fromRoot('schema', `${name}.graphql`) });
    for (const text of values.subgraph ?? []) {
      const [, name, url, file] = /^([^=]+)=(.+)=([^=]+)$/.exec(text) ?? [];
      if (name === undefined || url === undefined || file === undefined) return `--subgraph ${text}: write name=url=file`;
      files.set(name, { url, file });
    }
    const subgraphs: SubgraphInput[] = [];
    for (const [name, { url, file }] of files) {
      const sdl = readText(file);
      if (sdl === null) return `${file}: cannot be read (SDL of subgraph ${name})`;
      subgraphs.push({ name, url, sdl, file: relative(process.cwd(), file) || file });
    }
    const events = readCatalogue(values.events ?? [fromRoot('schema', 'events.json')]);
    if (typeof events === 'string') return events;
    return { subgraphs, events, out: values.out ?? fromRoot('schema', 'supergraph.graphql'), check: values.check ?? false };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The topics of all files; a text says what is wrong. */
function readCatalogue(files: readonly string[]): EventCatalogue | string {
  const topics = new Map<string, EventCatalogue['topics'][string]>();
  for (const file of files) {
    const text = readText(file);
    if (text === null) return `${file}: cannot be read (catalogue of events)`;
    const found = parseTopics(text);
    if (typeof found === 'string') return `${file}: ${found}`;
    for (const [name, topic] of Object.entries(found)) {
      if (topics.has(name)) return `${file}: the topic "${name}" stands in another catalogue too`;
      topics.set(name, topic);
    }
  }
  return { topics: Object.fromEntries(topics) };
}

function printError({ code, message, locations, wayOut }: CompositionError, print: Print): void {
  const [first, ...others] = locations.map(({ file, line, column }) => `${file}:${line}:${column}`);
  print(`${first === undefined ? '' : `${first} `}${message} (${code})`);
  for (const other of others) print(`${other} and here`);
  print(`  way out: ${wayOut}`);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
