/** The three subgraphs of harbour.graphql, in memory. */
import { buildSchema } from '../subgraph-server.ts';
import type { ForeignSupergraph } from './index.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@external", "@requires", "@interfaceObject", "@override", "@inaccessible", "@tag"])';

type Vessel = { kind: 'Tug' | 'Ferry'; call: string; name: string; length: number; draught: number; seats?: number };

const VESSELS: readonly Vessel[] = [
  { kind: 'Tug', call: 'T1', name: 'Ox', length: 20, draught: 3 },
  { kind: 'Ferry', call: 'F1', name: 'Swan', length: 80, draught: 4, seats: 300 },
];
const find = ({ call }: { call: string }): Vessel | undefined => VESSELS.find((vessel) => vessel.call === call);
const typeOf = { __resolveType: (vessel: Vessel) => vessel.kind };
const draught = (vessel: Vessel, { unit }: { unit: string }): number => (unit === 'FOOT' ? vessel.draught * 3 : vessel.draught);

const FLEET_FIELDS = 'call: ID! name: String length: Float @inaccessible draught(unit: Unit = METRE): Float';

export function createHarbour(): ForeignSupergraph {
  const fleet = buildSchema(
    `${LINK}
     type Query { vessels(kind: Kind): [Vessel!]! }
     interface Vessel @key(fields: "call") { ${FLEET_FIELDS} }
     type Tug implements Vessel @key(fields: "call") { ${FLEET_FIELDS} pull: Int }
     type Ferry implements Vessel @key(fields: "call") { ${FLEET_FIELDS} seats: Int }
     enum Kind { TUG FERRY }
     enum Unit { METRE FOOT }`,
    {
      Query: { vessels: (_root, { kind }) => VESSELS.filter((vessel) => kind === undefined || vessel.kind.toUpperCase() === kind) },
      Vessel: { ...typeOf, __resolveReference: find },
      Tug: { __resolveReference: find, draught, pull: () => -1 },
      Ferry: { __resolveReference: find, draught },
    },
  );
  const quay = buildSchema(
    `${LINK}
     type Query { berths: [Berth!]! }
     type Berth @key(fields: "no") @tag(name: "public") { no: Int! load: Load }
     union Load = Tug | Ferry | Crane
     type Crane { tons: Int }
     type Tug @key(fields: "call") { call: ID! pull: Int @override(from: "fleet") }
     type Ferry @key(fields: "call") { call: ID! length: Float @external room: Float @requires(fields: "length") }`,
    {
      Query: {
        berths: () => [
          { no: 1, load: { kind: 'Ferry', call: 'F1' } },
          { no: 2, load: { kind: 'Crane', tons: 40 } },
          { no: 3, load: null },
          { no: 4, load: { kind: 'Tug', call: 'T1' } },
        ],
      },
      Load: { __resolveType: (load: { kind: string }) => load.kind },
      Tug: { pull: () => 60 },
      Ferry: { room: (ferry: { length?: number }) => (ferry.length === undefined ? null : ferry.length + 5) },
    },
  );
  const log = buildSchema(
    `${LINK}
     type Query { lastSeen: Vessel }
     enum Unit { METRE FOOT }
     type Vessel @key(fields: "call") @interfaceObject {
       call: ID! entries: [String!]! draught(unit: Unit = METRE): Float @external fee: Float @requires(fields: "draught(unit: FOOT)")
     }`,
    {
      Query: { lastSeen: () => ({ call: 'F1' }) },
      Vessel: {
        __resolveReference: (representation: object) => representation,
        entries: ({ call }: Vessel) => [`${call} in`, `${call} out`],
        fee: (vessel: { draught?: number }) => (vessel.draught === undefined ? null : vessel.draught * 100),
      },
    },
  );
  return {
    name: 'harbour',
    schemas: { fleet, quay, log },
    cases: [
      {
        query: '{ vessels { __typename call entries fee draught ... on Tug { pull } ... on Ferry { seats room } } }',
        data: {
          vessels: [
            { __typename: 'Tug', call: 'T1', entries: ['T1 in', 'T1 out'], fee: 900, draught: 3, pull: 60 },
            { __typename: 'Ferry', call: 'F1', entries: ['F1 in', 'F1 out'], fee: 1200, draught: 4, seats: 300, room: 85 },
          ],
        },
      },
      {
        query: '{ berths { no load { __typename ... on Vessel { name entries } ... on Crane { tons } ... on Ferry { room } } } }',
        data: {
          berths: [
            { no: 1, load: { __typename: 'Ferry', name: 'Swan', entries: ['F1 in', 'F1 out'], room: 85 } },
            { no: 2, load: { __typename: 'Crane', tons: 40 } },
            { no: 3, load: null },
            { no: 4, load: { __typename: 'Tug', name: 'Ox', entries: ['T1 in', 'T1 out'] } },
          ],
        },
      },
      {
        query: '{ lastSeen { __typename call name ... on Ferry { seats } fee } }',
        data: { lastSeen: { __typename: 'Ferry', call: 'F1', name: 'Swan', seats: 300, fee: 1200 } },
      },
      { query: '{ lastSeen { entries } }', data: { lastSeen: { entries: ['F1 in', 'F1 out'] } } },
      { query: 'query ($kind: Kind) { vessels(kind: $kind) { call } }', variables: { kind: 'TUG' }, data: { vessels: [{ call: 'T1' }] } },
    ],
  };
}
