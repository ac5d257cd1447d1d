/**
 * engine/compile/splice: the fast path of queries. Answers are read by their expected shape, as bytes, and joined by copying pieces;
 * whatever is not expected goes the path of objects, which gives the same bytes and all errors.
 *
 *   shape.ts      what an answer must look like, from the document     leaf-checks.ts   what its leaves may be
 *   scan.ts       reads an answer: rows of numbers, no objects          scan-values.ts   its leaves
 *   rows.ts       which rows are which objects                          run.ts           the same for the answers of one run
 *   represent.ts  bodies of requests                                    sent.ts          what was sent already
 *   compile-emit.ts, emit-steps.ts   how objects are written            emit.ts          the client's answer
 *   same-objects.ts   objects that must be written alike                bytes.ts         buffers
 *   joiner.ts     all of it for one run, and what is made once for all that share answers
 */
export { compileSplice, createSpliceJoiner } from './joiner.ts';
export type { CompiledSplice, SpliceJoiner } from './joiner.ts';
export { NotSpliced } from './not-spliced.ts';
