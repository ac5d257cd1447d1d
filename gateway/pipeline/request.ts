/** What comes into the pipeline and what goes out: the same for every transport. */
import type { Principal } from '../../lib/identity/index.ts';
import type { HeaderLookup } from './forwarding.ts';
import type { PayloadForm } from './payload-text.ts';

/** An AbortSignal is one, and so is something cheaper. */
export type ClientSignal = {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

/** `expiresAtMs`: when the token does that it was made of, in milliseconds since 1970; null: never. */
export type Identified = { readonly principal: Principal; readonly expiresAtMs: number | null };

export type GatewayRequest = {
  /** Parsed JSON of a POST, or the same shape made from the parameters of a GET. Not checked yet. */
  readonly params: unknown;
  /** The transport may only read: GET. */
  readonly readOnly: boolean;
  /** Bearer token as sent. */
  readonly token: string | null;
  /** Who asks is known without a token: from a ticket that stands for one. */
  readonly identified?: Identified | undefined;
  /** The peer is this machine and no proxy stands between. */
  readonly fromLoopback: boolean;
  /** Address of the peer; '' when it is not known. */
  readonly address: string;
  readonly requestId: string;
  /** Headers as sent, for what may travel on. */
  readonly header?: HeaderLookup;
  /** How an answer in several payloads is written; left out, the answer comes in one piece and `@defer` is ignored. */
  readonly payloads?: PayloadForm | undefined;
  /** The transport can carry a subscription. */
  readonly live?: boolean;
  /** Fires when the client goes away. */
  readonly signal: ClientSignal;
};

export type AnswerError = {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string } & Readonly<Record<string, unknown>>;
};

export type Answer = {
  /**
   * data: executed, perhaps in part. refused: a GraphQL request that could not be executed as it stands. failed: not a GraphQL
   * request, not allowed, or nobody there to answer it.
   */
  readonly kind: 'data' | 'refused' | 'failed';
  /** HTTP status where the media type lets it speak. */
  readonly status: number;
  /** The response body: JSON. */
  readonly text: string;
  /** The same in UTF-8, when it was made as bytes: then they are what is sent. Never written into. */
  readonly bytes?: Uint8Array;
  /** Codes of its errors, in their order. */
  readonly errorCodes: readonly string[];
  /** Refused for now: when to come again. */
  readonly retryAfterSeconds?: number;
  /** Payloads after `text`, each JSON; null when that is all. Must be read to its end or returned, and is counted only then. */
  readonly more: AsyncIterableIterator<string> | null;
};
