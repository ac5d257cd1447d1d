/**
 * Cursors: where a subscription stands in the streams that it reads, signed and opaque. A position, never a permission: rights are
 * looked at again whenever one is used. Exports `createCursors`.
 *
 * Bytes before base64url: version, family (12), then for each stream the length of its epoch, the epoch, and the seq as a varint; last 16
 * bytes of HMAC-SHA256 over all before. With epochs of the feed (12 characters) at most 72 characters for one stream and 28 for each further one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createError, type HubError } from '../../lib/errors/errors.ts';
import type { FeedPosition } from '../../lib/feed/index.ts';

export const cursorLimits = {
  streams: 8,
  /** Longest epoch, in bytes of UTF-8. */
  epochBytes: 20,
  /** Longest text that is looked at. */
  characters: 512,
} as const;

/** 12 bytes that stand for one member and one operation with its variables: cursors of another family are refused. */
export type Family = Uint8Array;

export type Cursors = {
  /** One position for each stream, in the order of the operation. Throws RangeError for what no cursor can hold. */
  write(family: Family, positions: readonly FeedPosition[]): string;
  /** The positions. Throws CURSOR_INVALID when the text is none of ours, cut or changed, or of another family. */
  read(family: Family, text: string): readonly FeedPosition[];
};

const version = 1;
const familyBytes = 12;
const macBytes = 16;
const headBytes = 1 + familyBytes;

/** The first key signs, all verify. */
export function createCursors(keys: readonly Uint8Array[]): Cursors {
  const [signing] = keys;
  if (signing === undefined) throw new RangeError('Expected at least one cursor key.');
  return {
    write(family, positions) {
      const body = toBody(family, positions);
      return Buffer.concat([body, sign(signing, body)]).toString('base64url');
    },
    read(family, text) {
      const bytes = toBytes(text);
      const body = bytes.subarray(0, bytes.length - macBytes);
      const mac = bytes.subarray(bytes.length - macBytes);
      if (!keys.some((key) => timingSafeEqual(sign(key, body), mac))) throw toRefusal('is none of this hub, or was changed');
      if (body[0] !== version) throw toRefusal('is of a version that this hub does not know');
      if (!body.subarray(1, headBytes).equals(family)) throw toRefusal('belongs to another member or another operation');
      return readPositions(body);
    },
  };
}

function sign(key: Uint8Array, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(body).digest().subarray(0, macBytes);
}

function toBody(family: Family, positions: readonly FeedPosition[]): Buffer {
  if (family.length !== familyBytes) throw new RangeError(`Expected a family of ${familyBytes} bytes, got ${family.length}.`);
  if (positions.length === 0 || positions.length > cursorLimits.streams)
    throw new RangeError(`Expected 1 to ${cursorLimits.streams} positions, got ${positions.length}.`);
  return Buffer.concat([Buffer.of(version), family, ...positions.map(toPositionBytes)]);
}

function toPositionBytes({ epoch, seq }: FeedPosition): Buffer {
  const text = Buffer.from(epoch);
  if (text.length > cursorLimits.epochBytes)
    throw new RangeError(`Expected an epoch of at most ${cursorLimits.epochBytes} bytes, got ${text.length}.`);
  return Buffer.concat([Buffer.of(text.length), text, toVarint(seq)]);
}

/** Seven bits a byte, the lowest first (LEB128). */
function toVarint(value: number): Buffer {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Expected a seq from 0 to 2^53 - 1, got ${value}.`);
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  return Buffer.from([...bytes, rest]);
}

/** Buffer skips what is no base64url: only a text that is written the same way again is taken. */
function toBytes(text: string): Buffer {
  if (text.length > cursorLimits.characters) throw toRefusal('is longer than any of this hub');
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < headBytes + macBytes || bytes.toString('base64url') !== text) throw toRefusal('is cut short or no cursor at all');
  return bytes;
}

/** Of a body whose signature is right: written here, so it can be read. */
function readPositions(body: Buffer): FeedPosition[] {
  const positions: FeedPosition[] = [];
  let at = headBytes;
  while (at < body.length) {
    const end = at + 1 + (body[at] ?? 0);
    const epoch = body.toString('utf8', at + 1, end);
    let seq = 0;
    let factor = 1;
    for (at = end; (body[at] ?? 0) >= 128; at += 1, factor *= 128) seq += ((body[at] ?? 0) - 128) * factor;
    seq += (body[at] ?? 0) * factor;
    at += 1;
    positions.push({ epoch, seq });
  }
  return positions;
}

function toRefusal(what: string): HubError {
  return createError('CURSOR_INVALID', `The cursor ${what}. Subscribe without it, and read the state anew.`);
}
