// Loaded beside a gateway that is put to the test (`node --import`): it looks at the process from within and answers its parent.
// The product knows nothing of it. After each response it looks whether a prototype was changed.
import diagnostics from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const prototypes = { Object: Object.prototype, Array: Array.prototype, Function: Function.prototype, String: String.prototype };
const keysOf = () => Object.entries(prototypes).map(([name, prototype]) => `${name}: ${Reflect.ownKeys(prototype).map(String).join(' ')}`);
const atFirst = keysOf();

let looks = 0;
let polluted = null;
const escaped = [];

function look() {
  looks += 1;
  if (polluted !== null) return;
  const now = keysOf();
  for (const [index, keys] of atFirst.entries()) if (now[index] !== keys) polluted = now[index];
}

diagnostics.subscribe('http.server.response.finish', look);
process.on('uncaughtExceptionMonitor', (error, origin) => escaped.push(`${origin}: ${error?.stack ?? error}`));
process.on('unhandledRejection', (reason) => escaped.push(`unhandledRejection: ${reason?.stack ?? reason}`));

// A histogram that is switched off and on again takes the pause for a delay: so each stretch has its own.
const startDelay = () => {
  const histogram = monitorEventLoopDelay({ resolution: 5 });
  histogram.enable();
  return histogram;
};
let delay = startDelay();
/** Of all stretches the worst. */
let delays = { maxMs: 0, p99Ms: 0 };
const noteDelay = () => {
  delays = { maxMs: Math.max(delays.maxMs, delay.max / 1e6), p99Ms: Math.max(delays.p99Ms, delay.percentile(99) / 1e6) };
};

// How long one turn kept the loop, and how much of it this process had a processor at all: on a machine that is shared they differ.
const everyMs = 5;
const turns = { longestMs: 0, longestOwnMs: 0 };
let last = { at: performance.now(), cpu: process.cpuUsage() };
let measuring = true;
setInterval(() => {
  const at = performance.now();
  const cpu = process.cpuUsage();
  const wallMs = at - last.at - everyMs;
  const ownMs = Math.min(wallMs, (cpu.user - last.cpu.user + cpu.system - last.cpu.system) / 1_000);
  last = { at, cpu };
  if (!measuring) return;
  turns.longestMs = Math.max(turns.longestMs, wallMs);
  turns.longestOwnMs = Math.max(turns.longestOwnMs, ownMs);
}, everyMs).unref();

/** What was before was the start. */
function begin() {
  delay.reset();
  delays = { maxMs: 0, p99Ms: 0 };
  Object.assign(turns, { longestMs: 0, longestOwnMs: 0 });
}

async function measureMemory() {
  // A forced collection stops the loop: that is ours, not the gateway's
  delay.disable();
  noteDelay();
  measuring = false;
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  last = { at: performance.now(), cpu: process.cpuUsage() };
  measuring = true;
  delay = startDelay();
  return { heldBytes: heapUsed + external, rssBytes: rss };
}

process.on('message', (message) => {
  if (message?.kind === 'probe') void answer(message);
});

async function answer(message) {
  look();
  if (message.begin) begin();
  noteDelay();
  const memory = message.memory ? await measureMemory() : null;
  const { user, system } = process.cpuUsage();
  process.send({
    kind: 'probed',
    id: message.id,
    memory,
    looks,
    polluted,
    escaped,
    loop: { ...delays, longestMs: turns.longestMs, longestOwnMs: turns.longestOwnMs },
    cpuSeconds: (user + system) / 1e6,
  });
}
