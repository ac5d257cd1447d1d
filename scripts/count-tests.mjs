// A jest reporter that writes how many tests passed, failed and were skipped to the file named by IR_TEST_COUNTS.
// A file that could not be run at all counts as one failed test.
import { writeFileSync } from 'node:fs';

export default class CountTests {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = results;
    const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, skipped: numPendingTests + numTodoTests };
    if (process.env.IR_TEST_COUNTS) writeFileSync(process.env.IR_TEST_COUNTS, JSON.stringify(counts));
  }
}
