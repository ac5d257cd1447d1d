// Health check of a container: ends with 0 when the service on PORT says it is ready.
const limitMs = 2_500;
const url = `http://127.0.0.1:${process.env.PORT ?? 4000}/ready`;
try {
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
  if (!ok) console.error(`${url} answered ${status}`);
  process.exit(ok ? 0 : 1);
} catch (error) {
  console.error(`${url}: ${error.message}`);
  process.exit(1);
}
