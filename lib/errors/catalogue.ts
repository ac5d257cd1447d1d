/** Every error code of the hub. docs/errors.md is generated from this table. */

export type ErrorEntry = {
  /** HTTP status when the error is the whole answer. */
  readonly status: number;
  /** May a client read the message? Otherwise it gets "Internal error" and the request id. */
  readonly visible: boolean;
  readonly meaning: string;
  readonly advice: string;
};

export type ErrorCode = keyof typeof errorCatalogue;

const hidden = (meaning: string, advice: string): ErrorEntry => ({ status: 500, visible: false, meaning, advice });
const shown = (status: number, meaning: string, advice: string): ErrorEntry => ({ status, visible: true, meaning, advice });

export const errorCatalogue = {
  // What is started and how
  CONFIG_UNKNOWN_VARIABLE: hidden(
    'A variable begins with HUB_ but is none of the hub’s.',
    'Correct or remove it; docs/config.md lists all.',
  ),
  CONFIG_INVALID_VALUE: hidden(
    'A variable has a value that cannot be used.',
    'Set the value the message describes; docs/config.md lists all.',
  ),
  CONFIG_MISSING_VALUE: hidden('A variable that must be set is not.', 'Set it; docs/config.md says to what.'),
  CONFIG_UNSAFE: hidden('The settings are not safe for production.', 'Set what the message names, or leave NODE_ENV=production.'),
  POLICIES_UNUSABLE: hidden(
    'The file with policies cannot be used.',
    'Correct what the message names; docs/decisions/authorisation.md shows the form.',
  ),
  START_FAILED: hidden('A part did not start.', 'Read its cause in the same line.'),
  START_TIMEOUT: hidden('A part took longer to start than it may.', 'See what it waits for: a database, a port, a file.'),
  STOP_TIMEOUT: hidden('A part took longer to stop than it may.', 'The process ends all the same; report it if it happens again.'),
  PORT_TAKEN: hidden('Another process listens on the port.', 'Stop that process, or set PORT to a free one.'),
  DATA_FOLDER_UNUSABLE: hidden(
    'The data folder cannot be read or written.',
    'Give this user the right to write there, or set HUB_DATA to another folder.',
  ),
  DATA_FOLDER_IN_USE: hidden('Another hub uses the data folder.', 'Stop the other hub, or set HUB_DATA to another folder.'),

  // A request to the gateway
  BAD_REQUEST: shown(400, 'The request is not a GraphQL request over HTTP.', 'Send JSON {"query": …} by POST, or ?query=… by GET.'),
  BODY_TOO_LARGE: shown(413, 'The body is larger than the gateway takes.', 'Send less; docs/limits.md names the limit.'),
  UNSUPPORTED_MEDIA_TYPE: shown(415, 'The content type is not one the gateway takes.', 'Send Content-Type: application/json.'),
  NOT_ACCEPTABLE: shown(
    406,
    'The client accepts none of the types the gateway can answer.',
    'Accept application/graphql-response+json or application/json.',
  ),
  NOT_FOUND: shown(404, 'There is nothing at this path.', 'GraphQL is at /graphql.'),
  METHOD_NOT_ALLOWED: shown(405, 'The HTTP method is not allowed here.', 'Mutations need POST; queries may use GET.'),
  HOST_REFUSED: shown(
    421,
    'The Host header names a host that is not the gateway’s.',
    'Use a name of the gateway, or add the name to HUB_ALLOWED_HOSTS.',
  ),
  CSRF_PREVENTED: shown(
    400,
    'A page of another site could make a browser send this request.',
    'Send it from a page of the gateway itself, or add the origin to HUB_ALLOWED_ORIGINS.',
  ),
  GRAPHQL_PARSE_FAILED: shown(400, 'The document is not GraphQL.', 'Correct it at the place named.'),
  GRAPHQL_VALIDATION_FAILED: shown(400, 'The document does not fit the schema.', 'Correct it at the place named.'),
  BAD_USER_INPUT: shown(400, 'The variables do not fit the operation.', 'Send the variables that the operation declares.'),
  OPERATION_NOT_FOUND: shown(400, 'The document has no such operation.', 'Name one of its operations in operationName.'),
  PERSISTED_QUERY_NOT_FOUND: shown(200, 'The hash is not known here.', 'Send it again together with the query.'),
  PERSISTED_QUERY_NOT_SUPPORTED: shown(200, 'Persisted queries are off.', 'Send the query itself.'),
  PERSISTED_QUERY_MISMATCH: shown(400, 'The hash is not that of the query.', 'Send the SHA-256 of the text exactly as it is sent.'),
  DOCUMENT_NOT_TRUSTED: shown(
    400,
    'Only trusted documents run here, and this is none of them.',
    'Add the document to the manifest of HUB_TRUSTED_DOCUMENTS, or send one that is in it.',
  ),
  RATE_LIMITED: shown(
    429,
    'More was asked than may be in this time.',
    'Come again after the seconds of Retry-After; docs/limits.md names the rates.',
  ),
  INTROSPECTION_DISABLED: shown(400, 'Introspection is off.', 'It is off in production; use schema/supergraph.graphql.'),
  LIMIT_EXCEEDED: shown(400, 'The operation is larger than a limit allows.', 'Ask for less; docs/limits.md names every limit.'),
  REQUEST_TIMEOUT: shown(504, 'The request took longer than it may.', 'Ask for less at once, or try again.'),
  PLANNING_OVERLOADED: shown(503, 'Too many large operations wait to be planned.', 'Ask for less at once, or try again later.'),
  REQUEST_ABORTED: shown(499, 'The client went away.', 'Nothing: nobody is waiting for the answer.'),
  UNAUTHENTICATED: shown(
    401,
    'No token, or one that is not valid.',
    'Send Authorization: Bearer <token>; `npm run token` prints one in development.',
  ),
  FORBIDDEN: shown(403, 'The token does not allow this.', 'Use a token of a member that may do this.'),
  NOT_READY: shown(503, 'The server has no supergraph yet.', 'See /ready for what it waits for.'),
  INTERNAL: hidden('Something failed that should not.', 'Search the log for the request id of the answer.'),

  CURSOR_INVALID: shown(
    400,
    'The cursor of a subscription is none of this hub, was changed, or belongs to another member or operation.',
    'Subscribe without it, and read the state anew.',
  ),

  TICKET_INVALID: shown(
    401,
    'The ticket in the URL is none of this hub, was changed, is used or too old, or is for another operation.',
    'Ask POST /graphql/ticket for a new one.',
  ),
  TOKEN_IN_URL: shown(
    400,
    'A token stands in the URL, where logs and histories keep it.',
    'Send Authorization: Bearer <token>, or put a ticket of POST /graphql/ticket into the URL; give up the token that was sent.',
  ),

  LIVE_UNAVAILABLE: shown(
    400,
    'The gateway has no feed, or the field has none: there is nothing to subscribe to here.',
    'Set FEED_URL or DATABASE_URL for the gateway; docs/live.md says which fields have a feed.',
  ),
  LIVE_LIMIT: shown(
    429,
    'More subscriptions are open than may be: of one connection, one member, or all.',
    'End some of them, or come again later; docs/limits.md names the limits.',
  ),
  LIVE_TOO_SLOW: shown(
    200,
    'The client read more slowly than events came, and too much waited for it.',
    'Connect again and resume from the last cursor: the feed holds the rest.',
  ),
  LIVE_GOING_AWAY: shown(503, 'The gateway stops.', 'Connect again and resume from the last cursor.'),
  LIVE_INVALIDATED: shown(
    200,
    'The supergraph changed, and the subscription does not fit the new one.',
    'Correct the operation; its cursor says how far it was delivered.',
  ),
  LIVE_FAILED: hidden('A subscription ended by a fault of the gateway.', 'Connect again and resume from the last cursor; search the log.'),

  // Supergraph and plan
  SUPERGRAPH_SYNTAX: hidden('The supergraph is not valid SDL, perhaps cut short.', 'Compose it again; the message names line and column.'),
  SUPERGRAPH_UNSUPPORTED: hidden(
    'The supergraph uses a specification that this gateway does not know.',
    'Remove from the subgraphs what uses it, or take a newer hub.',
  ),
  SUPERGRAPH_INVALID: hidden('The supergraph cannot be used.', 'Compose it again; the message names the place.'),
  PLAN_UNREACHABLE_FIELD: shown(
    400,
    'No subgraph path leads to a field.',
    'The supergraph was not composed by a sound composer: compose it again.',
  ),
  PLAN_TOO_COMPLEX: shown(400, 'Planning the operation would take too many steps.', 'Ask for fewer fields at once.'),
  COMPOSITION_FAILED: hidden('The subgraphs do not compose.', 'Correct what the errors name; `npm run compose` shows file and line.'),

  // Calls to subgraphs
  SUBGRAPH_UNREACHABLE: shown(502, 'A subgraph cannot be reached.', 'Try again; the other fields of the answer are good.'),
  SUBGRAPH_TIMEOUT: shown(504, 'A subgraph did not answer in time.', 'Try again, or ask it for less.'),
  SUBGRAPH_UNAVAILABLE: shown(
    503,
    'A subgraph failed too often just now and is left alone for a while.',
    'Try again in some seconds; the other fields of the answer are good.',
  ),
  SUBGRAPH_OVERLOADED: shown(
    503,
    'More is asked of a subgraph than it can answer.',
    'Try again later; the other fields of the answer are good.',
  ),
  SUBGRAPH_REFUSED: shown(502, 'A subgraph answered with an HTTP error.', 'Try again; the log of the subgraph knows why.'),
  SUBGRAPH_INVALID_RESPONSE: shown(502, 'A subgraph answered something that is not a GraphQL response.', 'Its owner must correct it.'),
  SUBGRAPH_RESPONSE_TOO_LARGE: shown(502, 'A subgraph answered more than the gateway takes.', 'Ask for smaller pages.'),
  SUBGRAPH_ERROR: shown(502, 'A subgraph reported an error for a field.', 'Read the message; the other fields of the answer are good.'),
  ERRORS_NOT_SHOWN: shown(200, 'An answer has more errors than are told.', 'Correct the first ones, or ask for less at once.'),
  NULL_FOR_NON_NULL: shown(
    502,
    'A subgraph has no value where the schema promises one.',
    'The nearest field above that may be null is null; its owner must correct it.',
  ),

  // In a subgraph
  PRINCIPAL_INVALID: shown(
    401,
    'The gateway’s token is expired, forged or meant for another subgraph.',
    'Send the request to the gateway; check that both use the same keys.',
  ),
  READ_ONLY: shown(403, 'The visitor without a token may only read.', 'Send a token; `npm run token` prints one in development.'),
  GATEWAY_UNREACHABLE: hidden(
    'A subgraph that asks the gateway cannot reach it, or has no address or token for it.',
    'See whether the gateway runs, and HUB_GATEWAY_URL and HUB_SERVICE_TOKEN_FILE in docs/config.md.',
  ),
  GATEWAY_REFUSED: hidden(
    'The gateway did not answer a subgraph in full.',
    'Read the message; when it speaks of the token, start the hub again: that makes a new one.',
  ),
  SOLVE_FAILED: hidden('The solver of a plan ended without one.', 'Read the message; the input of the run is kept.'),

  // Tokens and keys
  TOKEN_INVALID: shown(401, 'The token is forged, of another issuer or for another audience.', 'Get a new one from the issuer.'),
  TOKEN_EXPIRED: shown(401, 'The token is no longer valid.', 'Get a new one from the issuer.'),
  KEYS_UNUSABLE: hidden(
    'A key file cannot be read, or is not a key.',
    'Restore it from a copy, or delete it: a new one is made, and all tokens must be made anew.',
  ),

  // Database
  POSTGRES_START_FAILED: hidden(
    'The embedded PostgreSQL did not start.',
    'Read the last lines in the message; DATABASE_URL names a server of your own instead.',
  ),
  POSTGRES_UNREACHABLE: hidden('The database does not answer.', 'See whether it runs and whether DATABASE_URL is right.'),
  MIGRATION_FAILED: hidden('A migration did not apply.', 'Read the message; nothing after it was applied.'),

  // Import of files
  IMPORT_FILE_UNREADABLE: hidden('The file to import cannot be read.', 'Correct its path, or give this user the right to read it.'),
  IMPORT_FAILED: hidden(
    'The import of a file ended before its end.',
    'Correct what the message names and run the same command again: it goes on where it stopped.',
  ),
  IMPORT_HEADER_WRONG: hidden(
    'The first line of the file is not the header of the format.',
    'See which format the file has; docs/data.md lists the columns of each.',
  ),

  // Events that are posted
  EVENT_KEYS_UNUSABLE: hidden(
    'The file in HUB_EVENT_KEYS cannot be used.',
    'Correct what the message names; docs/webhook.md shows the form.',
  ),
  EVENT_UNSIGNED: shown(
    401,
    'The signature is missing, of an unknown key, or of other words than these.',
    'Sign the time, the topic and the body exactly as they are sent; docs/webhook.md shows how.',
  ),
  EVENT_OUT_OF_TIME: shown(
    401,
    'The request was signed too long ago, or ahead of time.',
    'Set the clock, and sign again with the time of now.',
  ),
  EVENT_FORBIDDEN: shown(403, 'The key may not append this.', 'Use a key for this topic, or ask the hub for its bounds.'),
  EVENT_TOPIC_UNKNOWN: shown(404, 'There is no such topic.', 'Name a topic of schema/events.json.'),
  EVENT_INVALID: shown(400, 'The event does not fit its topic.', 'Correct the field that path names; schema/events.json declares all.'),
  EVENT_REPEATED: shown(
    409,
    'An event with this id is in the feed already.',
    'Nothing: it is in the feed once. Treat this answer as done.',
  ),
  EVENT_NOT_KEPT: shown(
    503,
    'The feed did not confirm the event in time.',
    'Send it again with the same id after the seconds of Retry-After; 409 then says that it was kept.',
  ),

  // Feed
  FEED_RESET: shown(
    410,
    'The position is no longer, or never was, in the feed: it was trimmed, or the stream was born anew.',
    'Read the state once more and go on from the head.',
  ),
  FEED_CLOSED: hidden('The feed was closed.', 'Nothing: the process is stopping.'),
  FEED_UNAVAILABLE: hidden(
    'The feed could not be reached for as long as an append may wait.',
    'See whether its database runs; the outbox keeps the events.',
  ),
} as const satisfies Record<string, ErrorEntry>;
