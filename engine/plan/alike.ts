/**
 * When may the planner treat two concrete types alike? Exports the signatures that partition the types of a position into
 * classes: seventy implementers that behave the same way are one class.
 */
import { bit, hasBit } from '../supergraph/bits.ts';
import type { Field, FieldInGraph, FieldSet, ObjectType, Supergraph } from '../supergraph/types.ts';
import { fieldSetText, isComposite } from './rows.ts';

export type Alike = {
  /** Everything about the type that keys, requirements and entries may look at, whatever the operation. */
  profile(type: ObjectType): string;
  /** How the field behaves on this type in every graph. */
  field(type: ObjectType, name: string): string;
};

const known = new WeakMap<Supergraph, Alike>();

/** One per supergraph: signatures depend on nothing else. */
export function alikeOf(supergraph: Supergraph): Alike {
  let alike = known.get(supergraph);
  if (alike === undefined) known.set(supergraph, (alike = createAlike(supergraph)));
  return alike;
}

function createAlike(supergraph: Supergraph): Alike {
  const mentions = collectMentions(supergraph);
  const profiles = new Map<string, string>();
  const fields = new Map<string, string>();
  const field = (type: ObjectType, name: string): string => {
    const key = `${type.name}.${name}`;
    let text = fields.get(key);
    if (text === undefined) {
      const found = type.fields.get(name);
      fields.set(key, (text = found === undefined ? '-' : fieldSignature(supergraph, found)));
    }
    return text;
  };
  return {
    field,
    profile(type) {
      let text = profiles.get(type.name);
      if (text === undefined) profiles.set(type.name, (text = profileOf(supergraph, type, mentions, field)));
      return text;
    },
  };
}

type Mentions = { readonly fields: ReadonlySet<string>; readonly types: ReadonlySet<string> };

/** Names of fields and types that occur in any key, requires, provides or context selection of the supergraph. */
function collectMentions(supergraph: Supergraph): Mentions {
  const fields = new Set<string>();
  const types = new Set<string>();
  const visit = (set: FieldSet): void => {
    for (const node of set) {
      if (node.kind === 'field') fields.add(node.name);
      else types.add(node.on);
      visit(node.selections);
    }
  };
  for (const type of supergraph.types.values()) {
    if (!isComposite(type)) continue;
    for (const row of type.in) for (const key of row?.keys ?? []) visit(key.fields);
    for (const field of type.fields.values()) {
      for (const row of field.in) {
        visit(row?.requires ?? []);
        visit(row?.provides ?? []);
        for (const { selection } of row?.contextArguments ?? []) visit(selection);
      }
    }
  }
  return { fields, types };
}

function profileOf(supergraph: Supergraph, type: ObjectType, mentions: Mentions, field: Alike['field']): string {
  const rows = type.in.map((row) => (row === undefined ? '-' : row.keys.map((key) => `${key.text}${key.resolvable ? '' : '!'}`).join('&')));
  const entries = type.interfaceObjects.map((entry) => `${entry.interface}@${entry.graph}`);
  const member: string[] = [];
  for (const other of supergraph.types.values()) {
    if (!isComposite(other) || other.kind === 'object' || !hasBit(other.possible, type.objectId)) continue;
    const graphs = other.possibleIn.reduce((bits, set, graph) => (hasBit(set, type.objectId) ? bits | bit(graph) : bits), 0n);
    member.push(`${other.name}:${graphs}`);
  }
  const mentioned = [...type.fields.keys()].filter((name) => mentions.fields.has(name)).map((name) => `${name}=${field(type, name)}`);
  const self = mentions.types.has(type.name) ? type.name : '';
  return [type.public ? 'p' : 'h', self, type.contexts.join(), rows.join('/'), entries.join(), member.join(), mentioned.join(';')].join(
    '|',
  );
}

function fieldSignature(supergraph: Supergraph, field: Field): string {
  const rows = supergraph.graphs.map(({ id }) => rowText(field.in[id])).join('/');
  const args = [...field.args.values()].map((arg) => `${arg.name}:${arg.type.text}`).join();
  return `${field.type.text}(${args})${rows}${field.fromInterfaceObjects.map((entry) => `${entry.interface}@${entry.graph}`).join()}`;
}

function rowText(row: FieldInGraph | undefined): string {
  if (row === undefined) return '-';
  const usable = typeof row.usable === 'string' ? row.usable : `${row.usable.label}${row.usable.active}`;
  const sets = `${fieldSetText(row.requires ?? [])};${fieldSetText(row.provides ?? [])}`;
  const contexts = row.contextArguments.map((one) => `${one.name}:${one.type.text}=${one.context} ${fieldSetText(one.selection)}`).join();
  return `${row.type.text}${row.external ? 'x' : ''}${usable}${contexts};${sets}`;
}
