import type { PrivateState } from "./resource.ts";

/** The private state of one call: read from what Terraform kept, encoded again for Terraform to keep. */
export class StoredPrivateState implements PrivateState {
  readonly #entries: Map<string, string>;

  /** Bytes this framework did not write count as empty. */
  constructor(bytes: Uint8Array) {
    this.#entries = new Map(decode(bytes));
  }

  get(name: string): string | undefined {
    return this.#entries.get(name);
  }

  set(name: string, value: string | undefined): void {
    if (value === undefined) this.#entries.delete(name);
    else this.#entries.set(name, value);
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Empty bytes for no entries; otherwise JSON in the order of the names. */
  encode(): Uint8Array {
    if (this.#entries.size === 0) return new Uint8Array();
    const sorted = [...this.#entries].sort(([one], [other]) => (one < other ? -1 : 1));
    return new TextEncoder().encode(JSON.stringify(Object.fromEntries(sorted)));
  }
}

function decode(bytes: Uint8Array): readonly (readonly [string, string])[] {
  if (bytes.length === 0) return [];
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof parsed !== "object" || parsed === null) return [];
    return Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  } catch {
    return [];
  }
}
