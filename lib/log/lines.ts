/** The human form of a log: one short line per entry, for a terminal. */

const levelMarks: Readonly<Record<number, string>> = { 10: '·', 20: '·', 30: ' ', 40: '!', 50: '✗', 60: '✗' };
const maxLength = 1_000;
const ownFields = new Set(['level', 'time', 'service', 'msg', 'err', 'pid', 'hostname']);

/** One JSON entry of pino → `12:01:03   gateway     ready in 80 ms  port=4000`. Text that is not JSON passes unchanged. */
export function toLine(json: string): string {
  const entry = parseEntry(json);
  if (!entry) return json;
  const at = typeof entry['time'] === 'string' ? entry['time'].slice(11, 19) : '';
  const mark = levelMarks[Number(entry['level'])] ?? ' ';
  const service = toShort(entry['service'] ?? '').padEnd(11);
  const fields = Object.entries(entry)
    .filter(([name, value]) => !ownFields.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${toShort(value)}`);
  return [`${at} ${mark} ${service} ${toShort(entry['msg'] ?? '')}`, ...fields, ...errorText(entry['err'])].join('  ') + '\n';
}

function parseEntry(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    // JSON.parse of an object literal gives string keys
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function errorText(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const code = 'code' in error ? `${String(error.code)}: ` : '';
  return 'message' in error ? [`(${code}${String(error.message)})`] : [];
}

function toShort(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
