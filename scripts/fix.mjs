// `npm run fix`: applies the linter's safe repairs, formats, and writes the generated files again.
import { runTool } from './check/run-tool.mjs';
import { writeGenerated } from './generate.mjs';

const problems = [
  ...(await runTool('oxlint', 'bin/oxlint', ['--fix', '--type-aware', '--deny-warnings', '-f', 'unix'])),
  ...(await runTool('oxfmt', 'bin/oxfmt', ['--write'])),
];
const written = await writeGenerated();
for (const file of written) console.log(`wrote ${file}`);
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
