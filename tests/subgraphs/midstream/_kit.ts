/** A midstream with a distributor, a store and a warehouse of one member, for its tests. */
import { openClient, type Tx } from '../../../subgraphs/midstream/data/client.ts';
import { midstream } from '../../../subgraphs/midstream/midstream.ts';
import { withCheckDigit } from '../../../subgraph-kit/gs1.ts';
import { member, openTestSubgraph, type TestSubgraph } from '../../_kit/subgraph.ts';

export type Midstream = TestSubgraph<Tx, ReturnType<typeof openClient>>;
export const openMidstream = (): Promise<Midstream> => openTestSubgraph(midstream, openClient);

/** Demo keys by number. */
export const gln = (n: number): string => withCheckDigit(`9521${String(n).padStart(8, '0')}`);
export const gtin = (n: number): string => withCheckDigit(`9522${String(n).padStart(8, '0')}`);

let keys = 0;
/** A key that was not used before. */
export const newKey = (): string => `key-${(keys += 1)}`;

export const carrier = member('mbr_carrier', 'DISTRIBUTOR');
export const rival = member('mbr_rival', 'DISTRIBUTOR');
export const shopkeeper = member('mbr_shop', 'PARTNER');
export const creator = member('mbr_creator', 'CREATOR');

export const distributorFields = 'distributor { gln name changedAt }';
export const siteFields = 'site { siteGln name changedAt }';
export const positionFields = 'position { siteGln gtin onHand reserved inTransit availableToPromise changedAt }';

export const enterDistributor = (m: Midstream, n: number, extra: Record<string, unknown> = {}): Promise<any> =>
  m.change(
    carrier,
    'registerDistributor',
    { gln: gln(n), name: `Distributor ${n}`, country: 'CN', slas: [], idempotencyKey: newKey(), ...extra },
    distributorFields,
  );

export const enterSite = (m: Midstream, n: number, extra: Record<string, unknown> = {}, as = carrier): Promise<any> =>
  m.change(
    as,
    'registerSite',
    { siteGln: gln(n), name: `Site ${n}`, kind: 'WAREHOUSE', unlocode: 'CNHGH', idempotencyKey: newKey(), ...extra },
    siteFields,
  );

export const adjust = (
  m: Midstream,
  site: number,
  item: number,
  delta: number,
  extra: Record<string, unknown> = {},
  as = carrier,
): Promise<any> =>
  m.change(
    as,
    'adjustInventory',
    { siteGln: gln(site), gtin: gtin(item), delta, reason: delta > 0 ? 'FOUND' : 'LOSS', idempotencyKey: newKey(), ...extra },
    positionFields,
  );

/** The codes of a payload's problems. */
export const codes = (payload: { problems: { code: string }[] }): string[] => payload.problems.map((p) => p.code);
