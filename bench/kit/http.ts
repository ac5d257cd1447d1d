/** The least of HTTP that the bench's own processes speak. Exports `toResponse`, `toRequest`. */

export function toResponse(body: string): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`),
    bytes,
  ]);
}

export function toRequest(port: number, path: string, body: string): string {
  const length = Buffer.byteLength(body);
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-type: application/json\r\naccept: application/json\r\n`;
  return `${head}content-length: ${length}\r\n\r\n${body}`;
}
