// A stand-in subgraph below HTTP: it finds the end of each request and writes an answer that was made before.
import { createServer } from 'node:net';

const size = Number(process.argv[2]);
const frame = '{"data":{"text":""}}';
const body = `{"data":{"text":"${'x'.repeat(size - frame.length)}"}}`;
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Sun, 22 Nov 2026 12:00:00 GMT\r\ncontent-length: ${size}\r\n\r\n${body}`,
);

const server = createServer((socket) => {
  let text = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      const end = headEnd + 4 + length;
      if (text.length < end) return;
      text = text.slice(end);
      socket.write(answer);
    }
  });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
