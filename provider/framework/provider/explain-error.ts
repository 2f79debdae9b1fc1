import { AttributeError, type Diagnostic, errorDiagnostic } from "../diagnostics/diagnostic.ts";
import type { ErrorExplanation } from "./provider.ts";

const maxDetailLength = 4000;

/** What was being done when an error was thrown. */
export interface Attempt {
  /** Ends the sentence "Could not ...": `create acme_server`. */
  readonly action: string;
  readonly signal: AbortSignal;
  readonly explainError: ((error: unknown) => ErrorExplanation | undefined) | undefined;
}

/** The diagnostic for whatever a handler threw: never a stack trace. Secrets are the collector's business. */
export function explainError(error: unknown, attempt: Attempt): Diagnostic {
  const summary = `Could not ${attempt.action}`;
  if (error instanceof AttributeError) return errorDiagnostic(error.summary, error.detail, error.path);
  const explained = ask(error, attempt);
  if (explained !== undefined) return errorDiagnostic(explained.summary, explained.detail, explained.attribute);
  if (attempt.signal.aborted) {
    return errorDiagnostic(
      summary,
      "The operation was cancelled before it had finished. Run Terraform again to go on.",
    );
  }
  return errorDiagnostic(summary, describe(error).slice(0, maxDetailLength));
}

function ask(error: unknown, attempt: Attempt): ErrorExplanation | undefined {
  try {
    return attempt.explainError?.(error);
  } catch {
    // The explanation failed; the error itself is still worth showing.
    return undefined;
  }
}

function describe(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return "The provider failed without saying why. This is a bug in the provider.";
  const own = withoutStack(error.message) || codeOf(error) || error.name;
  const causes = error instanceof AggregateError ? error.errors.slice(0, 3) : [error.cause];
  const because =
    depth < 3 ? causes.filter((cause) => cause instanceof Error).map((cause) => describe(cause, depth + 1)) : [];
  return [own, ...because.filter((text) => !own.includes(text))].join(": ");
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function withoutStack(message: string): string {
  const lines = message.split("\n").filter((line) => !/^\s+at .*(:\d+|\))$/.test(line));
  return lines.join("\n").trim();
}
