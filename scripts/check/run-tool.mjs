// Runs the program of an installed package with this Node (no shell, no .cmd files, so the same on every system).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

/** Returns [] when it ended with 0, else its output as one text. */
export async function runTool(packageName, program, args) {
  const file = join(root, 'node_modules', packageName, program);
  if (!existsSync(file)) return [`${packageName} is not installed: run \`npm ci\``];
  const child = spawn(process.execPath, [file, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const output = Buffer.concat(chunks).toString().trim();
  return code === 0 ? [] : [output === '' ? `${packageName} ended with code ${code}` : output];
}
