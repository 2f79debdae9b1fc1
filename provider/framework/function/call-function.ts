import { DiagnosticCollector } from "../diagnostics/diagnostic-collector.ts";
import { explainError } from "../provider/explain-error.ts";
import { checkElements, checkSize } from "../schema/validate-config.ts";
import { attributePath, formatPath } from "../values/attribute-path.ts";
import { conform } from "../values/conform.ts";
import type { CtyType } from "../values/cty-type.ts";
import { isDynamic, isObjectValue, isUnknown, isWhollyKnown, unknown, type Value } from "../values/value.ts";
import { FunctionError, type ProviderFunction } from "./function.ts";
import type { CallFunctionRequest, CallFunctionResponse, WireFunction, WireParameter } from "./function-server.ts";
import type { Parameter } from "./parameter.ts";

/** The protocol's description of a function. */
export function wireFunction(definition: ProviderFunction): WireFunction {
  const { parameters, variadic, returns, summary, description, deprecated } = definition;
  return {
    parameters: parameters.map(wireParameter),
    ...(variadic !== undefined && { variadicParameter: wireParameter(variadic) }),
    returns,
    summary,
    description,
    ...(deprecated !== undefined && { deprecationMessage: deprecated }),
  };
}

function wireParameter({ name, type, nullable, allowUnknown, description }: Parameter): WireParameter {
  return { name, type, allowNullValue: nullable, allowUnknownValues: allowUnknown, description };
}

/** Calls a function: checks its arguments and its result. Never throws. */
export async function callFunction(
  definition: ProviderFunction,
  request: CallFunctionRequest,
  signal: AbortSignal,
): Promise<CallFunctionResponse> {
  try {
    const args = receiveArguments(definition, request.arguments);
    if (args === undefined) return { result: unknown };
    return { result: checkResult(definition, await definition.run(args)) };
  } catch (error) {
    if (error instanceof FunctionError) return refusal(error.message, error.argumentIndex);
    return refusal(explain(error, definition, request, signal), undefined);
  }
}

/** The full stop at the end comes from Terraform. */
function refusal(sentences: string, argumentIndex: number | undefined): CallFunctionResponse {
  const text = sentences.replace(/\.$/, "");
  return { error: { text, ...(argumentIndex !== undefined && { argumentIndex }) } };
}

/** The arguments by parameter name; undefined when one is unknown that must not be. */
function receiveArguments(definition: ProviderFunction, raw: readonly Value[]): object | undefined {
  const { parameters, variadic, name } = definition;
  if (raw.length < parameters.length || (variadic === undefined && raw.length > parameters.length)) {
    throw new FunctionError(`${name} takes ${parameters.length} arguments, but ${raw.length} were given.`);
  }
  const defined = raw.map((value, index) => {
    const parameter = parameters[index] ?? variadic;
    return parameter === undefined ? { value, isReady: true } : receiveArgument(parameter, value, index);
  });
  if (defined.some(({ isReady }) => !isReady)) return undefined;
  const values = defined.map(({ value }) => value);
  const named = parameters.map((parameter, index) => [parameter.name, values[index]] as const);
  const rest = variadic === undefined ? [] : [[variadic.name, values.slice(parameters.length)] as const];
  return Object.fromEntries([...named, ...rest]);
}

interface Received {
  readonly value: Value;
  /** Whether the function may see it. */
  readonly isReady: boolean;
}

/** @throws FunctionError when the argument does not fit its parameter */
function receiveArgument(parameter: Parameter, raw: Value, index: number): Received {
  const path = attributePath(parameter.name);
  const { value: given, mismatches } = conform(parameter.type, raw, "wire", path);
  const problems = mismatches.map((mismatch) => `${formatPath(mismatch.path)}: ${mismatch.message}`);
  if (problems.length > 0) throw new FunctionError(problems.join(" "), index);
  const value = parameter.omitsNulls ? withoutNulls(parameter.type, given) : given;
  if (!parameter.allowUnknown && !isWhollyKnown(value)) return { value, isReady: false };
  if (value === null && !parameter.nullable) throw new FunctionError(`${parameter.name} must not be null.`, index);
  if (value === null || isUnknown(value)) return { value, isReady: true };
  const diagnostics = new DiagnosticCollector();
  const fits =
    checkElements(parameter.type, value, path, diagnostics) && checkSize(parameter, value, path, diagnostics);
  if (fits) for (const validator of parameter.validators) diagnostics.add(...validator(value, path));
  if (diagnostics.hasErrors) {
    const details = diagnostics.list().map(({ detail, attribute = path }) => atPath(formatPath(attribute), detail));
    throw new FunctionError(details.join(" "), index);
  }
  return { value, isReady: true };
}

/** A detail, after the name of what it is about unless it says that itself. */
function atPath(path: string, detail: string): string {
  return detail.startsWith(path) ? detail : `${path}: ${detail}`;
}

/** A value without the elements of its maps that are null. */
function withoutNulls(type: CtyType, value: Value): Value {
  if (typeof type === "string" || type[0] !== "map" || !isObjectValue(value)) return value;
  const elements = Object.entries(value).filter(([, element]) => element !== null);
  return Object.fromEntries(elements.map(([key, element]) => [key, withoutNulls(type[1], element)]));
}

function checkResult({ name, returns, parameters, variadic }: ProviderFunction, raw: unknown): Value {
  const { value, mismatches } = conform(returns, raw, "handler");
  const mayBeUnknown = [...parameters, variadic].some((parameter) => parameter?.allowUnknown === true);
  const [problem] = [
    ...mismatches.map(({ path, message }) => `${formatPath(path) || "The result"}: ${message}`),
    ...(mayBeUnknown || isWhollyKnown(value) ? [] : ["The result is unknown although every argument is known."]),
  ];
  if (problem === undefined) return value;
  throw new FunctionError(`Invalid result of ${name}. ${problem} This is a bug in the provider; please report it.`);
}

/** The text of an error nobody meant for practitioners, without the arguments: one may be a secret. */
function explain(
  error: unknown,
  { name }: ProviderFunction,
  request: CallFunctionRequest,
  signal: AbortSignal,
): string {
  const diagnostics = new DiagnosticCollector();
  for (const text of textsIn(request.arguments)) diagnostics.redact(text);
  diagnostics.add(explainError(error, { action: `call ${name}`, signal, explainError: undefined }));
  return diagnostics
    .list()
    .map(({ summary, detail }) => `${summary}: ${detail}`)
    .join(" ");
}

function textsIn(value: Value): readonly string[] {
  if (typeof value === "string") return [value];
  if (isDynamic(value)) return textsIn(value.value);
  if (typeof value !== "object" || value === null || isUnknown(value)) return [];
  return Object.values(value).flatMap(textsIn);
}
