// The driver under every Prisma client: one pool per subgraph, its own schema first in the search path.
import { PrismaPg } from '@prisma/adapter-pg';

export type ClientOptions = {
  /** Connection string of the subgraph's own role. */
  readonly url: string;
  /** Most connections at a time; by default 6. */
  readonly connections?: number;
  readonly onStatement?: () => void;
};

/** A connection that was not used for so long is given back: a burst leaves no server processes behind. */
const IDLE_MS = 5_000;

/** `schema`: the PostgreSQL schema of the subgraph. */
export const createPrismaAdapter = (options: ClientOptions, schema: string): PrismaPg =>
  new PrismaPg(
    {
      connectionString: options.url,
      max: options.connections ?? 6,
      idleTimeoutMillis: IDLE_MS,
      options: `-c search_path=${schema}`,
      application_name: `hub ${schema}`,
    },
    { schema },
  );
