/**
 * Payloads of an answer in several pieces as text, in the two forms that clients speak (docs/decisions/defer.md). Exports
 * `toFirstMembers`, `toLaterText`.
 *
 *   ids     `pending` announces each deferred fragment, `incremental` and `completed` name it by its id
 *   paths   each item of `incremental` says itself where it belongs
 */
import type { LaterPayload } from '../execute/index.ts';
import type { AnswerError } from './request.ts';

export type PayloadForm = 'ids' | 'paths';

type Pending = LaterPayload['pending'];

/** An outgoing payload: its errors are what the client may see. */
export type Payload = {
  readonly pending: Pending;
  readonly pieces: readonly (Omit<LaterPayload['pieces'][number], 'errors'> & { readonly errors: readonly AnswerError[] })[];
  readonly completed: readonly (Omit<LaterPayload['completed'][number], 'errors'> & { readonly errors: readonly AnswerError[] | null })[];
  readonly hasNext: boolean;
};

/** What the first payload holds besides data and errors. */
export function toFirstMembers(form: PayloadForm, pending: Pending): string {
  return form === 'ids' ? `"pending":${writePending(pending)},"hasNext":true` : '"hasNext":true';
}

/** Null when this form has nothing to say of the payload. */
export function toLaterText(form: PayloadForm, payload: Payload): string | null {
  return form === 'ids' ? toIdsText(payload) : toPathsText(payload);
}

function toIdsText({ pending, pieces, completed, hasNext }: Payload): string {
  const members: string[] = [];
  if (pending.length > 0) members.push(`"pending":${writePending(pending)}`);
  if (pieces.length > 0) {
    const items = pieces.map(({ id, subPath, data, errors }) => {
      const below = subPath.length === 0 ? '' : `"subPath":${JSON.stringify(subPath)},`;
      return `{"id":${JSON.stringify(id)},${below}"data":${data}${writeErrors(errors)}}`;
    });
    members.push(`"incremental":[${items.join(',')}]`);
  }
  if (completed.length > 0) {
    const items = completed.map(({ id, errors }) => `{"id":${JSON.stringify(id)}${writeErrors(errors ?? [])}}`);
    members.push(`"completed":[${items.join(',')}]`);
  }
  return `{${[...members, `"hasNext":${hasNext}`].join(',')}}`;
}

function toPathsText({ pieces, completed, hasNext }: Payload): string | null {
  const items = [
    ...pieces,
    // Of a fragment that cannot stand there is no data at all.
    ...completed.flatMap(({ label, path, errors }) => (errors === null ? [] : [{ label, path, data: 'null', errors }])),
  ].map(({ label, path, data, errors }) => {
    const name = label === null ? '' : `"label":${JSON.stringify(label)},`;
    return `{${name}"path":${JSON.stringify(path)},"data":${data}${writeErrors(errors)}}`;
  });
  if (items.length === 0) return hasNext ? null : '{"hasNext":false}';
  return `{"incremental":[${items.join(',')}],"hasNext":${hasNext}}`;
}

function writePending(pending: Pending): string {
  return JSON.stringify(pending.map(({ id, path, label }) => (label === null ? { id, path } : { id, path, label })));
}

function writeErrors(errors: readonly AnswerError[]): string {
  return errors.length === 0 ? '' : `,"errors":${JSON.stringify(errors)}`;
}
