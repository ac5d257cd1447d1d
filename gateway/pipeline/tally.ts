/**
 * Counters that cost next to nothing while requests run: plain numbers, written as Prometheus reads them only when it asks.
 * Exports `Tally` (a counter with labels), `Levels` (a gauge with one label) and `Times` (a histogram with one label).
 */

type Node = Map<string, Node | number>;

export class Tally {
  readonly #name: string;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #root: Node = new Map();

  constructor(name: string, help: string, labels: readonly string[]) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
  }

  /** As many values as there are labels, in their order. */
  add(values: readonly string[], by = 1): void {
    let node = this.#root;
    const last = values.length - 1;
    for (let index = 0; index < last; index += 1) node = below(node, values[index] ?? '');
    const value = values[last] ?? '';
    const before = node.get(value);
    node.set(value, (typeof before === 'number' ? before : 0) + by);
  }

  print(): string {
    const lines = [`# HELP ${this.#name} ${this.#help}`, `# TYPE ${this.#name} counter`];
    this.#print(this.#root, [], lines);
    return lines.join('\n');
  }

  #print(node: Node, values: readonly string[], lines: string[]): void {
    for (const [value, child] of node) {
      const all = [...values, value];
      if (typeof child === 'number') lines.push(`${this.#name}${printLabels(this.#labels, all)} ${child}`);
      else this.#print(child, all, lines);
    }
  }
}

function below(node: Node, value: string): Node {
  const found = node.get(value);
  if (found instanceof Map) return found;
  const made: Node = new Map();
  node.set(value, made);
  return made;
}

/** As many values as there are things to watch: the caller sees to their number. */
export class Levels {
  readonly #name: string;
  readonly #help: string;
  readonly #label: string;
  readonly #levels = new Map<string, number>();

  constructor(name: string, help: string, label: string) {
    this.#name = name;
    this.#help = help;
    this.#label = label;
  }

  set(value: string, level: number): void {
    this.#levels.set(value, level);
  }

  print(): string {
    const lines = [`# HELP ${this.#name} ${this.#help}`, `# TYPE ${this.#name} gauge`];
    for (const [value, level] of this.#levels) lines.push(`${this.#name}${printLabels([this.#label], [value])} ${level}`);
    return lines.join('\n');
  }
}

type Series = { readonly counts: number[]; sum: number; count: number };

export class Times {
  readonly #name: string;
  readonly #help: string;
  readonly #label: string;
  readonly #buckets: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string, { label, buckets }: { label: string; buckets: readonly number[] }) {
    this.#name = name;
    this.#help = help;
    this.#label = label;
    this.#buckets = buckets;
  }

  observe(value: string, amount: number): void {
    let series = this.#series.get(value);
    if (!series) this.#series.set(value, (series = { counts: this.#buckets.map(() => 0), sum: 0, count: 0 }));
    series.sum += amount;
    series.count += 1;
    let index = 0;
    while (index < this.#buckets.length && amount > (this.#buckets[index] ?? 0)) index += 1;
    if (index < this.#buckets.length) series.counts[index] = (series.counts[index] ?? 0) + 1;
  }

  print(): string {
    const lines = [`# HELP ${this.#name} ${this.#help}`, `# TYPE ${this.#name} histogram`];
    for (const [value, { counts, sum, count }] of this.#series) {
      let upTo = 0;
      for (const [index, bound] of this.#buckets.entries()) {
        upTo += counts[index] ?? 0;
        lines.push(`${this.#name}_bucket${printLabels(['le', this.#label], [String(bound), value])} ${upTo}`);
      }
      lines.push(`${this.#name}_bucket${printLabels(['le', this.#label], ['+Inf', value])} ${count}`);
      lines.push(`${this.#name}_sum${printLabels([this.#label], [value])} ${sum}`);
      lines.push(`${this.#name}_count${printLabels([this.#label], [value])} ${count}`);
    }
    return lines.join('\n');
  }
}

function printLabels(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`).join(',')}}`;
}

/** The exposition format knows these three escapes. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
