import { parse, validate } from 'graphql';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import { createForeign, foreignNames, startForeign } from '../../_kit/supergraphs/index.ts';

describe.each(foreignNames)('the foreign supergraph %s', (name) => {
  it('loads, and every case is valid against its public schema', () => {
    const { supergraphSdl, cases, schemas } = createForeign(name);
    const supergraph = loadSupergraph(supergraphSdl);
    expect(supergraph.graphs.map((graph) => graph.name)).toEqual(Object.keys(schemas).toSorted());
    for (const { query } of cases) expect(validate(supergraph.publicSchema, parse(query))).toEqual([]);
  });

  it('has a view of each graph that its subgraph also has: every type and field of the view is in the real schema', () => {
    const { supergraphSdl, schemas } = createForeign(name);
    const supergraph = loadSupergraph(supergraphSdl);
    for (const graph of supergraph.graphs) {
      const view = supergraph.graphView(graph.id);
      const real = schemas[graph.name];
      for (const type of Object.values(view.getTypeMap())) {
        const own = real?.getType(type.name);
        expect([graph.name, type.name, own === undefined]).toEqual([graph.name, type.name, false]);
        if (!('getFields' in type) || own === undefined || !('getFields' in own)) continue;
        for (const [field, { type: fieldType }] of Object.entries(type.getFields())) {
          expect([graph.name, type.name, field, own.getFields()[field]?.type.toString()]).toEqual([
            graph.name,
            type.name,
            field,
            fieldType.toString(),
          ]);
        }
      }
    }
  });

  it('is served by subgraphs that answer, fail as told and stop', async () => {
    const { servers, stop, supergraphSdl } = await startForeign(name);
    const [server] = Object.values(servers);
    if (server === undefined) throw new Error('no server');
    expect(supergraphSdl).not.toContain('.test/');
    const ask = async (): Promise<unknown> => {
      const response = await fetch(server.url, { method: 'POST', body: JSON.stringify({ query: '{ __typename }' }) });
      return response.headers.get('content-type') === 'text/html' ? await response.text() : [response.status, await response.json()];
    };
    expect(await ask()).toEqual([200, { data: { __typename: expect.any(String) } }]);
    server.setFault('500');
    expect(await ask()).toEqual([500, { error: 'out of order' }]);
    server.setFault('html');
    expect(await ask()).toContain('<!doctype html>');
    server.setFault('wrong shape');
    expect(await ask()).toEqual([200, { data: [1, 'two'], errors: 'none' }]);
    server.setFault('down');
    await expect(ask()).rejects.toThrow();
    server.setFault('slow');
    const late = ask();
    setTimeout(() => server.setFault('none'), 20);
    expect(await late).toEqual([200, { data: { __typename: expect.any(String) } }]);
    expect(server.requests).toHaveLength(5);
    await stop();
  });
});
