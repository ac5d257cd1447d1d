/** Short supergraph texts for tests of the index. */

type Head = { join?: string; links?: string; roots?: string; graphs?: readonly string[] };

/** A whole supergraph text: links and the graphs A, B, C (ids A_ID …, names a …) before the given types. */
export function supergraphText(types: string, head: Head = {}): string {
  const graphs = head.graphs ?? ['a', 'b', 'c'];
  return `
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/${head.join ?? 'v0.3'}", for: EXECUTION)
      ${head.links ?? ''}
    { ${head.roots ?? 'query: Query'} }
    enum join__Graph { ${graphs.map((name) => `${name.toUpperCase()}_ID @join__graph(name: "${name}", url: "http://${name}.test/graphql")`).join(' ')} }
    scalar join__FieldSet
    scalar link__Import
    ${types}`;
}
