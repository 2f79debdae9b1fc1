import type { CommandContext, CommonFlags } from "./command-context.ts";
import { UsageError } from "./exit-code.ts";
import { yamlOf } from "./yaml.ts";

/** The forms that data is printed in. */
export const outputs = ["table", "json", "yaml"] as const;

/**
 * Prints what a command found, in the form that was asked for. The one place that decides it.
 *
 * @param data what programs get
 * @param text what people get, computed only for them
 */
export function show({ print }: CommandContext, flags: CommonFlags, data: unknown, text: () => string): void {
  const output = outputOf(flags);
  print(output === "table" ? text() : serialized(data, output));
}

/** The form that was asked for; a table where nothing was. */
export function outputOf({ output, json }: CommonFlags): (typeof outputs)[number] {
  return output ?? (json ? "json" : "table");
}

/**
 * Makes sure that one form is asked for, before anything is sent.
 * @throws UsageError
 */
export function requireOneOutput({ output, json }: CommonFlags): void {
  if (!json || output === undefined || output === "json") return;
  throw new UsageError(`--json is short for --output json, and --output ${output} was given, too. Give one of them.`);
}

/** One value for programs: JSON on a line of its own, or a YAML document. */
export function serialized(value: unknown, output: "json" | "yaml"): string {
  return output === "yaml" ? yamlOf(value) : `${JSON.stringify(value)}\n`;
}

/** Rows under headings, as wide as what is in them. */
export function tableOf(
  { emphasize }: CommandContext,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [headings, ...rows].map((row) => row.map(printable));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [first = "", ...lines] = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [emphasize(first), ...lines].map((line) => `${line}\n`).join("");
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
