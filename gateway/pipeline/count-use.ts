/** Stage `count`: who ran which operation, how it ended, and which fields it asked for. */
import type { Principal } from '../../lib/identity/index.ts';
import type { Hub } from './hub.ts';
import type { KnownOperation } from './known-document.ts';
import type { Answer, GatewayRequest } from './request.ts';

/** What the stages found out before they ended. */
type Findings = { readonly request?: GatewayRequest; readonly principal?: Principal; readonly operation?: KnownOperation };

export function countUse(
  { findings, answer, seconds }: { findings: Findings; answer: Answer; seconds: number },
  { metrics }: Pick<Hub, 'metrics'>,
): void {
  const { principal, operation } = findings;
  if (answer.errorCodes.length > 0) metrics.countErrors(answer.errorCodes);
  metrics.countOperation({
    member: principal?.memberId ?? principal?.roles[0] ?? 'nobody',
    operation: operation?.name ?? (operation ? 'anonymous' : 'unknown'),
    kind: operation?.definition.operation ?? 'unknown',
    outcome: toOutcome(answer),
    seconds,
    coordinates: answer.kind === 'data' ? (operation?.coordinates ?? nothing) : nothing,
  });
}

const nothing: readonly string[] = [];

function toOutcome({ kind, errorCodes }: Answer): string {
  if (kind === 'data') return errorCodes.length > 0 ? 'partial' : 'ok';
  return errorCodes[0] ?? 'unknown';
}
