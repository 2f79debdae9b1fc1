import {
  type ContractDocument,
  listMediaTypes,
  listOperations,
  membersOf,
  type Pointer,
  type Report,
  resolve,
} from "./contract-document.ts";
import { asList, isObject, type JsonObject } from "./tree.ts";

/** Every text, number and list is bounded, and every object says what it has, so that nothing unexpected gets in or out. */
export function checkSchemas(document: ContractDocument, report: Report): void {
  const schemas = listSchemas(document.root);
  const composed = new Set<JsonObject>();
  for (const { node, pointer } of schemas) {
    for (const [index, part] of asList(node["allOf"]).entries())
      composed.add(resolve(document, [...pointer, "allOf", index], part).node);
  }
  for (const { node, pointer } of schemas) {
    if (node["$ref"] === undefined) checkBounds(node, pointer, report);
    // A part of an allOf cannot be closed: it would forbid the members of the other parts. The server merges and closes the whole.
    if (typesOf(node).includes("object") && !composed.has(node)) checkClosed(node, pointer, report);
  }
  for (const operation of listOperations(document))
    checkRequestBody(document, [...operation.pointer, "requestBody"], operation.node["requestBody"], report);
}

function checkBounds(node: JsonObject, pointer: Pointer, report: Report): void {
  const has = (...names: readonly string[]) => names.some((name) => node[name] !== undefined);
  const types = typesOf(node);
  if (types.length === 0 && !has("enum", "const", "allOf", "oneOf", "anyOf")) report(pointer, "has no type");
  if (has("enum", "const")) return;
  if (types.includes("string") && !has("maxLength")) report(pointer, "a text needs maxLength or an enum");
  if (types.includes("array") && !has("maxItems")) report(pointer, "a list needs maxItems");
  if (types.includes("array") && !has("items")) report(pointer, "a list needs items");
  if (types.includes("integer") || types.includes("number")) {
    if (!has("minimum", "exclusiveMinimum")) report(pointer, "a number needs a minimum");
    if (!has("maximum", "exclusiveMaximum")) report(pointer, "a number needs a maximum");
  }
}

function checkClosed(node: JsonObject, pointer: Pointer, report: Report): void {
  // A map, whose members are bounded in number and by a schema of their own, is as closed as one with named members.
  if (isObject(node["additionalProperties"]) && node["maxProperties"] !== undefined) return;
  if (node["additionalProperties"] !== false && node["unevaluatedProperties"] !== false) {
    report(pointer, "an object needs additionalProperties: false");
  }
}

/** A request is refused when it has a member that nobody knows; so its body is closed in itself. */
function checkRequestBody(document: ContractDocument, pointer: Pointer, body: unknown, report: Report): void {
  if (body === undefined) return;
  const resolved = resolve(document, pointer, body);
  for (const media of listMediaTypes(resolved.pointer, resolved.node)) {
    const schema = resolve(document, [...media.pointer, "schema"], media.node["schema"]);
    const isList = typesOf(schema.node).includes("array");
    const { node, pointer: place } = isList
      ? resolve(document, [...schema.pointer, "items"], schema.node["items"])
      : schema;
    checkClosed(node, place, report);
    if (media.mediaType === "application/x-www-form-urlencoded") checkForm(document, schema, report);
  }
}

/** What a form holds is text, each parameter once. */
function checkForm(document: ContractDocument, { node, pointer }: Schema, report: Report): void {
  for (const member of membersOf([...pointer, "properties"], node["properties"])) {
    const property = resolve(document, member.pointer, member.node);
    if (property.node["type"] !== "string") report(property.pointer, "a parameter of a form must be a text");
  }
}

function typesOf({ type }: JsonObject): readonly unknown[] {
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

interface Schema {
  readonly pointer: Pointer;
  readonly node: JsonObject;
}

/** Every schema of the contract, wherever it is written, and the schemas inside it. */
function listSchemas(root: JsonObject): readonly Schema[] {
  const found: Schema[] = [];
  const walk = (pointer: Pointer, node: unknown) => {
    if (Array.isArray(node)) for (const [index, item] of node.entries()) walk([...pointer, index], item);
    if (!isObject(node)) return;
    for (const { name, pointer: place, node: member } of membersOf(pointer, node)) {
      const table = pointer.length === 1 && pointer[0] === "components" && name === "schemas";
      if (name === "example" || name === "examples") continue;
      if (table) for (const schema of membersOf(place, member)) addSchema(schema.pointer, schema.node, found);
      else if (name === "schema") addSchema(place, member, found);
      else walk(place, member);
    }
  };
  walk([], root);
  return found;
}

function addSchema(pointer: Pointer, node: unknown, found: Schema[]): void {
  if (!isObject(node)) return;
  found.push({ pointer, node });
  for (const { pointer: place, node: member } of membersOf([...pointer, "properties"], node["properties"]))
    addSchema(place, member, found);
  for (const name of ["items", "additionalProperties", "not"]) addSchema([...pointer, name], node[name], found);
  for (const name of ["allOf", "oneOf", "anyOf", "prefixItems"]) {
    for (const [index, part] of asList(node[name]).entries()) addSchema([...pointer, name, index], part, found);
  }
}
