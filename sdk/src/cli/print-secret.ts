import type { CommandContext } from "./command-context.ts";
import { UsageError } from "./exit-code.ts";

/**
 * Makes sure, before a secret is issued that no store takes, that somebody wants it printed.
 * @throws UsageError when it would go into a file, a pipe or a log without anybody having said so.
 */
export function requirePrintable(
  { printsToTerminal }: CommandContext,
  flags: { readonly printSecret?: boolean | undefined },
) {
  if (printsToTerminal || flags.printSecret === true) return;
  throw new UsageError(
    "Without --store the secret is printed, and standard output is no terminal: it can be a log that others read. Give --store URI to deliver it, or --print-secret when you mean it. Nothing was issued.",
  );
}
