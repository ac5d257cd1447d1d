/**
 * The canonical text of a plan: equal plans, equal text. Header with what the plan depends on; one block per fetch, in the order of
 * (part, level, graph, position); a tail that shows which fetch gives each thing the client sees.
 */
import type { Supergraph } from '../supergraph/types.ts';
import type {
  Plan,
  PlanCall,
  PlanContext,
  PlanContextSource,
  PlanEntry,
  PlanFetch,
  PlanNeed,
  PlanPath,
  PlanPosition,
  PlanRepresentation,
} from './types.ts';

export function printPlan(plan: Plan, supergraph: Supergraph): string {
  const lines = [header(plan), ...deferLines(plan)];
  for (const fetch of plan.fetches) lines.push(...fetchLines(plan, fetch, supergraph));
  for (const part of plan.parts) {
    const root = plan.positions[part.position];
    if (root !== undefined) lines.push(`out ${root.typeName} ${shape(plan, root, 0)}`);
  }
  return `${lines.join('\n')}\n`;
}

function header(plan: Plan): string {
  const { cost } = plan;
  const when = plan.conditions.map(([name, value]) => `${name}: ${value}`).join(', ');
  const labels = plan.labels.map(([name, active]) => `${name}: ${active ? 'on' : 'off'}`).join(', ');
  const name = plan.operationName === null ? 'plan' : `plan ${plan.operationName}`;
  const parts = `${cost.levels} levels, ${cost.requests} requests, ${cost.paths} paths, ${cost.slots} slots`;
  return `${name}  kind ${plan.kind}${when === '' ? '' : `  when {${when}}`}${labels === '' ? '' : `  labels {${labels}}`}  cost ${cost.total} = ${parts}`;
}

/** Deferred fragments, and for each group which of them wait for it and what it waits for itself. */
function deferLines({ deferred }: Plan): string[] {
  if (deferred === null) return [];
  const usages = deferred.usages.map(({ label, parent }, id) => {
    const name = label === null ? '' : ` ${JSON.stringify(label)}`;
    return `${usageName(id)} defer${name}${parent === null ? '' : `  in ${usageName(parent)}`}`;
  });
  const groups = deferred.groups.flatMap(({ usages: waiting, reads }, id) =>
    id === 0
      ? []
      : [
          `${groupName(id)} group ${waiting.map(usageName).join('+')}${reads.length === 0 ? '' : `  reads ${reads.map(fetchName).join(', ')}`}`,
        ],
  );
  return [...usages, ...groups];
}

function usageName(id: number): string {
  return `D${id + 1}`;
}

function groupName(id: number): string {
  return `G${id}`;
}

function fetchLines(plan: Plan, fetch: PlanFetch, supergraph: Supergraph): string[] {
  const graph = supergraph.graphs[fetch.graph]?.name ?? '';
  const after = fetch.dependsOn.length === 0 ? '' : `  <- ${fetch.dependsOn.map(fetchName).join(', ')}`;
  const at = fetch.at === null ? '' : `  at ${pathText(plan, plan.positions[fetch.at])}`;
  const lines = [`${fetchName(fetch.id)} ${fetch.kind} ${graph}${after}  level ${fetch.level}${groupText(fetch.group)}${at}`];
  for (const call of fetch.calls) lines.push(...callLines(plan, call));
  const variables = fetch.variables.length === 0 ? '' : `  vars ${fetch.variables.map((name) => `$${name}`).join(' ')}`;
  lines.push(`   ${fetch.document}${variables}`);
  return lines;
}

/** Nothing for the primary group. */
function groupText(id: number): string {
  return id === 0 ? '' : ` ${groupName(id)}`;
}

function fetchName(id: number): string {
  return `F${id + 1}`;
}

function callLines(plan: Plan, call: PlanCall): string[] {
  return call.paths.flatMap((path) => {
    const position = plan.positions[path.position];
    const types = path.needsType ? ` |${path.entries.flatMap(({ classIndex }) => position?.classes[classIndex]?.types ?? []).join()}` : '';
    return [
      `   ${call.alias} at ${pathText(plan, position)}${types}`,
      ...path.contexts.map((source, index) => `   ${contextLine(plan, call.contexts[index], source)}`),
      ...path.entries.map((entry) => `   ${representationLine(plan, path, entry)}`),
    ];
  });
}

/** `with $_c0_0: String of /mills[] { unit = F1.unit }` */
function contextLine(plan: Plan, context: PlanContext | undefined, { position, value }: PlanContextSource): string {
  const text = value === null ? 'null' : value === 'typename' ? '__typename' : needTexts(plan, [value]).join('');
  return `with $${context?.variable ?? ''}: ${context?.type ?? ''} of ${pathText(plan, plan.positions[position])} { ${text} }`;
}

function representationLine(plan: Plan, path: PlanPath, entry: PlanRepresentation): string {
  const types = plan.positions[path.position]?.classes[entry.classIndex]?.types.join() ?? '';
  const typeName = `__typename = ${entry.typeName === null ? 'its type' : JSON.stringify(entry.typeName)}`;
  const requires = entry.requires.map(({ needs, names }) => `  requires ${needsText(plan, needs)} for ${names.join(', ')}`).join('');
  return `rep ${types} { ${[typeName, ...needTexts(plan, entry.key)].join(', ')} }${requires}`;
}

function needsText(plan: Plan, needs: readonly PlanNeed[]): string {
  return needs.length === 0 ? '{}' : `{ ${needTexts(plan, needs).join(', ')} }`;
}

function needTexts(plan: Plan, needs: readonly PlanNeed[]): string[] {
  return needs.map((need) => {
    if (need.kind === 'leaf') return `${need.field} = ${fetchName(plan.nodes[need.node]?.fetch ?? 0)}.${need.name}`;
    const typed = need.byClass.length > 1 || need.typed;
    const below = need.byClass.map(({ classIndex, needs }) => {
      const types = plan.positions[need.position]?.classes[classIndex]?.types.join() ?? '';
      return typed ? `|${types} ${needsText(plan, needs)}` : needsText(plan, needs);
    });
    return `${need.field} ${below.join(' ')}`;
  });
}

/** `/mills[]/looms[]`: by fields of graphs, one `[]` per list level, with the types where only some of them lead on. */
export function pathText(plan: Plan, position: PlanPosition | undefined): string {
  if (position?.parent === undefined || position.parent === null) return '/';
  const parent = plan.positions[position.parent.position];
  const types =
    parent !== undefined && parent.classes.length > 1 ? `|${parent.classes[position.parent.classIndex]?.types.join() ?? ''}` : '';
  const above = pathText(plan, parent);
  return `${above === '/' ? '' : above}${types}/${position.parent.field}${'[]'.repeat(position.listDepth)}`;
}

function shape(plan: Plan, position: PlanPosition, lane: number): string {
  const classes = position.typeless ? position.classes.slice(0, 1) : position.classes;
  const texts = classes.map((cls) => {
    const entries = (cls.lanes[lane] ?? []).map((entry) => entryText(plan, entry)).join('; ');
    return classes.length === 1 ? `{ ${entries} }` : `|${cls.types.join()} { ${entries} }`;
  });
  return [...new Set(texts)].join(' ');
}

function entryText(plan: Plan, entry: PlanEntry): string {
  const group = groupText(entry.group);
  if (entry.kind === 'typename') return `${entry.responseKey} type${group}`;
  if (entry.kind === 'local') return `${entry.responseKey} local${group}`;
  const field = entry.coordinate.slice(entry.coordinate.indexOf('.') + 1);
  const name = field === entry.responseKey ? field : `${entry.responseKey}: ${field}`;
  switch (entry.source.kind) {
    case 'leaf':
      return `${name} ${fetchName(plan.nodes[entry.source.node]?.fetch ?? 0)}${group}`;
    case 'position': {
      const below = plan.positions[entry.source.position];
      if (below === undefined) return name;
      return `${name}${'[]'.repeat(below.listDepth)} ${fetchName(plan.nodes[below.primary]?.fetch ?? 0)}${group} ${shape(plan, below, entry.source.lane)}`;
    }
    case 'denied':
      return `${name} denied${group}`;
    case 'none':
      return `${name} none${group}`;
  }
}
