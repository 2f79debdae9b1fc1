/** The object that a text says as JSON; undefined when it says none. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // The error would quote the text.
  }
}

/** An object as the text of a JSON object. */
export function jsonText(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
