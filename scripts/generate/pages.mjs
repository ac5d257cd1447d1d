// Pages of docs/ that are printed from the tables in lib/: every variable, every error code.
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;
const head = (...names) => [row(...names), row(...names.map(() => '---'))];

/** `variables` is the table of lib/config/variables.ts. */
export function printConfigPage(variables) {
  const groups = [
    ['Process', (name) => !name.startsWith('HUB_')],
    ['Hub', (name) => name.startsWith('HUB_') && !name.startsWith('HUB_LIMIT_')],
    ['Limits', (name) => name.startsWith('HUB_LIMIT_')],
  ];
  const sections = groups.flatMap(([title, belongs]) => [
    `## ${title}`,
    '',
    ...head('Variable', 'Default', 'Meaning', 'Read by'),
    ...Object.entries(variables)
      .filter(([name]) => belongs(name))
      .map(([name, { byDefault, secret, meaning, readBy }]) =>
        row(`\`${name}\`${secret ? ' (secret)' : ''}`, byDefault === undefined ? '–' : `\`${byDefault}\``, meaning, readBy),
      ),
    '',
  ]);
  return [
    '# Configuration',
    '',
    'Every variable that the hub reads from its environment. All have a safe default: nothing must be set to try the hub.',
    'A wrong value, or a variable that begins with `HUB_` and is not in these tables, ends the start with one line that says what to do.',
    'Secrets never appear in logs, in errors or on a command line.',
    '',
    'This page is written by `npm run generate` from [lib/config/variables.ts](../lib/config/variables.ts).',
    '',
    ...sections,
  ].join('\n');
}

/** `catalogue` is the table of lib/errors/catalogue.ts, `problems` the one of subgraph-kit/problems.ts. */
export function printErrorPage(catalogue, problems) {
  const rows = Object.entries(catalogue).map(([code, { status, visible, meaning, advice }]) =>
    row(`\`${code}\``, status, visible ? 'yes' : 'no', meaning, advice),
  );
  return [
    '# Errors',
    '',
    'Every code that the hub gives, in `extensions.code` of an answer or in a log line. *Status* is the HTTP status when the error is the',
    'whole answer; an error inside a partial answer leaves the status at 200. When a message is not for clients, they read',
    '"Internal error" and the request id, by which the log shows the rest.',
    '',
    'What a mutation refuses because of the state of things is no error: it stands in the `problems` of its payload.',
    '',
    'This page is written by `npm run generate` from [lib/errors/catalogue.ts](../lib/errors/catalogue.ts).',
    '',
    ...head('Code', 'Status', 'For clients', 'Meaning', 'What to try'),
    ...rows,
    '',
    '## Problems',
    '',
    'What a mutation may put in its `problems`, from [subgraph-kit/problems.ts](../subgraph-kit/problems.ts). Nothing was written then.',
    '',
    ...head('Code', 'Meaning, and what to do'),
    ...Object.entries(problems).map(([code, meaning]) => row(`\`${code}\``, meaning)),
    '',
  ].join('\n');
}
