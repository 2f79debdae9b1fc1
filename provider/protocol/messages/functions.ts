/** The calls about functions. */
import { diagnostics, dynamicValue } from "./values.ts";

const functionParameter = {
  name: [1, "string"],
  type: [2, "bytes"],
  allow_null_value: [3, "bool"],
  allow_unknown_values: [4, "bool"],
  description: [5, "string"],
  description_kind: [6, "enum"],
} as const;
const functionReturn = { type: [1, "bytes"] } as const;
export const functionDefinition = {
  parameters: [1, functionParameter, "repeated"],
  variadic_parameter: [2, functionParameter],
  return: [3, functionReturn],
  summary: [4, "string"],
  description: [5, "string"],
  description_kind: [6, "enum"],
  deprecation_message: [7, "string"],
} as const;
const functionError = { text: [1, "string"], function_argument: [2, "int64", "optional"] } as const;

export const functionMessages = {
  Function: functionDefinition,
  "Function.Parameter": functionParameter,
  "Function.Return": functionReturn,
  FunctionError: functionError,
  "GetFunctions.Request": {},
  "GetFunctions.Response": { functions: [1, functionDefinition, "map"], diagnostics: [2, ...diagnostics] },
  "CallFunction.Request": { name: [1, "string"], arguments: [2, dynamicValue, "repeated"] },
  "CallFunction.Response": { result: [1, dynamicValue], error: [2, functionError] },
} as const;
