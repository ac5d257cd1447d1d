/** A festival of three subgraphs, composed by our own composer: shareable values, several keys, inputs, provides. */
import { composeSupergraph } from '../../../engine/compose/index.ts';
import { buildSchema } from '../subgraph-server.ts';
import type { ForeignSupergraph } from './index.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@provides", "@requires", "@shareable"])';

const SDLS = {
  programme: `${LINK}
    type Query { acts(filter: ActFilter): [Act!]! now: Clock! @shareable }
    type Act @key(fields: "slug") @key(fields: "slot { day hour }") { slug: String! title: String! slot: Slot! crowd: Crowd }
    type Slot @shareable { day: Int! hour: Int! }
    type Crowd { size: Int! }
    input ActFilter { day: Int words: [String!] }
    type Clock @shareable { day: Int! }`,
  stages: `${LINK}
    type Query { stages: [Stage!]! now: Clock! @shareable }
    interface Place { name: String! }
    type Stage implements Place @key(fields: "id") { id: ID! name: String! acts: [Act!]! host: Person @provides(fields: "nick") }
    type Act @key(fields: "slot { day hour }") { slot: Slot! @shareable stage: Stage loud: Boolean }
    type Slot @shareable { day: Int! hour: Int! }
    type Person @key(fields: "id") { id: ID! nick: String @external }
    type Clock @shareable { day: Int! }`,
  tickets: `${LINK}
    type Query { me: Person! }
    type Mutation { buy(order: Order!): Receipt! }
    input Order { slug: String! count: Int! = 1 }
    type Receipt { total: Int! act: Act! }
    type Act @key(fields: "slug") { slug: String! loud: Boolean @external title: String! @external price: Int @requires(fields: "loud title") sold: Int! }
    type Person @key(fields: "id") { id: ID! nick: String tickets: [Act!]! }`,
};

const ACTS = [
  { slug: 'owls', title: 'The Owls', slot: { day: 1, hour: 20 }, stage: 's1', loud: true },
  { slug: 'moss', title: 'Moss', slot: { day: 2, hour: 18 }, stage: 's2', loud: false },
];
const STAGES = [
  { id: 's1', name: 'Main', host: { id: 'p1', nick: 'Bo' } },
  { id: 's2', name: 'Tent', host: null },
];

type ActKey = { slug?: string; slot?: { day: number; hour: number } };
const findAct = (key: ActKey): (typeof ACTS)[number] | undefined =>
  ACTS.find((act) => (key.slug === undefined ? act.slot.day === key.slot?.day && act.slot.hour === key.slot.hour : act.slug === key.slug));

export function createFestival(): ForeignSupergraph {
  const bought: string[] = [];
  const now = () => ({ day: 1 });
  const programme = buildSchema(SDLS.programme, {
    Query: {
      now,
      acts: (_root, { filter }) =>
        ACTS.filter((act) => filter?.day === undefined || act.slot.day === filter.day).filter((act) =>
          (filter?.words ?? []).every((word: string) => act.title.includes(word)),
        ),
    },
    Act: { __resolveReference: findAct, crowd: () => ({ size: 9 }) },
  });
  const stages = buildSchema(SDLS.stages, {
    Query: { now, stages: () => STAGES },
    Stage: {
      __resolveReference: ({ id }: { id: string }) => STAGES.find((stage) => stage.id === id),
      acts: ({ id }: { id: string }) => ACTS.filter((act) => act.stage === id),
    },
    Act: { __resolveReference: findAct, stage: (act: { stage: string }) => STAGES.find((stage) => stage.id === act.stage) },
  });
  const tickets = buildSchema(SDLS.tickets, {
    Query: { me: () => ({ id: 'p1' }) },
    Mutation: {
      buy: (_root, { order }) => {
        for (let n = 0; n < order.count; n += 1) bought.push(order.slug);
        return { total: 10 * order.count, act: { slug: order.slug } };
      },
    },
    Act: {
      __resolveReference: (act: object) => act,
      price: (act: { loud?: boolean; title?: string }) =>
        act.title === undefined ? null : act.title.length + (act.loud === true ? 100 : 0),
      sold: ({ slug }: { slug: string }) => bought.filter((one) => one === slug).length,
    },
    Person: { __resolveReference: ({ id }: { id: string }) => ({ id }), nick: () => 'Bo', tickets: () => bought.map((slug) => ({ slug })) },
  });
  const subgraphs = Object.entries(SDLS).map(([name, sdl]) => ({ name, url: `http://${name}.test/graphql`, sdl }));
  const composed = composeSupergraph(subgraphs);
  if (composed.kind === 'failed') throw new Error(composed.errors.map((error) => error.message).join('\n'));
  return {
    name: 'festival',
    supergraphSdl: composed.supergraphSdl,
    schemas: { programme, stages, tickets },
    cases: [
      {
        query: '{ acts { slug price stage { name host { nick } } slot { hour } } now { day } }',
        data: {
          acts: [
            { slug: 'owls', price: 108, stage: { name: 'Main', host: { nick: 'Bo' } }, slot: { hour: 20 } },
            { slug: 'moss', price: 4, stage: { name: 'Tent', host: null }, slot: { hour: 18 } },
          ],
          now: { day: 1 },
        },
      },
      {
        query:
          'query ($f: ActFilter, $deep: Boolean!) { acts(filter: $f) { title stage @include(if: $deep) { acts { title crowd { size } } } } }',
        variables: { f: { day: 2, words: ['M'] }, deep: true },
        data: { acts: [{ title: 'Moss', stage: { acts: [{ title: 'Moss', crowd: { size: 9 } }] } }] },
      },
      {
        query: 'mutation ($o: Order!) { buy(order: $o) { total act { title sold stage { name } } } }',
        variables: { o: { slug: 'moss', count: 2 } },
        data: {
          buy: {
            total: 20,
            act: { title: 'Moss', sold: 2, stage: { name: 'Tent' } },
          },
        },
      },
    ],
  };
}
