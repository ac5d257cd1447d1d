/**
 * engine/compile/splice: the fast path of queries. Answers are read by their expected shape, as bytes, and joined by copying pieces;
 * whatever is not expected goes the path of objects, which gives the same bytes and all errors.
 *
 *   shape.ts      what an answer must look like, from the document     leaf-checks.ts   what its leaves may be
 *   scan.ts       reads an answer: rows of numbers, no objects          scan-values.ts   its leaves
 *   rows.ts       from rows of one answer to those of another           bytes.ts         buffers
 *   represent.ts  bodies of requests                                    sent.ts          what was sent already
 *   emit.ts       the client's answer
 *   joiner.ts     all of it for one run, and what is made once for all that share answers
 */
export { compileSplice, createSpliceJoiner } from './joiner.ts';
export type { CompiledSplice, SpliceJoiner } from './joiner.ts';
export { NotSpliced } from './not-spliced.ts';
