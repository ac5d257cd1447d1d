/** Reads a cursor of one stream as the page on live streams describes it, without the product's code: version, 12 bytes of family, epoch, seq, 16 bytes of HMAC. */

export function readCursorText(cursor: string): { readonly epoch: string; readonly seq: number } {
  const bytes = [...Buffer.from(cursor, 'base64url')].slice(13, -16);
  const [length = 0, ...rest] = bytes;
  const seq = rest.slice(length).reduce((sum, byte, index) => sum + (byte % 128) * 128 ** index, 0);
  return { epoch: String.fromCharCode(...rest.slice(0, length)), seq };
}
