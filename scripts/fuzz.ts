/**
 * `npm run fuzz`: random cuts of a monolith, random operations, the hub's answer against the monolith's.
 *
 *   --minutes n      how long (default 5)          --from n   first seed (default: from the time, and printed)
 *   --operations n   operations per cut (default 200)
 *   --cut s --operation n   one case again, with the subgraphs and the plan
 */
import { parseArgs } from 'node:util';
import { compareOperation } from '../tests/differential/compare.ts';
import { composeCut } from '../tests/differential/compose-cut.ts';
import { graphSdl } from '../tests/differential/cut.ts';
import { describeFinding, operationOf, planText, runCuts } from '../tests/differential/run.ts';
import type { Tally } from '../tests/differential/run.ts';
import { shrinkOperation } from '../tests/differential/shrink.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { minutes: text, from: text, operations: text, cut: text, operation: text } });

if (values.cut === undefined) await search();
else await replay(Number(values.cut), Number(values.operation ?? 1));

async function search(): Promise<void> {
  const from = Number(values.from ?? Math.floor(Date.now() / 1000) % 1_000_000);
  const endsAt = Date.now() + Number(values.minutes ?? 5) * 60_000;
  console.log(`seeds from ${from}`);
  let shown = 0;
  const goOn = (tally: Tally): boolean => {
    for (const finding of tally.findings.slice(shown)) console.log(`\n${describeFinding(finding)}`);
    shown = tally.findings.length;
    return Date.now() < endsAt;
  };
  const tally = await runCuts({ from, operationsPerCut: Number(values.operations ?? 200), goOn });
  const refused = [...tally.refused].map(([code, count]) => `${code} ${count}`).join(', ') || 'none';
  console.log(
    `\n${tally.cuts} cuts (refused: ${refused}), ${tally.operations} operations, ${tally.invalid} not valid, ${tally.findings.length} differences`,
  );
  process.exitCode = tally.findings.length === 0 ? 0 : 1;
}

async function replay(cut: number, number: number): Promise<void> {
  const ready = composeCut(cut);
  if (!('cut' in ready)) {
    console.log(ready.map((error) => `${error.code}: ${error.message}`).join('\n'));
    process.exitCode = 1;
    return;
  }
  const operation = operationOf(ready, number);
  if (operation === null) {
    console.log('The grammar made no valid operation from this seed.');
    return;
  }
  const difference = await compareOperation(ready, operation);
  const small =
    difference === null
      ? operation
      : await shrinkOperation(
          ready.supergraph.publicSchema,
          operation,
          async (smaller) => (await compareOperation(ready, smaller))?.kind === difference.kind,
        );
  const last = difference === null ? null : await compareOperation(ready, small);
  for (const graph of ready.cut.graphs) console.log(`# ${graph.name}\n${graphSdl(ready.cut, graph)}\n`);
  console.log(`${small.text.trim()}\nvariables ${JSON.stringify(small.variables)}\n\n${planText(ready, small)}\n`);
  console.log(last === null ? 'equal' : `${last.kind}: ${last.detail}`);
  process.exitCode = last === null ? 0 : 1;
}
