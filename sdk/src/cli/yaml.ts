/**
 * A value of JSON as a YAML document in block style. Texts that could be read as something else are in double quotes.
 * @see https://yaml.org/spec/1.2.2/
 */
export function yamlOf(value: unknown): string {
  return `${linesOf(value).join("\n")}\n`;
}

function linesOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item: unknown) => {
      const [first = "", ...rest] = linesOf(item);
      return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
    });
  }
  const members = isObject(value) ? Object.entries(value).filter(([, member]) => member !== undefined) : [];
  if (members.length === 0) return [scalar(value)];
  return members.flatMap(([name, member]) => {
    const lines = linesOf(member);
    const isBlock = (Array.isArray(member) || isObject(member)) && !/^(?:\[\]|\{\})$/.test(lines[0] ?? "");
    return isBlock ? [`${scalar(name)}:`, ...lines.map((line) => `  ${line}`)] : [`${scalar(name)}: ${lines[0]}`];
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Words that are no text in YAML, also in its older version. */
const reserved = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

function scalar(value: unknown): string {
  if (typeof value === "string" && /^[A-Za-z_][\w./@-]*$/.test(value) && !reserved.test(value)) return value;
  // JSON is YAML, but for control characters that only JSON leaves as they are.
  return JSON.stringify(value ?? null).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
