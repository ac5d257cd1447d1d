// Runs an import in its thread and passes its progress on.
import { Worker } from 'node:worker_threads';
import { createError } from '../../lib/errors/errors.ts';
import type { ImportResult, ImportStep } from '../../subgraph-kit/import/run-import.ts';
import type { ImportRun } from './formats.ts';

export type Job = Pick<ImportRun, 'url' | 'file' | 'dataFolder' | 'options'> & { readonly format: string };

export type Message =
  | { readonly kind: 'step'; readonly step: ImportStep }
  | { readonly kind: 'done'; readonly result: ImportResult }
  | { readonly kind: 'failed'; readonly line: string };

/** Small enough that collecting garbage is never put off for long; the import keeps far less. */
const resourceLimits = { maxOldGenerationSizeMb: 104, maxYoungGenerationSizeMb: 8 };

export function runJob(job: Job, onStep: (step: ImportStep) => void): Promise<ImportResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: job, resourceLimits });
    worker.on('message', (message: Message) => {
      switch (message.kind) {
        case 'step':
          return onStep(message.step);
        case 'done':
          return resolve(message.result);
        case 'failed':
          // the line says it all, with its own code
          return reject(new Error(message.line));
      }
    });
    worker.on('error', (cause) => reject(createError('IMPORT_FAILED', `the import ended: ${cause.message}`, { cause })));
    worker.on('exit', (code) => reject(createError('IMPORT_FAILED', `the import ended with code ${code}`)));
  });
}
