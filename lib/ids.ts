/** Own ids: a short prefix that names the kind, and a UUIDv7 (RFC 9562), so that ids of one process sort by the order of their making. */
import { randomBytes } from 'node:crypto';
import { realClock, type Clock } from './clock/clock.ts';

/** The system is asked for random bytes once for so many ids. */
const idsPerDraw = 256;
const idBytes = 16;
let drawn = Buffer.alloc(0);
let used = 0;

/** Where in `drawn` stand bytes that nobody else gets. */
function drawBytes(): number {
  if (used >= drawn.length) {
    drawn = randomBytes(idsPerDraw * idBytes);
    used = 0;
  }
  used += idBytes;
  return used - idBytes;
}

function drawNumber(): number {
  const at = drawBytes();
  return drawn.readUInt16BE(at);
}

const counterLimit = 0x1000;
let lastMs = 0;
let counter = 0;

/** `${prefix}_${uuidv7}`, e.g. createId('lot') → 'lot_0193…'. Opaque to everybody else. */
export function createId(prefix: string, clock: Clock = realClock): string {
  return `${prefix}_${createUuid(clock)}`;
}

/** A UUIDv7. Within one millisecond its 12 bits `rand_a` count up (RFC 9562 §6.2 method 1), so later ids are greater. */
export function createUuid(clock: Clock = realClock): string {
  const nowMs = clock.now().getTime();
  counter = nowMs === lastMs ? counter + 1 : drawNumber() & 0x7ff;
  lastMs = nowMs;
  // A full counter borrows the next millisecond for this id.
  const stamp = counter < counterLimit ? nowMs : nowMs + Math.floor(counter / counterLimit);
  const at = drawBytes();
  drawn.writeUIntBE(stamp, at, 6);
  drawn.writeUInt16BE(0x7000 | (counter % counterLimit), at + 6);
  drawn.writeUInt8((drawn.readUInt8(at + 8) & 0x3f) | 0x80, at + 8);
  const hex = drawn.toString('hex', at, at + idBytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
