// Opens the database of downstream.
import { createPrismaAdapter, type ClientOptions } from '../../../subgraph-kit/prisma.ts';
import { PrismaClient, type Prisma } from './generated/client.ts';

export type Tx = Prisma.TransactionClient;

/** `onStatement` is called for every SQL statement; for counting in tests and metrics. */
export function openClient(options: ClientOptions): PrismaClient {
  const client = new PrismaClient({
    adapter: createPrismaAdapter(options, 'downstream'),
    log: options.onStatement === undefined ? [] : [{ emit: 'event', level: 'query' }],
  });
  if (options.onStatement !== undefined) client.$on('query', options.onStatement);
  return client;
}
