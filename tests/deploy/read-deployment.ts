/** Dockerfile and docker-compose.yml as data, for the tests that compare them with the tree. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { fromRoot } from '../../lib/paths.ts';

const text = (file: string): string => readFileSync(fromRoot(file), 'utf8');

export type Instruction = { readonly word: string; readonly args: string; readonly stage: number };

/** Instructions in order; `stage` counts the FROMs. */
export function readDockerfile(): Instruction[] {
  const lines = text('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  let stage = -1;
  return lines.map((line) => {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'FROM') stage += 1;
    return { word, args: rest.join(' '), stage };
  });
}

/** The list of a JSON form such as `CMD ["node", "a.js"]`. */
export function toWords(args: string): string[] {
  return z.array(z.string()).parse(JSON.parse(args.slice(args.indexOf('['))));
}

const condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully']);
const serviceShape = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  init: z.boolean().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  restart: z.string(),
  stop_grace_period: z.string().optional(),
  healthcheck: z
    .object({ disable: z.boolean().optional(), test: z.array(z.string()).optional() })
    .loose()
    .optional(),
  depends_on: z.record(z.string(), z.object({ condition })).default({}),
});
const composeShape = z.object({ services: z.record(z.string(), serviceShape), volumes: z.record(z.string(), z.unknown()) });

export type Service = z.infer<typeof serviceShape>;

export const ownImage = 'industry-router';

/** Unknown keys of a service are an error of the test: nothing in the file goes unlooked at. */
export function readCompose(): z.infer<typeof composeShape> {
  return composeShape.parse(parse(text('docker-compose.yml'), { merge: true }));
}

export const readText = text;
