import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isNode, LineCounter, parseDocument } from "yaml";
import type { Finding } from "./check.ts";
import { asList, asObject, isObject, type JsonObject } from "./tree.ts";

/** A path of member names and indexes from the root of the contract. */
export type Pointer = readonly (string | number)[];

/** The contract, parsed, with a line for every place in it. */
export interface ContractDocument {
  readonly source: string;
  readonly root: JsonObject;
  /** Where a place lies, such as `openapi.yaml:12`, with its pointer. */
  locate(pointer: Pointer): string;
}

/** An operation of the contract. */
export interface ContractOperation {
  readonly pointer: Pointer;
  readonly path: string;
  readonly node: JsonObject;
}

/** What a media type of a request or a response says. */
export interface MediaType {
  readonly pointer: Pointer;
  readonly mediaType: string;
  readonly node: JsonObject;
}

/** Collects findings about places of the contract. */
export type Report = (pointer: Pointer, message: string) => void;

/** Reads `openapi.yaml`. Throws when it is no YAML. */
export async function readContractDocument(root: string): Promise<ContractDocument> {
  return parseContractDocument(await readFile(join(root, "openapi.yaml"), "utf8"));
}

/** Parses the text of a contract. Throws when it is no YAML. */
export function parseContractDocument(source: string): ContractDocument {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  return {
    source,
    root: asObject(document.toJS()),
    locate(pointer) {
      const node = document.getIn(pointer, true);
      const line = isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1;
      return `openapi.yaml:${line} ${pointer.join("/")}`;
    },
  };
}

/** Runs a rule over a contract and gives what it reports. */
export function collectFindings(
  document: ContractDocument,
  rule: (document: ContractDocument, report: Report) => void,
): readonly Finding[] {
  const findings: Finding[] = [];
  rule(document, (pointer, message) => findings.push({ place: document.locate(pointer), message }));
  return findings;
}

/** Follows the references of a node to what they name. A reference to nowhere gives an empty object. */
export function resolve(
  document: ContractDocument,
  pointer: Pointer,
  node: unknown,
): { readonly pointer: Pointer; readonly node: JsonObject } {
  const object = asObject(node);
  const reference = object["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#/")) return { pointer, node: object };
  const target = reference
    .slice(2)
    .split("/")
    .map((word) => word.replaceAll("~1", "/").replaceAll("~0", "~"));
  return resolve(document, target, lookUp(document.root, target));
}

function lookUp(root: JsonObject, pointer: Pointer): unknown {
  return pointer.reduce<unknown>((node, word) => asObject(node)[word], root);
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** Lists the operations in the order of the contract. */
export function listOperations({ root }: ContractDocument): readonly ContractOperation[] {
  return Object.entries(asObject(root["paths"])).flatMap(([path, item]) =>
    Object.entries(asObject(item)).flatMap(([method, node]) =>
      methods.includes(method) && isObject(node) ? [{ pointer: ["paths", path, method], path, node }] : [],
    ),
  );
}

/** The members of an object that is a table, such as `content` or `properties`, each with its pointer. */
export function membersOf(
  pointer: Pointer,
  node: unknown,
): readonly { readonly name: string; readonly pointer: Pointer; readonly node: unknown }[] {
  return Object.entries(asObject(node)).map(([name, member]) => ({ name, pointer: [...pointer, name], node: member }));
}

/** The media types below `content` of a request body or a response. */
export function listMediaTypes(pointer: Pointer, node: JsonObject): readonly MediaType[] {
  return membersOf([...pointer, "content"], node["content"]).map(({ name, pointer: place, node: media }) => ({
    pointer: place,
    mediaType: name,
    node: asObject(media),
  }));
}

/** The parameters of an operation, with those of its path. */
export function listParameters(
  document: ContractDocument,
  { path, pointer, node }: ContractOperation,
): readonly { readonly pointer: Pointer; readonly node: JsonObject }[] {
  const item = asObject(asObject(document.root["paths"])[path]);
  return [
    ...asList(item["parameters"]).map((parameter, index) =>
      resolve(document, ["paths", path, "parameters", index], parameter),
    ),
    ...asList(node["parameters"]).map((parameter, index) =>
      resolve(document, [...pointer, "parameters", index], parameter),
    ),
  ];
}
