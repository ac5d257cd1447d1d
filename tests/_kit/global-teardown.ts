/** After all tests: nothing of the test run's databases is left. */

export default async function globalTeardown(): Promise<void> {
  if ('endTestRun' in globalThis && typeof globalThis.endTestRun === 'function') await globalThis.endTestRun();
}
