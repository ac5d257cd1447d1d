/** The bugs that `npm run planted` plants, each as one change of text. */
import type { Planted } from '../../scripts/planted/run-planted.ts';

export const PLANTED: readonly Planted[] = [
  {
    name: 'key of a null entity sent',
    file: 'engine/compile/represent.ts',
    edits: [{ find: 'if (writeKey.length > 0 && !key.some) return key.lost;', replace: '' }],
  },
  {
    name: 'de-duplication that ignores type',
    file: 'engine/compile/prepare.ts',
    edits: [
      {
        find: 'const known = seen.get(text);',
        replace:
          'const bare = (one: string): string => one.replace(/"__typename":"\\w+",?/, \'\'); const known = [...seen].find(([one]) => bare(one) === bare(text))?.[1];',
      },
    ],
  },
  {
    name: 'wrong order of representations',
    file: 'engine/compile/prepare.ts',
    edits: [{ find: 'return [...seen.keys()];', replace: 'return [...seen.keys()].toReversed();' }],
  },
  {
    name: 'list index off after a null',
    file: 'engine/compile/places.ts',
    edits: [{ find: 'value = value[index];', replace: 'value = value.filter((item) => item !== null)[index];' }],
  },
  {
    name: '__typename of an @interfaceObject passed through',
    file: 'engine/plan/rows.ts',
    edits: [
      { find: 'return isComposite(type) && type.in[graph]?.interfaceObject === true;', replace: 'return isComposite(type) && graph < 0;' },
    ],
  },
  {
    name: 'argument of a sibling alias reused',
    file: 'engine/plan/normalise.ts',
    edits: [{ find: 'const key = name + argsText + directives;', replace: 'const key = name + directives;' }],
  },
  {
    name: '@include evaluated at plan time',
    file: 'engine/plan/conditions.ts',
    edits: [
      {
        find: 'const known = value?.kind === Kind.VARIABLE ? conditions.get(value.name.value) : undefined;',
        replace: 'const known = value?.kind === Kind.VARIABLE ? true : conditions.get(String(value));',
      },
    ],
  },
  {
    name: '@requires value of another row',
    file: 'engine/compile/represent.ts',
    edits: [
      {
        find: 'const writeAllNeeds = compileNeeds(',
        replace: 'let first: WriteResult | null = null;\n  const writeAllNeeds = compileNeeds(',
      },
      {
        find: 'const all = writeAll(join, place, writeAllNeeds);',
        replace: `const own = writeAll(join, place, writeAllNeeds);
    first ??= own;
    const isKey = (field: string): boolean => key.fields.some((one) => one.split(':')[0] === field.split(':')[0]);
    const all = { ...own, fields: [...own.fields.filter(isKey), ...first.fields.filter((field) => !isKey(field))].toSorted() };`,
      },
    ],
  },
  {
    name: 'a denied field fetched through @requires',
    file: 'engine/plan/normalise.ts',
    edits: [
      {
        find: 'denied: run.denied.has(field.coordinate),',
        replace: 'denied: responseKey !== undefined && run.denied.has(field.coordinate),',
      },
    ],
  },
  {
    name: 'override label ignored',
    file: 'engine/plan/rows.ts',
    edits: [{ find: 'return labels.active.has(row.usable.label) === row.usable.active;', replace: 'return true;' }],
  },
  {
    name: 'splice without its enum check',
    file: 'engine/compile/splice/leaf-checks.ts',
    edits: [
      {
        find: "return { kind: 'enum', nullable, item: null, values: toTexts(values) };",
        replace: "return { kind: 'any', nullable, item: null, values: null };",
      },
    ],
  },
  {
    name: 'in-flight key without a claim',
    file: 'gateway/pipeline/share-key.ts',
    edits: [
      {
        find: 'toShownText(principal, hub.forwarding.claimsFor(subgraph))',
        replace: "toShownText(principal, hub.forwarding.claimsFor(subgraph).filter((claim) => claim !== 'tier'))",
      },
    ],
  },
  {
    name: 'error path without alias',
    file: 'engine/compile/emit.ts',
    edits: [
      {
        find: 'const value = emit(context, place, { above: path, key: responseKey });',
        replace:
          'const value = emit(context, place, { above: path, key: context.join.plan.positions.flatMap((one) => one.classes.flatMap((cls) => cls.lanes.flat())).flatMap((one) => (one.kind === "field" && one.responseKey === responseKey ? [one.coordinate.split(".")[1] ?? ""] : []))[0] ?? responseKey });',
      },
    ],
  },
];
