/** Shorter texts are not withheld: they would blot out ordinary words and protect nothing. */
const shortestSecret = 4;
/** Shorter lines of a secret of several lines are not withheld on their own. */
const shortestLine = 16;

/** The secrets known to one call, to be taken out of everything it says. */
export class Redaction {
  readonly #secrets = new Set<string>();
  #longestFirst: readonly string[] | undefined;

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** Withholds a secret: as it is, as it stands in a URL and in JSON, and each long line of it. */
  add(secret: string): void {
    const lines = secret.split(/\r?\n/).filter((line) => line.length >= shortestLine && line !== secret);
    for (const part of [secret, ...lines]) {
      for (const form of [part, encodeURIComponent(part.toWellFormed()), JSON.stringify(part).slice(1, -1)]) {
        if (form.length < shortestSecret || this.#secrets.has(form)) continue;
        this.#secrets.add(form);
        this.#longestFirst = undefined;
      }
    }
  }

  /** The text with every secret known by now replaced. */
  readonly clean = (text: string): string => {
    this.#longestFirst ??= [...this.#secrets].sort((one, other) => other.length - one.length);
    return this.#longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "(sensitive value)"), text);
  };
}
