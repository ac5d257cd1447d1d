/** What the table of mutations says of each. */
import type { Player } from '../../_kit/hub.ts';
import type { World } from '../world.ts';

export type Attempt = { readonly player: Player; readonly input: Record<string, unknown> };

export type Entry = {
  /** A fresh input that works, without its key. */
  readonly works: (world: World) => Promise<Attempt>;
  /** Fields of the answer's node. */
  readonly fields: string;
  /** Events of the change and of all that follows from it, one per state change. */
  readonly topics: readonly string[];
  /** Topics of events whose number depends on what else waits in the industry. */
  readonly aside?: readonly string[];
  /** Another member of the same kind, who gets NOT_YOURS; or why there is nobody else's row in the input; null: any member may. */
  readonly other: ((world: World) => Player) | string | null;
  /** An input from a forbidden state, refused with WRONG_STATE; or why no state forbids it. */
  readonly forbidden: ((world: World) => Promise<Attempt>) | string;
};

export const NEW = 'it makes a row of its own and names no other row';
export const STATELESS = 'the row has no states';
