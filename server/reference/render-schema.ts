import { asList, asNode, asText, type ContractDocument, type ContractNode } from "./contract-document.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { inline, paragraphs } from "./prose.ts";

/** A schema with a name: what it is for, and its members or its values. */
export function renderSchema(document: ContractDocument, name: string, value: unknown): Html {
  const node = asNode(value);
  const members = renderMembers(document, node);
  return html`<section class="schema" id="schema-${name}">
<h3><a class="anchor" href="#schema-${name}">${name}</a></h3>
${paragraphs(asText(node["description"]) || describeKind(node))}
${members ?? html`<p class="type">${describeType(document, { ...node, description: undefined })}</p>`}
</section>`;
}

function describeKind(node: ContractNode): string {
  return node["properties"] === undefined && node["allOf"] === undefined ? "" : "An object with these members.";
}

/** The members of an object, each with its type and what it is for; undefined for what is no object. */
export function renderMembers(document: ContractDocument, node: ContractNode): Html | undefined {
  const parts = [node, ...asList(node["allOf"]).map((part) => document.resolve(part).node)];
  const members = parts.flatMap((part) => {
    const required = asList(part["required"]);
    return Object.entries(asNode(part["properties"])).map(([name, member]) => ({
      name,
      member: asNode(member),
      isRequired: required.includes(name),
    }));
  });
  if (members.length === 0) return undefined;
  return renderTerms(
    members.map(({ name, member, isRequired }) => ({
      name,
      isRequired,
      type: describeType(document, member),
      description: asText(member["description"] ?? document.resolve(member).node["description"]),
    })),
  );
}

/** Something with a name: a member, a parameter, a header field. */
export type Term = {
  readonly name: string;
  readonly isRequired: boolean;
  readonly type: HtmlValue;
  readonly description: string;
};

/** A list of names with what each is. */
export function renderTerms(terms: readonly Term[]): Html {
  const items = terms.map(
    ({
      name,
      isRequired,
      type,
      description,
    }) => html`<dt><code>${name}</code>${isRequired ? html` <span class="required">required</span>` : undefined} <span class="type">${type}</span></dt>
<dd>${inline(description)}</dd>
`,
  );
  return html`<dl class="terms">${items}</dl>`;
}

/** What a value is: its kind and its bounds, or a link to the schema that says so. */
export function describeType(document: ContractDocument, value: unknown): HtmlValue {
  const { node, name } = document.resolve(value);
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`;
  const choices = asList(node["oneOf"]);
  if (choices.length > 0) {
    return choices.map((choice, index) => [index > 0 ? " or " : "", describeType(document, choice)]);
  }
  const values = asList(node["enum"]);
  const kinds = (Array.isArray(node["type"]) ? node["type"] : [node["type"]]).map(asText);
  if (values.length > 0)
    return ["one of ", separate(values.map((each) => html`<code>${asText(each)}</code>`)), describeDefault(node)];
  if (kinds.includes("array"))
    return ["list of ", describeType(document, node["items"]), describeBounds(node, "Items", "")];
  return [kinds.map((kind) => kindNames[kind] ?? kind).join(" or "), describeRange(kinds, node), describeDefault(node)];
}

const kindNames: Readonly<Record<string, string>> = { string: "text", "": "object" };

function describeRange(kinds: readonly string[], node: ContractNode): string {
  const format = node["format"] === undefined ? "" : ` (${asText(node["format"])})`;
  if (kinds.includes("string")) return format + describeBounds(node, "Length", " characters");
  const { minimum, maximum } = node;
  if (minimum === undefined && maximum === undefined) return format;
  return `${format}, ${asText(minimum)} to ${asText(maximum)}`;
}

function describeBounds(node: ContractNode, what: "Length" | "Items", unit: string): string {
  const [least, most] = [node[`min${what}`], node[`max${what}`]];
  if (most === undefined) return "";
  if (least === most) return `, ${asText(most)}${unit}`;
  return least === undefined ? `, at most ${asText(most)}${unit}` : `, ${asText(least)} to ${asText(most)}${unit}`;
}

function describeDefault(node: ContractNode): HtmlValue {
  return node["default"] === undefined ? undefined : html`; <code>${asText(node["default"])}</code> when absent`;
}

function separate(items: readonly Html[]): HtmlValue {
  return items.map((item, index) => [index > 0 ? ", " : "", item]);
}
