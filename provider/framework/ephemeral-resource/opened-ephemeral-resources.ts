import type { EphemeralResource } from "./ephemeral-resource.ts";

/** An ephemeral resource that was opened and not closed. */
export interface OpenedEphemeralResource<Client> {
  readonly definition: EphemeralResource<Client>;
  readonly private: Uint8Array;
}

/**
 * What is open. Terraform (1.11 to 1.15) closes an ephemeral resource only when everything that used it has succeeded: after an error
 * or Ctrl-C it just ends the provider, which then has to close what is left.
 */
export class OpenedEphemeralResources<Client> {
  #opened: readonly OpenedEphemeralResource<Client>[] = [];

  /** Remembers one, if it wants to be closed. */
  add(opened: OpenedEphemeralResource<Client>): void {
    if (opened.definition.close !== undefined) this.#opened = [...this.#opened, opened];
  }

  /** Forgets one with this private state: two of the same are closed in the same way. */
  remove(typeName: string, bytes: Uint8Array): void {
    const index = this.#opened.findIndex(
      (opened) => opened.definition.typeName === typeName && equalBytes(opened.private, bytes),
    );
    if (index >= 0) this.#opened = this.#opened.toSpliced(index, 1);
  }

  /** Forgets all, and returns them. */
  takeAll(): readonly OpenedEphemeralResource<Client>[] {
    const all = this.#opened;
    this.#opened = [];
    return all;
  }
}

/** Whether two byte arrays hold the same bytes. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
