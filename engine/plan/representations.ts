/** What is sent into an entity call for objects of one class: where each leaf of key and requirements is read. */
import { EngineError } from '../supergraph/engine-error.ts';
import type { ClassNode, Need, Slot, View } from './model.ts';
import { isSeveral } from './nodes.ts';
import type { Node, Part } from './nodes.ts';
import { isInterfaceObject, rowIn } from './rows.ts';
import type { Run } from './run.ts';
import { byField, mergeNeed } from './merge-needs.ts';
import type { Numbering } from './to-plan.ts';
import type { PlanContextSource, PlanNeed, PlanRepresentation } from './types.ts';

export function toRepresentation(run: Run, node: Node, cls: ClassNode, part: Part, numbering: Numbering): PlanRepresentation {
  const rules = node.rules.get(cls) ?? [];
  const enterAs = rules[0]?.rule.enterAs ?? null;
  const key: PlanNeed[] = [];
  const requires: { needs: PlanNeed[]; names: string[] }[] = [];
  for (const { rule, view } of rules) {
    const context: Context = { run, part, numbering, view, graph: node.graph };
    for (const need of rule.keyNeeds) mergeNeed(key, toNeed(context, need));
    if (view.requiring === null || (rule.contextNeeds.length > 0 && rule.requireNeeds.length === 0)) continue;
    const needs: PlanNeed[] = [];
    for (const need of rule.requireNeeds) mergeNeed(needs, toNeed(context, need));
    requires.push({ needs, names: namesOf(node, view.requiring) });
  }
  return {
    classIndex: cls.position.classes.indexOf(cls),
    typeName: enterAs ?? (cls.exact ? cls.type.name : null),
    key: byField(key),
    requires,
  };
}

/** Where the variables of a call that ancestors fill are read for the objects of a node. */
export function toContexts(run: Run, node: Node, part: Part, numbering: Numbering): PlanContextSource[] {
  return [...node.variables.values()].map(({ need: { cls, value } }) => {
    const position = numbering.positionOf(cls.position);
    // All rules of the node read such a value in the same place: nodes are grouped so.
    const view = [...node.rules.values()].flat().find(({ view: one }) => one.requiring !== null)?.view;
    if (position === undefined || view === undefined) throw new EngineError('INTERNAL', 'A context of the plan has no source.');
    const isNeed = value !== null && value !== 'typename';
    return { position, value: isNeed ? toNeed({ run, part, numbering, view, graph: node.graph }, value) : value };
  });
}

function namesOf(node: Node, slot: Slot): string[] {
  const field = node.fields.get(slot);
  return field === undefined ? [] : [field.name];
}

type Context = { readonly run: Run; readonly part: Part; readonly numbering: Numbering; readonly view: View; readonly graph: number };

function toNeed(context: Context, need: Need): PlanNeed {
  const { slot } = need;
  context.run.budget.count('representationLeaves');
  if (slot.child === null) {
    const source = context.part.state.open.get(context.view)?.reads.get(slot);
    if (source === undefined) throw new EngineError('INTERNAL', `${slot.field.coordinate} of a representation has no source.`);
    const node = context.part.nodeOf(source);
    return { kind: 'leaf', field: slot.field.name, node: node.id, name: node.fields.get(slot)?.name ?? '' };
  }
  const position = context.numbering.positionOf(slot.child);
  if (position === undefined) throw new EngineError('INTERNAL', `${slot.field.coordinate} of a representation is not fetched.`);
  const { child } = slot;
  return {
    kind: 'object',
    field: slot.field.name,
    position,
    typed: child.type.kind !== 'object' || isSeveral(child),
    byClass: need.children.map(({ cls, needs }) => {
      const below: PlanNeed[] = [];
      for (const inner of needs) mergeNeed(below, toNeed(context, inner));
      return { classIndex: child.classes.indexOf(cls), typeName: nestedTypeName(context, slot, cls), needs: byField(below) };
    }),
  };
}

/** The name under which the target graph knows a nested object; '' when it knows none: then none is sent. Null = the runtime type. */
function nestedTypeName({ run, graph }: Context, slot: Slot, cls: ClassNode): string | null {
  const declared = rowIn(run.supergraph, slot.field, graph)?.type.name;
  if (declared !== undefined && isInterfaceObject(run.supergraph, declared, graph)) return declared;
  const entry = cls.type.interfaceObjects.find((one) => one.graph === graph);
  if (cls.type.in[graph] === undefined) return entry?.interface ?? '';
  return cls.exact ? cls.type.name : null;
}
