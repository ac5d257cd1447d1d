/**
 * Reads one HTTP/1.1 response (RFC 9112) as its bytes come. Strict where leniency lets two readers see two responses: both lengths at
 * once, a length told twice, folded lines, bare line ends and odd chunk sizes are refused. Exports `ResponseParser`.
 */
import { isAscii } from 'node:buffer';
import { SubgraphFailure, type FailureCode } from './failure.ts';

/** Head, interim heads and trailers together. */
export const maxHeadBytes = 16_384;
/** Size of a chunk with its extensions, which are not read. */
const maxChunkLine = 256;
/** Memory taken at once for an answer of known length; what is longer grows as it comes. */
const maxFirstBytes = 1_048_576;
const firstBytesOfUnknown = 16_384;

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;
const fieldName = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
/** Control characters, and line ends that are not CR LF. */
// oxlint-disable-next-line no-control-regex -- these are the characters that it looks for
const oddCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const chunkLine = /^([\dA-Fa-f]{1,8})[\t ]*(?:;[^\r\n]*)?$/;
/** Takes no byte for another, and no byte order mark for text. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

type State = 'head' | 'fixed' | 'chunkSize' | 'chunk' | 'chunkEnd' | 'trailers' | 'untilEnd' | 'done';
type Head = { length: number | null; chunked: boolean };

export class ResponseParser {
  /** 0 until the head has come. */
  status = 0;
  /** The connection may be used again when the response is read. */
  keepAlive = true;
  readonly #name: string;
  readonly #maxBytes: number;
  #state: State = 'head';
  #begun = false;
  #headBytes = 0;
  /** Characters of a head or line whose end has not come. */
  #carry = '';
  /** Bytes still to come of the body or chunk. */
  #remaining = 0;
  #body: Buffer | null = null;
  #size = 0;
  /** The body so far, while all of it stands in the bytes at hand. */
  #view: Buffer | null = null;

  constructor(subgraph: string, maxBytes: number) {
    this.#name = subgraph;
    this.#maxBytes = maxBytes;
  }

  /** Something has come. */
  get begun(): boolean {
    return this.#begun;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Memory held for the body, in bytes. */
  get heldBytes(): number {
    return this.#body?.length ?? 0;
  }

  /** How many of the bytes belong to this response: fewer than given only when it is done. `bytes` may be overwritten afterwards. */
  take(bytes: Buffer): number {
    if (bytes.length > 0) this.#begun = true;
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') at = this.#step(bytes, at);
    if (this.#state !== 'done') this.#keepView();
    return at;
  }

  /** The peer has ended the connection. */
  end(): void {
    if (this.#state === 'done') return;
    if (this.#state !== 'untilEnd') throw this.#fault('SUBGRAPH_UNREACHABLE', 'ended its answer early', !this.#begun);
    this.#state = 'done';
  }

  /** The whole body; to be read before the bytes last taken are overwritten. */
  text(): string {
    const bytes = this.#view ?? this.#body?.subarray(0, this.#size);
    if (bytes === undefined) return '';
    if (isAscii(bytes)) return bytes.toString('latin1');
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new SubgraphFailure('SUBGRAPH_INVALID_RESPONSE', `The subgraph ${this.#name} answered bytes that are not UTF-8 text.`, {
        cause,
      });
    }
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(bytes, at);
      case 'fixed':
      case 'chunk': {
        const end = Math.min(bytes.length, at + this.#remaining);
        this.#collect(bytes.subarray(at, end));
        this.#remaining -= end - at;
        if (this.#remaining === 0) this.#state = this.#state === 'fixed' ? 'done' : 'chunkEnd';
        return end;
      }
      case 'untilEnd':
        this.#collect(bytes.subarray(at));
        return bytes.length;
      case 'chunkSize':
        return this.#takeLine(bytes, at, maxChunkLine, (line) => this.#beginChunk(line));
      case 'chunkEnd':
        return this.#takeLine(bytes, at, 2, (line) => {
          if (line !== '') throw this.#invalid('a chunk that is longer than its size');
          this.#state = 'chunkSize';
        });
      case 'trailers':
        return this.#takeLine(bytes, at, maxHeadBytes, (line) => {
          this.#countHead(line.length + 2);
          if (line === '') this.#state = 'done';
          else if (line.startsWith(' ') || line.startsWith('\t') || oddCharacter.test(line)) throw this.#invalid('a broken trailer');
        });
      case 'done':
        return at;
    }
  }

  #takeHead(bytes: Buffer, from: number): number {
    const carried = this.#carry.length;
    const endInBytes = carried === 0 ? bytes.indexOf('\r\n\r\n', from, 'latin1') : -1;
    const room = from + maxHeadBytes - carried + 1;
    const text = this.#carry + bytes.toString('latin1', from, Math.min(bytes.length, room, endInBytes === -1 ? room : endInBytes + 4));
    const end = endInBytes === -1 ? text.indexOf('\r\n\r\n', Math.max(0, carried - 3)) : text.length - 4;
    if (!text.startsWith('HTTP/1.'.slice(0, text.length))) throw this.#invalid('something that is not HTTP/1.1');
    if (end < 0) {
      if (text.length + this.#headBytes > maxHeadBytes) throw this.#headTooLarge();
      this.#carry = text;
      return bytes.length;
    }
    this.#countHead(end + 4);
    this.#carry = '';
    this.#beginBody(this.#readHead(text.slice(0, end)));
    return from + end + 4 - carried;
  }

  /** null: an interim response, after which the real one comes. */
  #readHead(text: string): Head | null {
    if (oddCharacter.test(text)) throw this.#invalid('a head with characters that do not belong there');
    let lineEnd = text.indexOf('\r\n');
    const [, minor, status] = statusLine.exec(lineEnd === -1 ? text : text.slice(0, lineEnd)) ?? [];
    if (status === undefined) throw this.#invalid('a status line that is none');
    const head: Head = { length: null, chunked: false };
    this.keepAlive = minor === '1';
    while (lineEnd !== -1) {
      const from = lineEnd + 2;
      lineEnd = text.indexOf('\r\n', from);
      this.#readField(lineEnd === -1 ? text.slice(from) : text.slice(from, lineEnd), head);
    }
    if (head.chunked && (head.length !== null || minor === '0')) throw this.#invalid('two lengths of one answer');
    const code = Number(status);
    if (code === 101) throw this.#invalid('another protocol than was asked for');
    if (code < 200) return null;
    this.status = code;
    return code === 204 || code === 304 ? { length: 0, chunked: false } : head;
  }

  #readField(line: string, head: Head): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    // An empty name, a folded line and a space before the colon are no names either
    if (colon === -1 || !fieldName.test(name)) throw this.#invalid('a header that is none');
    // Most headers are of no interest, which their length tells
    if (colon !== 10 && colon !== 14 && colon !== 16 && colon !== 17) return;
    const value = line.slice(colon + 1).trim();
    switch (name.toLowerCase()) {
      case 'content-length':
        if (head.length !== null || !/^\d{1,15}$/.test(value)) throw this.#invalid('a length that is none, or two of them');
        head.length = Number(value);
        return;
      case 'transfer-encoding':
        if (head.chunked || value.toLowerCase() !== 'chunked') throw this.#invalid('a transfer encoding that is not known');
        head.chunked = true;
        return;
      case 'content-encoding':
        if (value !== '' && value.toLowerCase() !== 'identity')
          throw this.#invalid(`a packed answer (content-encoding ${value.slice(0, 40)}), though none was asked for`);
        return;
      case 'connection':
        if (/(?:^|[\t ,])close(?:$|[\t ,])/i.test(value)) this.keepAlive = false;
        break;
      default:
    }
  }

  #beginBody(head: Head | null): void {
    if (head === null) return;
    if (head.chunked) {
      this.#state = 'chunkSize';
    } else if (head.length === null) {
      // Only the end of the connection says that all has come
      this.keepAlive = false;
      this.#state = 'untilEnd';
    } else {
      if (head.length > this.#maxBytes) throw this.#tooLarge();
      this.#remaining = head.length;
      this.#state = head.length === 0 ? 'done' : 'fixed';
    }
  }

  #beginChunk(line: string): void {
    const [, digits] = chunkLine.exec(line) ?? [];
    if (digits === undefined || oddCharacter.test(line)) throw this.#invalid('a chunk size that is none');
    this.#remaining = Number.parseInt(digits, 16);
    if (this.#size + this.#remaining > this.#maxBytes) throw this.#tooLarge();
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk';
  }

  /** Hands on a line without its CR LF, once it has come. */
  #takeLine(bytes: Buffer, from: number, max: number, onLine: (line: string) => void): number {
    const feed = bytes.indexOf(10, from);
    const end = feed === -1 ? bytes.length : feed;
    if (this.#carry.length + end - from > max) throw this.#invalid('a line that is too long between chunks');
    const text = this.#carry + bytes.toString('latin1', from, end);
    if (feed === -1) {
      this.#carry = text;
      return end;
    }
    this.#carry = '';
    if (!text.endsWith('\r')) throw this.#invalid('a line without its end between chunks');
    onLine(text.slice(0, -1));
    return feed + 1;
  }

  #collect(part: Buffer): void {
    if (this.#size + part.length > this.#maxBytes) throw this.#tooLarge();
    if (this.#size === 0 && this.#view === null) {
      this.#view = part;
    } else {
      this.#keepView();
      this.#append(part, this.#size);
    }
    this.#size += part.length;
  }

  /** Copies what so far was only looked at. */
  #keepView(): void {
    if (this.#view === null) return;
    this.#append(this.#view, 0);
    this.#view = null;
  }

  #append(part: Buffer, at: number): void {
    const needed = at + part.length;
    if (this.#body === null || this.#body.length < needed) {
      const known = this.#state === 'fixed' ? at + this.#remaining + part.length : firstBytesOfUnknown;
      const first = Math.min(known, maxFirstBytes, this.#maxBytes);
      const size = Math.max(needed, this.#body === null ? first : Math.min(this.#body.length * 2, this.#maxBytes));
      // Not of the shared pool: an answer may be large, and its bytes are overwritten before they are read
      const larger = Buffer.allocUnsafeSlow(size);
      this.#body?.copy(larger, 0, 0, at);
      this.#body = larger;
    }
    part.copy(this.#body, at);
  }

  #countHead(bytes: number): void {
    this.#headBytes += bytes;
    if (this.#headBytes > maxHeadBytes) throw this.#headTooLarge();
  }

  #headTooLarge(): SubgraphFailure {
    return this.#fault('SUBGRAPH_INVALID_RESPONSE', `sent headers of more than ${maxHeadBytes} bytes`);
  }

  #tooLarge(): SubgraphFailure {
    return this.#fault('SUBGRAPH_RESPONSE_TOO_LARGE', `answered more than ${this.#maxBytes} bytes`);
  }

  #invalid(what: string): SubgraphFailure {
    return this.#fault('SUBGRAPH_INVALID_RESPONSE', `sent ${what}`);
  }

  #fault(code: FailureCode, what: string, beforeAnswer = false): SubgraphFailure {
    return new SubgraphFailure(code, `The subgraph ${this.#name} ${what}.`, { beforeAnswer });
  }
}
