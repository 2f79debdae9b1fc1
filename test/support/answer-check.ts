import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

/** What is checked of an answer. Header names are in lower case. */
export type CheckedAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
};

type Node = Readonly<Record<string, unknown>>;

/** Where an operation lives. `path` has its parameters in braces. */
export type ContractRoute = {
  readonly method: string;
  readonly path: string;
  readonly callers: string;
  /** How it takes a body; JSON when it takes none. */
  readonly bodyMediaType: string;
  /** The example of its body; undefined when it takes none. */
  readonly bodyExample: unknown;
};

const document = readNode(parse(readFileSync(new URL("../../openapi.yaml", import.meta.url), "utf8")));
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(closeObjects(document), "contract");

/** Every operation of openapi.yaml by its operationId, read here on its own, not by the server's code. */
export const contractRoutes: ReadonlyMap<string, ContractRoute> = readRoutes();

const tokenText = /tok_[0-9A-Za-z]{36}/;
/** Problems that belong to no operation: the request was for none. */
const routingCodes = [
  "route_not_found",
  "method_not_allowed",
  "http_malformed",
  "header_too_large",
  "request_incomplete",
];
const routingResponse = ["components", "responses", "ApiTokenNotFound"];

/**
 * Holds an answer against openapi.yaml: status, media type, body, problem code, header fields, and that no answer but the
 * one that issues a token holds one.
 *
 * @param operationId undefined when the request was for no operation of the contract.
 * @throws Error that says what differs.
 */
export function checkAnswer(operationId: string | undefined, answer: CheckedAnswer): void {
  const difference = findDifference(operationId, answer);
  if (difference === undefined) return;
  throw new Error(`${operationId ?? "no operation"} answered ${answer.status}: ${difference}\n${answer.text}`);
}

function findDifference(operationId: string | undefined, answer: CheckedAnswer): string | undefined {
  const inHeaders = findInHeaders(answer);
  if (inHeaders !== undefined) return inHeaders;
  const issues = answer.status < 300 && (operationId === "createApiToken" || operationId === "rotateApiToken");
  if (!issues && tokenText.test(answer.text + JSON.stringify(answer.headers))) return "it holds a token";
  const code = answer.status >= 400 ? String(readNode(JSON.parse(answer.text))["code"]) : undefined;
  if (code !== undefined && routingCodes.includes(code)) return findInBody(routingResponse, answer);
  // Too many requests are wrong at no place.
  if (
    code !== undefined &&
    answer.status < 500 &&
    answer.status !== 429 &&
    !/"pointer":"\/(body|path|query|header)/.test(answer.text)
  )
    return "it does not name the place of the request that is wrong";
  const route = contractRoutes.get(operationId ?? "");
  if (route === undefined) return "it was for no operation, and only routing codes are for that";
  const place = findResponse(route, answer.status);
  if (place === undefined) return "the status is not declared for the operation";
  const codes = readAt(place)["x-problem-codes"];
  if (code !== undefined && !(Array.isArray(codes) && codes.includes(code))) return "the problem code is not declared";
  return findInBody(place, answer);
}

function findInHeaders({ status, headers, text }: CheckedAnswer): string | undefined {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(headers["x-request-id"] ?? "")) return "it has no X-Request-Id";
  if (headers["cache-control"] !== "no-store") return "it may be cached";
  if (headers["x-content-type-options"] !== "nosniff") return "a browser may guess what it is";
  if (status === 503 && !/^[1-9]\d{0,3}$/.test(headers["retry-after"] ?? ""))
    return "it does not say when to try again";
  const challenges = (headers["www-authenticate"] ?? "").startsWith('Bearer realm="');
  const mustChallenge = status === 401 || (status === 403 && text.includes('"role_insufficient"'));
  return challenges === mustChallenge ? undefined : "WWW-Authenticate belongs to 401 and role_insufficient, only";
}

function findInBody(place: readonly string[], answer: CheckedAnswer): string | undefined {
  const content = readAt(place)["content"];
  if (content === undefined) return answer.text === "" ? undefined : "it must have no body";
  const [mediaType = ""] = Object.keys(readNode(content));
  if (answer.headers["content-type"]?.split(";")[0] !== mediaType) return `it is not ${mediaType}`;
  const check = compile([...place, "content", mediaType, "schema"]);
  const items = mediaType === "application/jsonl" ? answer.text.split("\n").slice(0, -1) : [answer.text];
  return items.every((item) => check(JSON.parse(item)))
    ? undefined
    : `the body differs: ${ajv.errorsText(check.errors)}`;
}

function compile(place: readonly string[]): ValidateFunction {
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
  const compiled = ajv.getSchema(`contract#/${pointer}`);
  if (compiled === undefined) throw new Error(`openapi.yaml has no schema at ${pointer}`);
  return compiled;
}

function findResponse({ path, method }: ContractRoute, status: number): readonly string[] | undefined {
  const place = ["paths", path, method.toLowerCase(), "responses", String(status)];
  const response = readAt(place.slice(0, -1))[String(status)];
  if (response === undefined) return undefined;
  const reference = readNode(response)["$ref"];
  return typeof reference === "string" ? reference.slice(2).split("/") : place;
}

function readRoutes(): ReadonlyMap<string, ContractRoute> {
  const routes = new Map<string, ContractRoute>();
  for (const [path, item] of Object.entries(readAt(["paths"]))) {
    for (const [method, operation] of Object.entries(readNode(item))) {
      if (method === "parameters") continue;
      const { operationId, "x-callers": callers, requestBody = {} } = readNode(operation);
      const [[bodyMediaType, body] = ["application/json", {}]] = Object.entries(
        readNode(readNode(requestBody)["content"] ?? {}),
      );
      const bodyExample = readNode(body)["example"];
      routes.set(String(operationId), {
        method: method.toUpperCase(),
        path,
        callers: String(callers),
        bodyMediaType,
        bodyExample,
      });
    }
  }
  return routes;
}

/** Nothing that is not declared may be in an object, also where the contract composes it of others. */
function closeObjects(node: unknown, composed = false): Node {
  const copy = Object.entries(readNode(node)).map(([key, value]) => [key, closeValue(key, value)] as const);
  const closed = Object.fromEntries(copy);
  const refersToApiToken = closed["$ref"] === "#/components/schemas/ApiToken";
  return !composed && (refersToApiToken || "allOf" in closed) ? { ...closed, unevaluatedProperties: false } : closed;
}

function closeValue(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (isNode(item) ? closeObjects(item, key === "allOf") : item));
  return isNode(value) ? closeObjects(value) : value;
}

function readAt(place: readonly string[]): Node {
  return place.reduce((node, key) => readNode(node[key]), document);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readNode(value: unknown): Node {
  if (!isNode(value)) throw new Error("openapi.yaml: an object is expected");
  return value;
}
