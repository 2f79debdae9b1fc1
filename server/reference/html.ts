/** A piece of HTML. Only {@link html} makes one, so that no text becomes markup by accident. */
export type Html = { readonly markup: string };

/** What a template may hold: texts and numbers are escaped, pieces of HTML are taken as they are. */
export type HtmlValue = string | number | Html | undefined | readonly HtmlValue[];

/** Writes HTML: what is put into the template is escaped unless it is HTML itself; undefined is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const markup = strings.map((text, index) => text + (index < values.length ? write(values[index]) : "")).join("");
  return { markup };
}

function write(value: HtmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number") return escapeText(String(value));
  if ("markup" in value) return value.markup;
  return value.map(write).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
