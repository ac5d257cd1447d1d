// Posts one event, signed by an Ed25519 key, and sends it again until the hub has it: node examples/webhook/post-event.mjs <url> <key id> <key file> <topic> <event file>
import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const [hub, keyId, keyFile, topic, eventFile] = process.argv.slice(2);
const key = createPrivateKey(await readFile(keyFile));
const body = await readFile(eventFile, 'utf8');

async function post() {
  const timestamp = Math.floor(Date.now() / 1_000);
  const signature = sign(null, Buffer.from(`${timestamp}\n${topic}\n${body}`), key);
  return fetch(`${hub}/events/${topic}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'event-key': keyId,
      'event-timestamp': String(timestamp),
      'event-signature': signature.toString('base64'),
    },
    body,
  });
}

// 204: it is kept. 409: it was kept before, and the answer was lost. 429, 503, no answer: again, with the same id.
for (;;) {
  const answer = await post().catch(() => null);
  const status = answer?.status ?? 0;
  console.log(status, (await answer?.text()) ?? '');
  if (status === 204 || status === 409) break;
  if (status !== 0 && status !== 429 && status !== 503) process.exit(1);
  await sleep(1_000 * Number(answer?.headers.get('retry-after') ?? 1));
}
