/** A graph of a cut as the SDL that its team would publish, and as the plain schema that it runs. */
import type { Cut } from './cut.ts';
import type { GraphCut, GraphField, GraphType, Provided } from './draft.ts';
import { fieldsOfKey } from './draft.ts';
import { FABRICS, fieldOf } from './monolith.ts';
import type { Input } from './monolith.ts';
import { hash } from './random.ts';

const IMPORTS = ['@key', '@shareable', '@external', '@requires', '@provides', '@override', '@interfaceObject', '@inaccessible'];
const linkOf = (version: string, imports: readonly string[]): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/${version}", import: [${imports.map((name) => `"${name}"`).join(', ')}])\n`;
const LINK = linkOf('v2.9', [...IMPORTS, '@context', '@fromContext', '@cost', '@listSize']);
const CONTEXT = ' @context(name: "tip")';

export function graphSdl(cut: Cut, graph: GraphCut): string {
  return (
    (graph.isOld ? '' : LINK) + sharedSdl(cut, graph) + [...graph.types].map(([name, type]) => typeSdl(cut, graph, name, type)).join('\n')
  );
}

/** Without extensions and federation: what the graph runs. */
export function plainSdl(cut: Cut, graph: GraphCut): string {
  return graphSdl(cut, { ...graph, isOld: false }).replace(/^extend schema .*\n/, '');
}

/** Values of Grade that the graph's own fields have; it knows no other. */
export function gradesOf(cut: Cut, graph: GraphCut): string[] {
  const values = new Set(['A']);
  for (const [name, { fields }] of graph.types)
    for (const field of fields.keys()) for (const grade of fieldOf(cut.monolith, name, field)?.grades ?? '') values.add(grade);
  return [...values].toSorted();
}

function sharedSdl(cut: Cut, graph: GraphCut): string {
  const { hiddenGrade } = cut.monolith;
  const grades = gradesOf(cut, graph).map((grade) => (grade === hiddenGrade && !graph.isOld ? `${grade} @inaccessible` : grade));
  return `enum Unit { CM IN }
enum Grade { ${grades.join(' ')} }
scalar Blob
scalar Long
input Deep { a: Int = 3, b: [Deep!]${graph.hasExtras ? ', own: Int' : ''} }
`;
}

function typeSdl(cut: Cut, graph: GraphCut, name: string, type: GraphType): string {
  const spec = cut.monolith.types.get(name);
  if (spec?.kind === 'union') return `union ${name} = ${[...type.members].join(' | ')}`;
  const isInterface = spec?.kind === 'interface' && !type.interfaceObject;
  const keys = [...type.keys].map(([key, open]) => ` @key(fields: "${key}"${open ? '' : ', resolvable: false'})`).join('');
  const above = type.interfaces.size === 0 ? '' : ` implements ${[...type.interfaces].join(' & ')}`;
  const isExtension = graph.isOld && spec?.kind === 'entity' && cut.graphs.some((one) => !one.isOld && one.types.has(name));
  const keyFields = isExtension ? new Set([...type.keys.keys()].flatMap(fieldsOfKey)) : new Set<string>();
  const fields = [...type.fields].map(([fieldName, field]) => {
    const marks = keyFields.has(fieldName) ? ' @external' : directives(cut, graph, { type: name, name: fieldName, field });
    return `  ${fieldName}${argsSdl(cut, graph, name, fieldName)}: ${field.type}${isInterface ? '' : marks}`;
  });
  const hidden = spec?.hidden === true ? ' @inaccessible' : '';
  const head = isExtension
    ? name.length % 2 === 0
      ? `extend type ${name}`
      : `type ${name}`
    : `${isInterface ? 'interface' : 'type'} ${name}`;
  const tail = isExtension && name.length % 2 === 1 ? ' @extends' : '';
  return `${head}${above}${keys}${type.interfaceObject ? ' @interfaceObject' : ''}${type.tips ? CONTEXT : ''}${hidden}${tail} {\n${fields.join('\n')}\n}`;
}

function argsSdl(cut: Cut, graph: GraphCut, type: string, name: string): string {
  const { args = '', tells } = fieldOf(cut.monolith, type, name) ?? {};
  if (tells !== undefined) {
    const alternatives = [...tells].map(([on, field]) => ` ... on ${on} { ${field} }`);
    // What all have under one name may be said in short.
    const [first] = tells.values();
    const selection = new Set(tells.values()).size === 1 ? ` { ${first ?? ''} }` : alternatives.join('');
    return args.replace(')', `, tip: String @fromContext(field: "$tip${selection}"))`);
  }
  if (name !== 'size' || !hasSecret(cut, type)) return args;
  return args.replace(')', `, secret: Int = 5${graph.isOld ? '' : ' @inaccessible'})`);
}

/** A graph of Federation 1 cannot hide the argument: another one with the field must. */
export function hasSecret(cut: Cut, type: string): boolean {
  const owners = cut.graphs.filter((graph) => graph.types.get(type)?.fields.has('size') === true);
  return cut.graphs.some(({ hasExtras }) => hasExtras) && owners.some(({ isOld }) => !isOld);
}

type Row = { readonly type: string; readonly name: string; readonly field: GraphField };

function directives(cut: Cut, graph: GraphCut, { type, name, field }: Row): string {
  if (field.role === 'external') return ' @external';
  const marks = [
    field.requires === null ? '' : ` @requires(fields: "${inputText(field.requires)}")`,
    field.provides.length === 0 ? '' : ` @provides(fields: "${providedText(field.provides)}")`,
  ];
  if (graph.isOld) return marks.join('');
  const rows = cut.graphs.flatMap((one) => one.types.get(type)?.fields.get(name) ?? []);
  // A field of an interface object is one of every implementer.
  const twins = type === 'Fabric' ? ['Silk'] : FABRICS.includes(type) ? ['Fabric'] : [];
  const also = cut.graphs.flatMap((one) => twins.flatMap((twin) => one.types.get(twin)?.fields.get(name) ?? []));
  const isInterfaceRow = (row: GraphField): boolean =>
    cut.graphs.some((one) => isReal(one) && one.types.get('Fabric')?.fields.get(name) === row);
  const owners = [...rows, ...also].filter((row) => row.role === 'own' && !isInterfaceRow(row));
  const isShared = owners.length > 1 || rows.some((row) => row.role === 'external');
  return [
    fieldOf(cut.monolith, type, name)?.hidden === true ? ' @inaccessible' : '',
    isShared && type !== 'Mutation' ? ' @shareable' : '',
    ...marks,
    costOf(cut, { type, name, field }),
    field.overrides === null ? '' : ` @override(from: "${field.overrides}"${field.label === null ? '' : `, label: "${field.label}"`})`,
  ].join('');
}

/** Some fields say what they cost, and some lists how long they are; all of it true. */
function costOf({ seed }: Cut, { type, name, field }: Row): string {
  // What an interface object shares with implementers is one field.
  if (type === 'Fabric' || FABRICS.includes(type)) return '';
  const roll = hash('cost', seed, type, name);
  const weight = roll % 7 === 0 ? ` @cost(weight: ${(roll >>> 8) % 20})` : '';
  if (!field.type.startsWith('[')) return weight;
  if (name.startsWith('all')) return `${weight} @listSize(slicingArguments: ["first"], assumedSize: 4, requireOneSlicingArgument: false)`;
  return (roll >>> 4) % 3 === 0 ? `${weight} @listSize(assumedSize: 4)` : weight;
}

function isReal(graph: GraphCut): boolean {
  return graph.types.get('Fabric')?.interfaceObject === false;
}

function providedText(provided: readonly Provided[]): string {
  return provided
    .map(({ on, field, below }) => `... on ${on} { ${field}${below.length === 0 ? '' : ` { ${providedText(below)} }`} }`)
    .join(' ');
}

export function inputText(inputs: readonly Input[]): string {
  return inputs
    .map(({ on, field, args, below }) => {
      const written = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
      const text = `${field}${written.length === 0 ? '' : `(${written.join(', ')})`}${below.length === 0 ? '' : ` { ${inputText(below)} }`}`;
      return on === undefined ? text : `... on ${on} { ${text} }`;
    })
    .join(' ');
}
