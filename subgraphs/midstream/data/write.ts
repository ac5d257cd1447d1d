// How rows of midstream are written, with their events. Lists in, a constant number of statements out: mutations hand in one row,
// generators and importers hundreds.
import type { Emit } from '../../../subgraph-kit/outbox.ts';
import { promisable } from '../stock.ts';
import type { Tx } from './client.ts';
import type { DistributorRow, PositionRow, SiteRow, SlaRow, TariffRow } from './tables.ts';

/** A transaction and the collection of its events. */
export type Writer = { readonly tx: Tx; readonly emit: Emit };

export async function insertDistributors({ tx, emit }: Writer, rows: readonly DistributorRow[], slas: readonly SlaRow[]): Promise<void> {
  await tx.distributor.createMany({ data: [...rows] });
  if (slas.length > 0) await tx.sla.createMany({ data: [...slas] });
  for (const row of rows) emit('distributor.changed', row);
}

export async function replaceSlas({ tx }: Writer, gln: string, slas: readonly SlaRow[]): Promise<void> {
  await tx.sla.deleteMany({ where: { gln } });
  if (slas.length > 0) await tx.sla.createMany({ data: [...slas] });
}

/** Replaces the tariffs of one distributor, whole. */
export async function replaceTariffs({ tx, emit }: Writer, distributor: DistributorRow, tariffs: readonly TariffRow[]): Promise<void> {
  await tx.tariff.deleteMany({ where: { gln: distributor.gln } });
  if (tariffs.length > 0) await tx.tariff.createMany({ data: [...tariffs] });
  emit('tariff.published', distributor);
}

export async function insertSites({ tx, emit }: Writer, rows: readonly SiteRow[]): Promise<void> {
  await tx.site.createMany({ data: [...rows] });
  for (const row of rows) emit('site.changed', row);
}

/** Reports positions as they stand after a change. */
export function reportPositions({ emit }: Pick<Writer, 'emit'>, rows: readonly PositionRow[]): void {
  for (const row of rows) emit('inventory.changed', { ...row, availableToPromise: promisable(row) });
}
