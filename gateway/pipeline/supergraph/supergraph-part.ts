/**
 * The part of the gateway that reads and watches the supergraph. Without a good one at the start, the last good one kept on disk is
 * served; without that too, the gateway waits for one and says so. Exports `createSupergraphPart`.
 */
import { readFile } from 'node:fs/promises';
import { toMessage } from '../../../lib/errors/errors.ts';
import type { Part } from '../../../lib/lifecycle/index.ts';
import type { Log } from '../../../lib/log/log.ts';
import type { GraphHolder } from './graph-holder.ts';
import type { LastGood } from './last-good.ts';
import { watchFile, type Watch } from './watch-file.ts';

export type SupergraphSource =
  | { readonly kind: 'sdl'; readonly sdl: string }
  | { readonly kind: 'file'; readonly file: string; readonly pollMs?: number };

export type SupergraphPartOptions = {
  readonly source: SupergraphSource;
  readonly graphs: GraphHolder;
  readonly lastGood: LastGood | null;
  readonly log: Log;
};

export function createSupergraphPart({ source, graphs, lastGood, log }: SupergraphPartOptions): Part {
  let watch: Watch | undefined;
  return {
    name: 'supergraph',
    async start() {
      if (source.kind === 'sdl') {
        graphs.offer(source.sdl, 'memory');
        return;
      }
      const { file, pollMs } = source;
      const taken = await readFile(file, 'utf8').then(
        (sdl) => graphs.offer(sdl, file),
        (error: unknown) => {
          graphs.report(`${file} cannot be read: ${toMessage(error)}`);
          return false;
        },
      );
      if (!taken) await serveLastGood(graphs, lastGood, log);
      watch = watchFile({
        file,
        onText: (sdl) => graphs.offer(sdl, file),
        onProblem: graphs.report,
        ...(pollMs === undefined ? {} : { pollMs }),
      });
    },
    async stop() {
      await watch?.stop();
      await lastGood?.settled();
    },
  };
}

/** The problem with the newest text stays reported. */
async function serveLastGood(graphs: GraphHolder, lastGood: LastGood | null, log: Log): Promise<void> {
  const problem = graphs.problem();
  const sdl = await lastGood?.read();
  if (sdl === undefined || !graphs.offer(sdl, 'last good')) return;
  log.warn('serving the last good supergraph from the data folder');
  if (problem) graphs.report(problem.message);
}
