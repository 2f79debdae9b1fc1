/** Names and values of a sample's labels. Values come from fixed sets only: never a label of a token, an id or an address. */
export type Labels = Readonly<Record<string, string>>;

/** Something that is shown in Prometheus' text format. */
export type Instrument = {
  /** Its lines, with `HELP` and `TYPE` first; empty when it has nothing to show. */
  render(): Promise<string> | string;
};

/** What an instrument is called. `name` ends in its unit, and in `_total` when it only grows. */
export type Description = { readonly name: string; readonly help: string };

/** A sum that only grows, for each combination of labels. */
export class Counter implements Instrument {
  readonly #description: Description;
  readonly #samples = new Map<string, { readonly labels: Labels; value: number }>();

  constructor(description: Description) {
    this.#description = description;
  }

  add(labels: Labels = {}, amount = 1): void {
    const key = keyOf(labels);
    const sample = this.#samples.get(key);
    if (sample === undefined) this.#samples.set(key, { labels, value: amount });
    else sample.value += amount;
  }

  render(): string {
    const { name } = this.#description;
    return renderAll(
      this.#description,
      "counter",
      [...this.#samples.values()].map(({ labels, value }) => line(name, labels, value)),
    );
  }
}

/** How observations are distributed, for each combination of labels. */
export class Histogram implements Instrument {
  readonly #description: Description;
  readonly #bounds: readonly number[];
  readonly #samples = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();

  /** @param bounds the upper bounds of the buckets, ascending. */
  constructor(description: Description, bounds: readonly number[]) {
    this.#description = description;
    this.#bounds = bounds;
  }

  observe(value: number, labels: Labels = {}): void {
    const key = keyOf(labels);
    let sample = this.#samples.get(key);
    if (sample === undefined) {
      sample = { labels, counts: [...this.#bounds, 0].map(() => 0), sum: 0 };
      this.#samples.set(key, sample);
    }
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = found < 0 ? this.#bounds.length : found;
    sample.counts[bucket] = (sample.counts[bucket] ?? 0) + 1;
    sample.sum += value;
  }

  render(): string {
    const { name } = this.#description;
    const lines = [...this.#samples.values()].flatMap(({ labels, counts, sum }) => {
      let total = 0;
      const buckets = counts.map((count, index) => {
        total += count;
        return line(`${name}_bucket`, { ...labels, le: String(this.#bounds[index] ?? "+Inf") }, total);
      });
      return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)];
    });
    return renderAll(this.#description, "histogram", lines);
  }
}

/** A sample that is taken when somebody looks. */
export type Sample = { readonly labels?: Labels; readonly value: number };

/**
 * An instrument whose samples are taken when it is shown. Samples that cannot be taken are left out.
 * @param type `counter` for what only grows.
 */
export function createGauge(
  description: Description,
  take: () => Promise<readonly Sample[]> | readonly Sample[],
  type: "gauge" | "counter" = "gauge",
): Instrument {
  return {
    async render() {
      const samples = await Promise.resolve()
        .then(take)
        .catch(() => []);
      return renderAll(
        description,
        type,
        samples.map(({ labels = {}, value }) => line(description.name, labels, value)),
      );
    },
  };
}

function keyOf(labels: Labels): string {
  let key = "";
  for (const name in labels) key += `${labels[name]}\0`;
  return key;
}

function renderAll({ name, help }: Description, type: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeText(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
