import type { LogFields } from "../framework/diagnostics/log.ts";

/**
 * What a log may say about an unexpected error: its kind, its code and where it happened. Not its message, which may quote a value.
 */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error_type: typeof error };
  const { name, message, stack = "" } = error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    error_type: /^\w{1,60}$/.test(name) ? name : "Error",
    error_code: code !== undefined && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined,
    error_at: frames(stack, message),
  };
}

/** The frames of a stack. V8 writes name and message before them. */
function frames(stack: string, message: string): string {
  const start = stack.indexOf(message);
  const afterMessage = start < 0 ? "" : stack.slice(start + message.length);
  const lines = afterMessage.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line.startsWith("at "))
    .slice(0, 12)
    .join("; ");
}
