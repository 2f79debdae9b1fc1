import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { invalidRequest, type PlaceCode, type ProblemPlace } from "../domain/problem.ts";
import type { ContractOperation, JsonSchema } from "./contract.ts";

/** The parts of a request, before anything is known about them. */
export type RawRequest = {
  readonly path: unknown;
  readonly query: unknown;
  /** By the names of the contract; those that the operation takes. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: unknown;
};

/**
 * Compiles the validation of an operation's requests.
 *
 * The result returns the parts, numbers in path and query and lists in queries parsed, and throws ProblemError `request_invalid` that names
 * every place that is wrong, each with one code and one message.
 */
export function createRequestValidator(operation: ContractOperation): (request: RawRequest) => RawRequest {
  const findInPath = createPlaceFinder(operation.pathSchema, "/path");
  const findInQuery = createPlaceFinder(operation.querySchema, "/query");
  const findInHeader = createPlaceFinder(operation.headerSchema, "/header");
  const findInBody = operation.bodySchema === undefined ? refuseBody : createBodyFinder(operation.bodySchema);
  const readBody = operation.bodyMediaType === "application/json" ? asItCame : createFormReader(operation.bodySchema);
  return ({ path, query, header, body: rawBody }) => {
    const body = readBody(rawBody);
    const parsed = {
      path: parseIntegers(operation.pathSchema, path),
      query: parseLists(operation.querySchema, parseIntegers(operation.querySchema, query)),
      header,
      body,
    };
    const places = [
      ...findInPath(parsed.path),
      ...findInQuery(parsed.query),
      ...findInHeader(header),
      ...findInBody(body),
    ];
    if (places.length > 0) throw invalidRequest(...places);
    return parsed;
  };
}

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false, messages: true });
addFormats.default(ajv);

/** Numbers in paths and queries arrive as text. Only plain decimal notation is one: neither `0x10` nor `1e1` is. */
function parseIntegers(schema: JsonSchema, part: unknown): Readonly<Record<string, unknown>> {
  const properties = Object.entries(schema["properties"] ?? {});
  const integers = new Set(properties.filter(([, { type }]) => type === "integer").map(([name]) => name));
  const members = Object.entries(part ?? {}).map(([name, value]) => {
    const isInteger = integers.has(name) && typeof value === "string" && /^-?\d{1,15}$/.test(value);
    return [name, isInteger ? Number(value) : value];
  });
  return Object.fromEntries(members);
}

/** A parameter that may be repeated is a list, also when it is given once. */
function parseLists(schema: JsonSchema, query: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const properties = Object.entries(schema["properties"] ?? {});
  const lists = new Set(properties.filter(([, { type }]) => type === "array").map(([name]) => name));
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, lists.has(name) && !Array.isArray(value) ? [value] : value]),
  );
}

const asItCame = (body: unknown): unknown => body;

/** Of a form, parameters that nobody knows are ignored, as OAuth wants it (RFC 6749 section 3.2). */
function createFormReader(schema: JsonSchema = {}): (body: unknown) => unknown {
  const known = new Set(Object.keys(schema["properties"] ?? {}));
  return (body) => Object.fromEntries(Object.entries(body ?? {}).filter(([name]) => known.has(name)));
}

type PlaceFinder = (part: unknown) => readonly ProblemPlace[];

function createPlaceFinder(schema: JsonSchema, root: string): PlaceFinder {
  const validate: ValidateFunction = ajv.compile(schema);
  return (part) => {
    if (validate(part)) return [];
    const byPointer = new Map<string, ErrorObject>();
    for (const error of validate.errors ?? []) {
      const pointer = root + pointerOf(error);
      const known = byPointer.get(pointer);
      if (known === undefined || rank(error) < rank(known)) byPointer.set(pointer, error);
    }
    return [...byPointer].map(([pointer, error]) => ({ pointer, ...describe(error) }));
  };
}

function createBodyFinder(schema: JsonSchema): PlaceFinder {
  const find = createPlaceFinder(schema, "/body");
  return (body) =>
    body === undefined ? [{ pointer: "/body", code: "field_required", message: "must be a JSON object" }] : find(body);
}

const refuseBody: PlaceFinder = (body) =>
  body === undefined
    ? []
    : [{ pointer: "/body", code: "field_unknown", message: "must be left out: there is no request body" }];

/** A member that is missing or unknown is the place itself, not the object it is missing from. */
function pointerOf(error: ErrorObject): string {
  const member: unknown = error.params["missingProperty"] ?? error.params["additionalProperty"];
  if (typeof member !== "string") return error.instancePath;
  return `${error.instancePath}/${member.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Which error speaks for its place: the wrong type before all, then length, unless the pattern says it better. */
function rank(error: ErrorObject): number {
  if (error.keyword === "type") return 0;
  if (error.keyword === "pattern") return patternOf(error)?.code === "id_malformed" ? 1 : 3;
  return 2;
}

type Description = { readonly code: PlaceCode; readonly message: string };

function describe(error: ErrorObject): Description {
  const limit: unknown = error.params["limit"];
  switch (error.keyword) {
    case "required":
      return { code: "field_required", message: "must be given" };
    case "additionalProperties":
      return { code: "field_unknown", message: `must be left out; known here: ${knownMembers(error)}` };
    case "minProperties":
      return { code: "fields_missing", message: "must have at least one member" };
    case "type":
      return { code: "type_wrong", message: `must be ${[error.params["type"]].flat().join(" or ")}` };
    case "enum":
      return { code: "value_unknown", message: describeEnum([error.params["allowedValues"]].flat()) };
    case "minLength":
      return limit === 1
        ? { code: "value_empty", message: "must not be empty" }
        : { code: "value_too_short", message: `must be at least ${limit} characters` };
    case "maxLength":
      return { code: "value_too_long", message: `must be at most ${limit} characters` };
    case "minItems":
      return { code: "value_too_short", message: `must have at least ${limit} items` };
    case "maxItems":
      return { code: "value_too_long", message: `must have at most ${limit} items` };
    case "uniqueItems":
      return { code: "format_wrong", message: "must not repeat an item" };
    case "minimum":
      return { code: "value_too_small", message: `must be at least ${limit}` };
    case "maximum":
      return { code: "value_too_large", message: `must be at most ${limit}` };
    case "pattern":
      return patternOf(error) ?? { code: "format_wrong", message: `must match ${error.params["pattern"]}` };
    case "format":
      return patternOf(error) ?? { code: "format_wrong", message: `must be an RFC 3339 ${error.params["format"]}` };
    default:
      return { code: "format_wrong", message: error.message ?? "is not valid" };
  }
}

function describeEnum(values: readonly unknown[]): string {
  return values.length > 10 ? "must be one that openapi.yaml lists" : `must be one of ${values.join(", ")}`;
}

/** The contract's `x-pattern` beside a pattern. */
function patternOf(error: ErrorObject): Description | undefined {
  return error.parentSchema?.["x-pattern"];
}

function knownMembers(error: ErrorObject): string {
  const names = Object.keys(error.parentSchema?.["properties"] ?? {});
  return names.length === 0 ? "none" : names.join(", ");
}
