// What the kit must know of a table: its name, its key, who owns a row and who may see it.
import { isHub, isVisitor, type Principal } from './principal.ts';
import { name, sql, type Sql } from './sql.ts';

/** Rows that a viewer may see, as a condition on the alias `t`. */
export type Fence = (viewer: Principal) => Sql;

export type Table<Row> = {
  /** Name in the database, equal to the Prisma model. */
  readonly table: string;
  /** Columns of the key, in order. */
  readonly key: readonly (keyof Row & string)[];
  readonly fence: Fence;
};

/** Fixes a table. Rows of it are of the type `Row`. */
export const defineTable = <Row>(table: Table<Row>): Table<Row> => Object.freeze(table);

/** Everybody may see every row. */
export const openToAll: Fence = () => sql`true`;

/** The values of a row's key, as text. */
export const keyOf = <Row>(table: Table<Row>, row: Row): string[] => table.key.map((column) => String(row[column]));

/**
 * Rows for their owner and the hub; for members of the kinds named; and, where rows tell their origin, demonstration rows
 * (generated or imported from public files) for a visitor.
 */
export function ownerFence(options: { owner?: string; kinds?: readonly string[]; origin?: boolean } = {}): Fence {
  const owner = name(options.owner ?? 'memberId');
  return (viewer) => {
    if (isHub(viewer)) return sql`true`;
    if (isVisitor(viewer)) return options.origin === false ? sql`false` : sql`t."origin"::text <> 'REPORTED'`;
    if (options.kinds?.some((kind) => viewer.kinds.includes(kind))) return sql`true`;
    return sql`t.${owner} = ${viewer.memberId}`;
  };
}

/** True when the viewer is the owner or the hub, or a visitor who looks at a demonstration row. */
export function maySee(viewer: Principal, row: { memberId: string | null; origin?: string }): boolean {
  if (isHub(viewer)) return true;
  if (isVisitor(viewer)) return row.origin !== undefined && row.origin !== 'REPORTED';
  return row.memberId === viewer.memberId;
}
