/** Writes a body as it comes, no faster than the client reads. Exports `writeStream` and `cutUnread`. */
import type { ServerResponse } from 'node:http';
import type { StreamBody } from './http-answer.ts';

/**
 * Ends the response. Whoever goes away ends what makes the body, and so does whoever reads nothing for `unreadMs` of what is waiting for
 * him: no more is made than is read.
 */
export async function writeStream(response: ServerResponse, { chunks, keepAlive }: StreamBody, unreadMs: number): Promise<void> {
  const closed = new Promise<'closed'>((resolve) => response.once('close', () => resolve('closed')));
  const timer = setInterval(() => beat(response, keepAlive.text), keepAlive.everyMs);
  try {
    while (!response.destroyed) {
      const step = await Promise.race([chunks.next(), closed]);
      if (step === 'closed' || step.done === true) break;
      timer.refresh();
      if (response.write(step.value)) continue;
      cutUnread(response, unreadMs);
      await Promise.race([new Promise((resolve) => response.once('drain', resolve)), closed]);
      response.socket?.setTimeout(0);
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
  cutUnread(response, unreadMs);
}

/** Closes the connection when the client reads nothing for so long of what is written; however slowly it reads, it may go on. */
export function cutUnread(response: ServerResponse, unreadMs: number): void {
  if (response.writableLength > 0) response.socket?.setTimeout(unreadMs);
}

/** Nothing is added to what the client has not read yet. */
function beat(response: ServerResponse, text: string): void {
  if (!response.destroyed && !response.writableNeedDrain) response.write(text);
}
