/**
 * engine/access: what a supergraph demands of whoever reads it, and what somebody sees who may not read all of it.
 *
 *   demands.ts        coordinate → demands, all of which must be met; unmet demands → denied coordinates     implies.ts
 *   meets.ts          does somebody meet a demand?
 *   touched.ts        the coordinates an operation may touch
 *   visible-schema.ts the public schema without what is denied
 */
export { demandsOf, deniedBy } from './demands.ts';
export type { Demands } from './demands.ts';
export { meets, policiesOf } from './meets.ts';
export type { Reader } from './meets.ts';
export { touchedBy } from './touched.ts';
export { visibleSchema } from './visible-schema.ts';
