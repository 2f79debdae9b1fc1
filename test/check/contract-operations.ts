import {
  type ContractDocument,
  type ContractOperation,
  listMediaTypes,
  listOperations,
  listParameters,
  membersOf,
  type Pointer,
  type Report,
  resolve,
} from "./contract-document.ts";
import { asList, asObject, type JsonObject } from "./tree.ts";

const callers = ["public", "any-token", "member", "admin", "user"];
/** Codes of answers that belong to no operation. */
const codesWithoutOperation = [
  "route_not_found",
  "method_not_allowed",
  "http_malformed",
  "header_too_large",
  "request_incomplete",
];

/** Every operation says who may call it, and answers once with success and otherwise with known problems. */
export function checkOperations(document: ContractDocument, report: Report): void {
  const known = asList(asObject(schemasOf(document)["ProblemCode"])["enum"]).map(String);
  const statusOfCode = new Map<string, string>();
  for (const operation of listOperations(document)) {
    checkDescription(operation, report);
    const statuses = membersOf([...operation.pointer, "responses"], operation.node["responses"]);
    checkStatuses(
      document,
      operation,
      statuses.map(({ name }) => name),
      report,
    );
    for (const { name: status, pointer, node } of statuses.filter(({ name }) => !isSuccess(name))) {
      const response = resolve(document, pointer, node);
      for (const code of checkProblem(status, response, known, report)) {
        const other = statusOfCode.get(code) ?? status;
        if (other !== status) report(pointer, `${code} answers ${status} here and ${other} elsewhere`);
        statusOfCode.set(code, other);
      }
    }
  }
  for (const code of known) {
    if (statusOfCode.has(code) || codesWithoutOperation.includes(code)) continue;
    report(["components", "schemas", "ProblemCode"], `no operation answers ${code}`);
  }
}

function schemasOf({ root }: ContractDocument): JsonObject {
  return asObject(asObject(root["components"])["schemas"]);
}

function checkDescription({ pointer, node }: ContractOperation, report: Report): void {
  const { operationId, summary, security } = node;
  if (typeof operationId !== "string" || !/^[a-z][A-Za-z0-9]*$/u.test(operationId))
    report(pointer, "has no operationId in camelCase");
  if (typeof summary !== "string" || summary === "") report(pointer, "has no summary");
  const who = node["x-callers"];
  if (typeof who !== "string" || !callers.includes(who))
    report(pointer, `x-callers must be one of ${callers.join(", ")}`);
  const open = Array.isArray(security) && security.length === 0;
  if (open !== (who === "public")) report(pointer, "security must be [] for public operations, and for no others");
  if (!open && security !== undefined)
    report(pointer, "security of its own: the contract's is the same for all operations");
}

/** A redirect is the success of an operation that browsers are sent through. */
function isSuccess(status: string): boolean {
  return status.startsWith("2") || status === "303";
}

/** Exactly one success; and every failure that the way to the operation makes possible. */
function checkStatuses(
  document: ContractDocument,
  operation: ContractOperation,
  statuses: readonly string[],
  report: Report,
): void {
  const { node, pointer } = operation;
  const successes = statuses.filter(isSuccess);
  if (successes.length !== 1) report(pointer, `must have exactly one success answer, not ${successes.length}`);
  const strange = statuses.filter((status) => !/^(?:[245]\d\d|303)$/u.test(status));
  if (strange.length > 0) report(pointer, `answers must name one status each: ${strange.join(", ")}`);
  const takesInput = node["requestBody"] !== undefined || listParameters(document, operation).length > 0;
  const expected = [
    ...(takesInput || node["x-callers"] !== "public" ? ["400"] : []),
    ...(node["x-callers"] === "public" ? [] : ["401", "503"]),
    ...(node["x-callers"] === "public" || node["x-failures-limited"] === false ? [] : ["429"]),
    ...(node["x-callers"] === "admin" || node["x-callers"] === "user" ? ["403"] : []),
    ...(node["requestBody"] === undefined ? [] : ["413", "415"]),
  ];
  const missing = expected.filter((status) => !statuses.includes(status));
  if (missing.length > 0) report(pointer, `does not say how it answers ${missing.join(", ")}`);
}

/** Checks a failure and gives its problem codes. */
function checkProblem(
  status: string,
  { pointer, node }: { readonly pointer: Pointer; readonly node: JsonObject },
  known: readonly string[],
  report: Report,
): readonly string[] {
  const codes = asList(node["x-problem-codes"]).map(String);
  if (codes.length === 0) report(pointer, "a failure must list its x-problem-codes");
  for (const code of codes) if (!known.includes(code)) report(pointer, `${code} is not in ProblemCode`);
  const [media, ...others] = listMediaTypes(pointer, node);
  if (media?.mediaType !== "application/problem+json" || others.length > 0) {
    report(pointer, "a failure must answer application/problem+json, and nothing else");
    return codes;
  }
  const example = asObject(media.node["example"]);
  const place = [...media.pointer, "example"];
  const code = String(example["code"]);
  if (!codes.includes(code)) report(place, `the example's code ${code} is not one of the answer's`);
  if (String(example["status"]) !== status) report(place, `the example's status must be ${status}`);
  if (example["type"] !== `/problems/${code}`) report(place, `the example's type must be /problems/${code}`);
  return codes;
}
