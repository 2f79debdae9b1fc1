import type { AttributePath } from "./attribute-path.ts";
import { type Diagnostic, type Diagnostics, errorDiagnostic, warningDiagnostic } from "./diagnostic.ts";

/** Shorter texts are not withheld: they would blot out ordinary words and protect nothing. */
const shortestSecret = 4;

/** The diagnostics of one call. Secrets are taken out when the list is read, so that one learnt late is withheld everywhere. */
export class DiagnosticCollector implements Diagnostics {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #secrets = new Set<string>();

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.redact(secret);
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(({ severity }) => severity === "error");
  }

  warn(summary: string, detail: string, attribute?: AttributePath): void {
    this.#diagnostics.push(warningDiagnostic(summary, detail, attribute));
  }

  error(summary: string, detail: string, attribute?: AttributePath): void {
    this.#diagnostics.push(errorDiagnostic(summary, detail, attribute));
  }

  add(...diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics.push(...diagnostics);
  }

  redact(secret: string): void {
    for (const form of [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)]) {
      if (form.length >= shortestSecret) this.#secrets.add(form);
    }
  }

  /** What was reported so far, with every secret replaced. */
  list(): readonly Diagnostic[] {
    const secrets = [...this.#secrets].sort((one, other) => other.length - one.length);
    const clean = (text: string): string =>
      secrets.reduce((rest, secret) => rest.replaceAll(secret, "(sensitive value)"), text);
    return this.#diagnostics.map((found) => ({ ...found, summary: clean(found.summary), detail: clean(found.detail) }));
  }
}
