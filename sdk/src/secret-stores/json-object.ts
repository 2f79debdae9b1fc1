/** The object that a text says as JSON; undefined when it says none. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // The error would quote the text.
  }
}

/** Whether a text of JSON has numbers that may not come back as they are: a double has 15 digits for sure. */
export function hasInexactNumbers(text: string): boolean {
  const numbers = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").match(/-?\d[\d.eE+-]*/g) ?? [];
  return numbers.some((number) => number.replaceAll(/\D/g, "").length > 15);
}

/** An object as the text of a JSON object. */
export function jsonText(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
