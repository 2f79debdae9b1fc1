import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Callers } from "../domain/principal.ts";

/** A JSON Schema, without references. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** How a request body is written. */
export type BodyMediaType = "application/json" | "application/x-www-form-urlencoded";

/** Who signs raw bodies. */
export type Signer = "github-secret-scanning";

/** One operation as the contract describes it. */
export type ContractOperation = {
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** As Fastify writes it: `/v2/api-tokens/:id`. */
  readonly path: string;
  readonly callers: Callers;
  /** Whether refused tokens count against the address they come from. */
  readonly limitsFailures: boolean;
  /** Whether it is refused with a token, and when another site asks. */
  readonly isOwnPageOnly: boolean;
  readonly pathSchema: JsonSchema;
  readonly querySchema: JsonSchema;
  /** Of the header fields that the operation takes; there may be others. */
  readonly headerSchema: JsonSchema;
  /** Undefined when the operation takes no body. */
  readonly bodySchema: JsonSchema | undefined;
  /** JSON also when the operation takes no body: then any is refused, in the words of its validation. */
  readonly bodyMediaType: BodyMediaType;
  /** How long a body may be; undefined for what every body may be. */
  readonly maxBodyBytes: number | undefined;
  /** Who must have signed the raw body; undefined when nobody must. */
  readonly signedBy: Signer | undefined;
  readonly successStatus: number;
  /** Undefined when the answer has no body, or is a stream. */
  readonly successSchema: JsonSchema | undefined;
  /** Whether the answer is JSON Lines: a stream of what the schema describes. */
  readonly isStream: boolean;
  /** Whether the operation's answer comes with header fields of its own, beside those that every answer has. */
  readonly hasOwnHeaders: boolean;
};

const methods = { get: "GET", post: "POST", patch: "PATCH", delete: "DELETE" } as const;
const bodyMediaTypes: readonly BodyMediaType[] = ["application/json", "application/x-www-form-urlencoded"];
const callers: readonly Callers[] = ["public", "any-token", "member", "admin", "user"];

/**
 * Reads every operation of the contract.
 * @throws Error when the contract says something that this server could not honour.
 */
export function readContract(file: URL = new URL("../../openapi.yaml", import.meta.url)): readonly ContractOperation[] {
  const document = asObject(parse(readFileSync(file, "utf8")), "the contract");
  return Object.entries(asObject(document["paths"], "paths")).flatMap(([path, item]) => {
    const pathItem = asObject(item, path);
    return Object.entries(methods).flatMap(([key, method]) => {
      if (pathItem[key] === undefined) return [];
      const description = asObject(resolve(document, pathItem[key]), `${key} ${path}`);
      const shared = asList(resolve(document, pathItem["parameters"] ?? []));
      return [readOperation({ path, method, description, shared })];
    });
  });
}

type Found = {
  readonly path: string;
  readonly method: ContractOperation["method"];
  readonly description: JsonSchema;
  readonly shared: readonly unknown[];
};

function readOperation({ path, method, description, shared }: Found): ContractOperation {
  const operationId = String(description["operationId"]);
  const parameters = [...shared, ...asList(description["parameters"] ?? [])].map((given) =>
    asObject(given, operationId),
  );
  const successes = Object.entries(asObject(description["responses"], operationId)).filter(([status]) =>
    /^(?:2\d\d|303)$/.test(status),
  );
  const [success] = successes;
  const caller = callers.find((candidate) => candidate === description["x-callers"]);
  if (success === undefined || successes.length > 1) throw new Error(`${operationId} must have one success answer.`);
  const body = readBody(operationId, description["requestBody"]);
  if (caller === undefined) throw new Error(`${operationId} must say in x-callers who may call it.`);
  return {
    operationId,
    method,
    path: path.replaceAll(/\{(\w+)\}/g, ":$1"),
    callers: caller,
    limitsFailures: description["x-failures-limited"] !== false,
    isOwnPageOnly: description["x-own-page-only"] === true,
    pathSchema: parametersSchema(parameters, "path"),
    querySchema: {
      ...parametersSchema(parameters, "query"),
      additionalProperties: description["x-other-parameters"] === "ignored",
    },
    headerSchema: parametersSchema(parameters, "header"),
    bodySchema: body.schema,
    bodyMediaType: body.mediaType,
    maxBodyBytes: description["x-max-body-bytes"] === undefined ? undefined : Number(description["x-max-body-bytes"]),
    signedBy: readSigner(operationId, description["x-signed-by"]),
    successStatus: Number(success[0]),
    successSchema: jsonContent(success[1]),
    isStream: isJsonLines(success[1]),
    hasOwnHeaders: success[0] === "303" || hasOwnHeaders(success[1]),
  };
}

function readSigner(operationId: string, signer: unknown): Signer | undefined {
  if (signer === undefined || signer === "github-secret-scanning") return signer;
  throw new Error(`${operationId} must be signed by github-secret-scanning, if by anybody.`);
}

function readBody(operationId: string, body: unknown) {
  if (body === undefined) return { schema: undefined, mediaType: "application/json" } as const;
  const [media, ...others] = Object.entries(asObject(asObject(body, operationId)["content"], operationId));
  const mediaType = bodyMediaTypes.find((known) => known === media?.[0]);
  if (media === undefined || mediaType === undefined || others.length > 0) {
    throw new Error(`${operationId} must take its body as one of ${bodyMediaTypes.join(", ")}.`);
  }
  return { schema: asObject(asObject(media[1], mediaType)["schema"], "schema"), mediaType } as const;
}

/** Header fields that the binding of the contract gives by itself. */
const givenHeaders = ["X-Request-Id", "Location", "Set-Cookie"];

function hasOwnHeaders(answer: unknown): boolean {
  const headers = asObject(answer, "an answer")["headers"] ?? {};
  return Object.keys(asObject(headers, "headers")).some((name) => !givenHeaders.includes(name));
}

/** The parameters of one place as one object, in which nothing else may be. */
function parametersSchema(parameters: readonly JsonSchema[], place: "path" | "query" | "header"): JsonSchema {
  const placed = parameters.filter((parameter) => parameter["in"] === place);
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(placed.map((parameter) => [String(parameter["name"]), parameter["schema"]])),
    required: placed.filter((parameter) => parameter["required"] === true).map((parameter) => parameter["name"]),
  };
}

function jsonContent(holder: unknown): JsonSchema | undefined {
  if (holder === undefined) return undefined;
  const content = asObject(holder, "a body")["content"];
  if (content === undefined || isJsonLines(holder)) return undefined;
  return asObject(asObject(asObject(content, "content")["application/json"], "application/json")["schema"], "schema");
}

function isJsonLines(holder: unknown): boolean {
  const content = asObject(holder, "a body")["content"];
  return content !== undefined && asObject(content, "content")["application/jsonl"] !== undefined;
}

/** Replaces each `$ref`, merges each `allOf` of objects into one, and leaves examples out. */
function resolve(document: JsonSchema, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => resolve(document, item));
  if (typeof node !== "object" || node === null) return node;
  const { $ref: reference, allOf, example: _, ...rest } = asObject(node, "a node");
  const own = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, resolve(document, value)]));
  if (typeof reference === "string")
    return { ...asObject(resolve(document, find(document, reference)), reference), ...own };
  if (allOf === undefined) return own;
  return mergeObjects(asList(resolve(document, allOf)).map((part) => asObject(part, "allOf")));
}

function mergeObjects(parts: readonly JsonSchema[]): JsonSchema {
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.assign({}, ...parts.map((part) => part["properties"])),
    required: parts.flatMap((part) => asList(part["required"] ?? [])),
  };
}

function find(document: JsonSchema, reference: string): unknown {
  return reference
    .replace(/^#\//, "")
    .split("/")
    .reduce<unknown>((node, key) => asObject(node, reference)[key], document);
}

function asObject(value: unknown, where: string): JsonSchema {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`openapi.yaml: ${where} must be an object.`);
  }
  return Object.fromEntries(Object.entries(value));
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("openapi.yaml: a list is expected.");
  return value;
}
