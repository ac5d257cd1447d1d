/** The feed: ordered, durable streams of events. */
export { feedLimits, type Feed, type FeedBatch, type FeedEvent, type FeedPosition, type StoredEvent, type TailOptions } from './feed.ts';
export { createMemoryFeed } from './memory-feed.ts';
export { createPostgresFeed, type PostgresFeedOptions } from './postgres-feed.ts';
export { appendWithin } from './postgres-store.ts';
