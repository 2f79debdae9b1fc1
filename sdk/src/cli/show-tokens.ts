import type { ApiToken } from "../client.ts";

/** Tokens as a table, as wide as what is in it. */
export function tableOf(tokens: readonly ApiToken[]): string {
  const rows = [
    ["LABEL", "TOKEN", "ROLE", "STATUS", "LAST USED", "CREATED BY", "ID"],
    ...tokens.map((token) => [
      token.label,
      token.obfuscatedToken,
      token.role,
      token.status,
      token.lastUsed ?? "never",
      token.createdBy,
      token.id,
    ]),
  ].map((row) => row.map(printable));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** Everything that may be seen of one thing, a line for each member. */
export function linesOf(thing: object): string {
  return Object.entries(thing)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(
      ([name, value]) => `${name.padEnd(16)} ${printable(typeof value === "string" ? value : JSON.stringify(value))}\n`,
    )
    .join("");
}

/** A text that somebody else chose, without what a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}

/** One JSON value on a line of its own. */
export function jsonOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
