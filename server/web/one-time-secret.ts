/**
 * A secret that is shown once. React keeps what it renders longer than it shows it, so that it is given this, and never the
 * text itself; `forget` drops the only reference.
 */
export class OneTimeSecret {
  #text: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text; empty once it is forgotten. */
  reveal(): string {
    return this.#text ?? "";
  }

  forget(): void {
    this.#text = undefined;
  }
}
