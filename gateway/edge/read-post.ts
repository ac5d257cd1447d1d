/** The parameters that a POST brings: who may send one, in which type, and how large. Exports `createPostReader`. */
import type { IncomingMessage } from 'node:http';
import { createError } from '../../lib/errors/errors.ts';
import type { SenderCheck } from './check-sender.ts';
import { isJsonContentType } from './media-types.ts';
import { createParamsReader } from './params-reader.ts';
import { readBody } from './read-body.ts';
import type { JsonBounds } from './strict-json.ts';

export type PostOptions = { readonly sender: SenderCheck; readonly bodyLimitBytes: number; readonly jsonBounds: JsonBounds };

/** Rejects with CSRF_PREVENTED, UNSUPPORTED_MEDIA_TYPE, and what reading body and JSON does. */
export function createPostReader({ sender, bodyLimitBytes, jsonBounds }: PostOptions): (message: IncomingMessage) => Promise<unknown> {
  const readParams = createParamsReader(jsonBounds);
  return async (message) => {
    sender.assertOrigin(message.headers);
    if (!isJsonContentType(message.headers['content-type'])) {
      throw createError('UNSUPPORTED_MEDIA_TYPE', 'Send Content-Type: application/json, in UTF-8.');
    }
    return readParams(await readBody(message, bodyLimitBytes));
  };
}
