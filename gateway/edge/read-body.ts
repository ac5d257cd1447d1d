/**
 * Reads the body of a request: unpacked, bounded, UTF-8. The limit holds for the bytes on the wire and for the unpacked ones, and
 * reading ends at the first byte over it. Exports `readBody`.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { createError, type HubError } from '../../lib/errors/errors.ts';

const unpackers: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** Throws BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE (unknown encoding), BAD_REQUEST (broken encoding, not UTF-8, cut off). */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<string> {
  const named = request.headers['content-encoding'];
  const encoding = named === undefined ? 'identity' : named.trim().toLowerCase();
  const createUnpacker = unpackers.get(encoding);
  if (!createUnpacker && encoding !== 'identity') {
    throw createError('UNSUPPORTED_MEDIA_TYPE', 'The content encoding is not one of gzip, deflate, br and identity.');
  }
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const chunks = await collect(request, createUnpacker?.(), limitBytes);
  const [first] = chunks;
  const bytes = chunks.length === 1 && first ? first : Buffer.concat(chunks);
  // Most bodies: read without looking at their bytes again
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) throw createError('BAD_REQUEST', 'The body is not UTF-8.');
  // A byte order mark stays: JSON does not know it
  return bytes.toString('utf8');
}

function collect(request: IncomingMessage, unpacker: Transform | undefined, limitBytes: number): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let wireBytes = 0;
    let bytes = 0;
    const fail = (error: HubError) => {
      request.off('data', onWire);
      unpacker?.destroy();
      reject(error);
    };
    const onChunk = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) fail(tooLarge(limitBytes));
      else chunks.push(chunk);
    };
    const onWire = (chunk: Buffer) => {
      wireBytes += chunk.length;
      if (wireBytes > limitBytes) fail(tooLarge(limitBytes));
      else if (!unpacker) onChunk(chunk);
      // The unpacker is drained as fast as it fills, and what is written to it is bounded: its back-pressure can be left aside
      else unpacker.write(chunk);
    };
    request.on('data', onWire);
    request.on('end', () => (unpacker ? unpacker.end() : resolve(chunks)));
    request.on('error', (cause) => fail(createError('BAD_REQUEST', 'The body was cut off.', { cause })));
    request.on('close', () => {
      if (!request.complete) fail(createError('BAD_REQUEST', 'The body was cut off.'));
    });
    unpacker?.on('data', onChunk);
    unpacker?.on('end', () => resolve(chunks));
    unpacker?.on('error', (cause) => fail(createError('BAD_REQUEST', 'The body is not encoded as its Content-Encoding says.', { cause })));
  });
}

function tooLarge(limitBytes: number): HubError {
  return createError('BODY_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`, { details: { limit: 'body' } });
}
