// Ids made from a text instead of the clock: the same row of the same file gets the same id, however often it is read.
import { createHash } from 'node:crypto';

/** `${prefix}_${uuid}` with a UUID of version 8 (RFC 9562 §5.8, custom) over the SHA-256 of the text. */
export function toDerivedId(prefix: string, text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${prefix}_${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
