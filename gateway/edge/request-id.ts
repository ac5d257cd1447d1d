/** The id by which one request is found in every log. Exports `toRequestId`. */
import { createId } from '../../lib/ids.ts';

const sane = /^[\w.:-]{1,64}$/;

/** The client's own id when it is short and plain, else a new one. */
export function toRequestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && sane.test(header) ? header : createId('req');
}
