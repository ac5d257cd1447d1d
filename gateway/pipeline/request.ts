/** What comes into the pipeline and what goes out: the same for every transport. */

export type GatewayRequest = {
  /** Parsed JSON of a POST, or the same shape made from the parameters of a GET. Not checked yet. */
  readonly params: unknown;
  /** The transport may only read: GET. */
  readonly readOnly: boolean;
  /** Bearer token as sent. */
  readonly token: string | null;
  /** The peer is this machine and no proxy stands between. */
  readonly fromLoopback: boolean;
  readonly requestId: string;
  /** Fires when the client goes away. */
  readonly signal: AbortSignal;
};

export type AnswerError = {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string } & Readonly<Record<string, unknown>>;
};

export type AnswerBody = {
  readonly errors?: readonly AnswerError[];
  readonly data?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>>;
};

export type Answer = {
  /**
   * data: executed, perhaps in part. refused: a GraphQL request that could not be executed as it stands. failed: not a GraphQL
   * request, not allowed, or nobody there to answer it.
   */
  readonly kind: 'data' | 'refused' | 'failed';
  /** HTTP status where the media type lets it speak. */
  readonly status: number;
  readonly body: AnswerBody;
};
