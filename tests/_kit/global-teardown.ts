/** After all tests: nothing of the test run's databases is left. */

export default async function globalTeardown(): Promise<void> {
  const end: unknown = Reflect.get(globalThis, 'endTestRun');
  if (typeof end === 'function') await end();
}
