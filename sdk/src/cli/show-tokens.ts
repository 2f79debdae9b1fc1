import type { ApiToken } from "../client.ts";
import type { CommandContext } from "./command-context.ts";
import { tableOf } from "./output.ts";

/** Tokens as a table. */
export function tokenTableOf(context: CommandContext, tokens: readonly ApiToken[]): string {
  const headings = ["LABEL", "TOKEN", "ROLE", "STATUS", "LAST USED", "CREATED BY", "ID"];
  const rows = tokens.map((token) => [
    token.label,
    token.obfuscatedToken,
    token.role,
    token.status,
    token.lastUsed ?? "never",
    token.createdBy,
    token.id,
  ]);
  return tableOf(context, headings, rows);
}
