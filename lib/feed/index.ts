/** The feed: ordered, durable streams of events. */
export {
  feedLimits,
  type Appended,
  type Feed,
  type FeedBatch,
  type FeedEvent,
  type FeedPosition,
  type StoredEvent,
  type TailOptions,
} from './feed.ts';
export type { EventEnvelope } from './envelope.ts';
export { findMisfit, type Misfit } from './check-payload.ts';
export { readEventContract, type EventContract } from './event-contract.ts';
export { createMemoryFeed } from './memory-feed.ts';
export { createPostgresFeed, type PostgresFeedOptions } from './postgres-feed.ts';
export { prepareFeed } from './postgres-schema.ts';
export { appendWithin } from './postgres-store.ts';
