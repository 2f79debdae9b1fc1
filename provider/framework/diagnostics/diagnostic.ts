import type { AttributePath } from "../values/attribute-path.ts";

/** What Terraform shows a practitioner: a problem (`error`, the operation fails) or advice (`warning`, it goes on). */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** One line, no full stop: what is wrong. */
  readonly summary: string;
  /** Sentences: why, and what to do about it. */
  readonly detail: string;
  /** The attribute at fault; Terraform then shows the line of configuration. */
  readonly attribute?: AttributePath;
}

/** Makes an error diagnostic. */
export function errorDiagnostic(summary: string, detail: string, attribute?: AttributePath): Diagnostic {
  return diagnostic("error", summary, detail, attribute);
}

/** Makes a warning diagnostic. */
export function warningDiagnostic(summary: string, detail: string, attribute?: AttributePath): Diagnostic {
  return diagnostic("warning", summary, detail, attribute);
}

function diagnostic(
  severity: Diagnostic["severity"],
  summary: string,
  detail: string,
  attribute: AttributePath | undefined,
): Diagnostic {
  if (attribute === undefined || attribute.length === 0) return { severity, summary, detail };
  return { severity, summary, detail, attribute };
}

/**
 * An error a handler throws to say which attribute is at fault. It reaches the practitioner as a diagnostic at that path,
 * with `summary` and `detail` as they are; `cause` is never shown.
 */
export class AttributeError extends Error {
  override readonly name = "AttributeError";
  /** The attribute at fault. An empty path means the whole block. */
  readonly path: AttributePath;
  /** One line, no full stop: what is wrong. */
  readonly summary: string;
  /** Sentences: why, and what to do about it. */
  readonly detail: string;

  constructor(path: AttributePath, summary: string, detail: string, options?: { readonly cause?: unknown }) {
    super(`${summary}: ${detail}`, options);
    this.path = path;
    this.summary = summary;
    this.detail = detail;
  }
}

/** Where a handler reports what a practitioner should know, in the order reported. */
export interface Diagnostics {
  /** Reports advice; the operation goes on. */
  warn(summary: string, detail: string, attribute?: AttributePath): void;
  /** Reports a problem; the operation fails when the handler has returned. To stop at once, throw instead. */
  error(summary: string, detail: string, attribute?: AttributePath): void;
  /** Adds finished diagnostics, as validators return them. */
  add(...diagnostics: readonly Diagnostic[]): void;
  /** Whether an error was reported. */
  readonly hasErrors: boolean;
  /**
   * Keeps a secret out of everything this call tells Terraform: each occurrence in a diagnostic is replaced by
   * `(sensitive value)`. Values of sensitive and write-only attributes are withheld without asking.
   */
  redact(secret: string): void;
}
