import type { z } from 'zod';

/** One variable of the table. */
export type VariableEntry = {
  readonly type: z.ZodType<unknown, string>;
  /** As it would stand in the environment. Without one the variable may be absent. */
  readonly byDefault?: string;
  readonly secret?: true;
  readonly meaning: string;
  /** Who reads it. */
  readonly readBy: string;
};
