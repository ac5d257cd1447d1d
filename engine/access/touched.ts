/**
 * Which coordinates an operation may touch: what it asks for, on every type that may stand there, and all that keys, requirements and
 * contexts may need on the way. It may name too much. Exports `touchedBy`.
 */
import { idsOf } from '../supergraph/bits.ts';
import type { CompositeType, Field, FieldSet, Supergraph } from '../supergraph/types.ts';

/** `asked`: `Type.field` as the document names them, on objects and interfaces. */
export function touchedBy(supergraph: Supergraph, asked: Iterable<string>): ReadonlySet<string> {
  const walk = new Walk(supergraph);
  for (const coordinate of asked) {
    const [type = '', field = ''] = coordinate.split('.');
    walk.addField(type, field);
  }
  return walk.run();
}

class Walk {
  readonly #supergraph: Supergraph;
  readonly #touched = new Set<string>();
  readonly #types = new Set<string>();
  readonly #fields: Field[] = [];

  constructor(supergraph: Supergraph) {
    this.#supergraph = supergraph;
  }

  run(): ReadonlySet<string> {
    for (let field = this.#fields.pop(); field !== undefined; field = this.#fields.pop()) {
      this.#addType(field.type.name);
      for (const row of field.in) {
        if (row === undefined) continue;
        this.#addType(row.type.name);
        this.#addSet(row.requires ?? []);
        for (const argument of row.contextArguments) this.#addSet(argument.selection);
      }
    }
    return this.#touched;
  }

  /** The field on the type, on what may stand for it, and on its interfaces, where interface objects give it. */
  addField(typeName: string, name: string): void {
    const type = this.#composite(typeName);
    if (type === undefined) return;
    this.#addType(typeName);
    for (const one of this.#family(type)) {
      const field = one.fields.get(name);
      if (field === undefined || this.#touched.has(field.coordinate)) continue;
      this.#touched.add(field.coordinate);
      this.#fields.push(field);
    }
  }

  /** All keys by which objects of the type may be entered. */
  #addType(name: string): void {
    const type = this.#composite(name);
    if (type === undefined || this.#types.has(name)) return;
    this.#types.add(name);
    for (const one of this.#family(type)) {
      if (this.#types.has(`keys of ${one.name}`)) continue;
      this.#types.add(`keys of ${one.name}`);
      for (const row of one.in) for (const key of row?.keys ?? []) this.#addSet(key.fields);
    }
  }

  #addSet(set: FieldSet): void {
    for (const node of set) {
      if (node.kind === 'field') this.addField(node.parent, node.name);
      this.#addSet(node.selections);
    }
  }

  #family(type: CompositeType): CompositeType[] {
    const objects = idsOf(type.possible).flatMap((id) => this.#supergraph.objects[id] ?? []);
    const above = [type, ...objects].flatMap((one) => one.interfaces.flatMap((name) => this.#composite(name) ?? []));
    return [...new Set([type, ...objects, ...above])];
  }

  #composite(name: string): CompositeType | undefined {
    const type = this.#supergraph.types.get(name);
    return type !== undefined && (type.kind === 'object' || type.kind === 'interface' || type.kind === 'union') ? type : undefined;
  }
}
