import { type Html, html } from "./html.ts";

/** The prose of the contract: paragraphs, and code between backticks. */
export function paragraphs(text: string): readonly Html[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => html`<p>${inline(paragraph)}</p>`);
}

/** One run of prose. */
export function inline(text: string): readonly Html[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
