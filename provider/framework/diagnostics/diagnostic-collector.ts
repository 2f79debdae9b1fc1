import type { AttributePath } from "../values/attribute-path.ts";
import { type Diagnostic, type Diagnostics, errorDiagnostic, warningDiagnostic } from "./diagnostic.ts";
import { Redaction } from "./redaction.ts";

/** The diagnostics of one call. Secrets are taken out when the list is read, so that one learnt late is withheld everywhere. */
export class DiagnosticCollector implements Diagnostics {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #redaction: Redaction;

  constructor(secrets: Iterable<string> = []) {
    this.#redaction = new Redaction(secrets);
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
    this.#redaction.add(secret);
  }

  /** A text with every secret known by now replaced. */
  readonly clean = (text: string): string => this.#redaction.clean(text);

  /** What was reported so far, with every secret replaced. */
  list(): readonly Diagnostic[] {
    const { clean } = this;
    return this.#diagnostics.map((found) => ({ ...found, summary: clean(found.summary), detail: clean(found.detail) }));
  }
}
