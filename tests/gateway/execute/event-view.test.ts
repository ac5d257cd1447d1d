/** Events as a graph of their own: what they do not carry is fetched by their keys, for several of them at once. */
import { graphql, parse, print } from 'graphql';
import { toEventQuery, toEventView, type EventSource } from '../../../engine/supergraph/index.ts';
import { asClient, compose, createHub, planText } from './in-memory-graphs.ts';
import type { GraphSource, Hub } from './in-memory-graphs.ts';

const upstream: GraphSource = {
  sdl: `
    enum Stage { DYE SEW }
    scalar Minutes
    interface Job @key(fields: "no") { no: ID! stage: Stage }
    type Lot implements Job @key(fields: "no") { no: ID! stage: Stage minutes: Minutes note: String maker: Maker }
    type Repair implements Job @key(fields: "no") { no: ID! stage: Stage cause: String }
    type Maker @key(fields: "gln") { gln: ID! }
    type Ticket { number: Int! text: String }
    type Query { lots: [Lot] jobs: [Job] ticket: Ticket makers: [Maker] }
    type Subscription { lotProgressed(no: ID, stage: Stage): Lot jobMoved: Job ticketSold: Ticket }
  `,
  resolvers: {
    Lot: {
      __resolveReference: ({ no }: { no: string }) =>
        no === 'gone' ? null : { __typename: 'Lot', no, note: `note ${no}`, maker: { gln: 'g1' } },
    },
    Repair: { __resolveReference: ({ no }: { no: string }) => ({ __typename: 'Repair', no, cause: `cause ${no}` }) },
  },
};
const names: GraphSource = {
  sdl: 'type Maker @key(fields: "gln") { gln: ID! name: String } type Query { named: Maker }',
  resolvers: { Maker: { __resolveReference: ({ gln }: { gln: string }) => ({ gln, name: `maker ${gln}` }) } },
};
const sources = { upstream, names };

const lots: EventSource = {
  field: 'lotProgressed',
  graph: 'feed:lot.progressed',
  types: [{ name: 'Lot', key: ['no'], carried: ['stage', 'minutes'] }],
};

type Events = readonly Readonly<Record<string, unknown>>[];

function toQuery(text: string) {
  return toEventQuery(parse(text), { operationName: null, root: 'Subscription', proof: null });
}

function hubOf(source: EventSource): Hub {
  return createHub(sources, (sdl) => toEventView(sdl, [source]));
}

/** Runs the client's subscription over these events; each has its own item. */
async function deliver(hub: Hub, source: EventSource, text: string, events: Events) {
  const graph = hub.supergraph.graphs.find(({ name }) => name === source.graph);
  if (graph === undefined) throw new Error('The view has no graph of events');
  const schema = hub.supergraph.graphView(graph.id);
  const query = print(toQuery(text));
  const answer = await hub.run(query, {
    intercept: async (sent) => {
      if (sent.graph !== source.graph) return undefined;
      return { status: 200, text: JSON.stringify(await graphql({ schema, source: sent.query, rootValue: { [source.field]: events } })) };
    },
  });
  return { ...asClient(answer), asked: hub.sent.map((sent) => sent.graph) };
}

describe('the events of a topic', () => {
  it('are planned as a query of their own graph; what they carry is asked of nobody', () => {
    const supergraph = compose({ upstream: upstream.sdl, names: names.sdl }, (sdl) => toEventView(sdl, [lots]));
    const text = print(toQuery('subscription { lotProgressed(no: "1") { no stage minutes } }'));
    expect(planText(supergraph, text)).toContain('F1 root feed:lot.progressed  level 1\n   { lotProgressed { no stage minutes } }\nout');
  });

  it('are completed by their keys, several at once, from graph to graph', async () => {
    const hub = hubOf(lots);
    const events = [
      { no: '1', stage: 'DYE', minutes: 5 },
      { no: '2', stage: 'SEW', minutes: null },
      { no: '1', stage: 'SEW', minutes: 9 },
    ];
    const { data, errors, asked } = await deliver(hub, lots, 'subscription { lotProgressed { no stage note maker { name } } }', events);
    const maker = { name: 'maker g1' };
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      lotProgressed: [
        { no: '1', stage: 'DYE', note: 'note 1', maker },
        { no: '2', stage: 'SEW', note: 'note 2', maker },
        { no: '1', stage: 'SEW', note: 'note 1', maker },
      ],
    });
    expect(asked).toEqual(['feed:lot.progressed', 'upstream', 'names']);
    expect(hub.sent[1]?.variables).toEqual({
      _r0: [
        { __typename: 'Lot', no: '1' },
        { __typename: 'Lot', no: '2' },
      ],
    });
  });

  it('of an entity that is gone keep what they carry', async () => {
    const { data } = await deliver(hubOf(lots), lots, 'subscription { lotProgressed { no stage note } }', [{ no: 'gone', stage: 'DYE' }]);
    expect(data).toEqual({ lotProgressed: [{ no: 'gone', stage: 'DYE', note: null }] });
  });

  it('without their key lose themselves, and not their neighbours', async () => {
    const { data, errors } = await deliver(hubOf(lots), lots, 'subscription { lotProgressed { no note } }', [
      { stage: 'DYE' },
      { no: '2' },
    ]);
    expect(data).toEqual({ lotProgressed: [null, { no: '2', note: 'note 2' }] });
    expect(errors?.map(({ path }) => path?.slice(0, 2))).toEqual([['lotProgressed', 0]]);
  });

  it('may be of several types behind an interface', async () => {
    const source: EventSource = {
      field: 'jobMoved',
      graph: 'feed:job.moved',
      types: ['Lot', 'Repair'].map((name) => ({ name, key: ['no'], carried: [] })),
    };
    const text = 'subscription { jobMoved { __typename no ... on Lot { note } ... on Repair { cause } } }';
    const events = [
      { __typename: 'Repair', no: '7' },
      { __typename: 'Lot', no: '8' },
    ];
    const { data, errors } = await deliver(hubOf(source), source, text, events);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      jobMoved: [
        { __typename: 'Repair', no: '7', cause: 'cause 7' },
        { __typename: 'Lot', no: '8', note: 'note 8' },
      ],
    });
  });

  it('may be whole: then nobody is asked', async () => {
    const source: EventSource = {
      field: 'ticketSold',
      graph: 'feed:ticket.sold',
      types: [{ name: 'Ticket', key: [], carried: ['number', 'text'] }],
    };
    const { data, asked } = await deliver(hubOf(source), source, 'subscription { ticketSold { number text } }', [{ number: 3, text: 'x' }]);
    expect([data, asked]).toEqual([{ ticketSold: [{ number: 3, text: 'x' }] }, ['feed:ticket.sold']]);
  });

  it('say what is not there', () => {
    const view = (source: Partial<EventSource>) => () => hubOf({ ...lots, ...source });
    expect(view({ field: 'nothing' })).toThrow('The subscription root Subscription has no field nothing.');
    expect(view({ types: [{ name: 'Lot', key: ['gln'], carried: [] }] })).toThrow('Lot has no field gln, which its events are to carry.');
  });

  it('have no names in common with the graphs of the supergraph', () => {
    const taken = { ...sources, events: { sdl: 'type Query { more: Int }' } };
    const hub = createHub(taken, (sdl) => toEventView(sdl, [lots]));
    expect(hub.supergraph.graphs.map(({ enumValue }) => enumValue).toSorted()).toEqual(['EVENTS', 'EVENTS_0', 'NAMES', 'UPSTREAM']);
  });
});
