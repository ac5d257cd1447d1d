/** Writes a body as it comes, no faster than the client reads. Exports `writeStream`. */
import type { ServerResponse } from 'node:http';
import type { StreamBody } from './http-answer.ts';

/** Ends the response. Whoever goes away ends what makes the body. */
export async function writeStream(response: ServerResponse, { chunks, keepAlive }: StreamBody): Promise<void> {
  const closed = new Promise<'closed'>((resolve) => response.once('close', () => resolve('closed')));
  const timer = keepAlive === null ? undefined : setInterval(() => beat(response, keepAlive.text), keepAlive.everyMs);
  try {
    while (!response.destroyed) {
      const step = await Promise.race([chunks.next(), closed]);
      if (step === 'closed' || step.done === true) break;
      timer?.refresh();
      if (!response.write(step.value)) await Promise.race([new Promise((resolve) => response.once('drain', resolve)), closed]);
    }
  } catch (error) {
    // The status is sent long since: a body that breaks off is all that can still be said.
    response.destroy();
    throw error;
  } finally {
    clearInterval(timer);
    await chunks.return?.();
  }
  response.end();
}

/** Nothing is added to what the client has not read yet. */
function beat(response: ServerResponse, text: string): void {
  if (!response.destroyed && !response.writableNeedDrain) response.write(text);
}
