import type { FunctionServer, WireFunction, WireParameter } from "../../framework/function/function-server.ts";
import type { CtyType } from "../../framework/values/cty-type.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import { tfplugin6Enums } from "../messages.ts";
import type { Input } from "../protobuf.ts";
import { diagnosticMessage } from "../schema-messages.ts";
import type { DefineMethod, NamedMethod, Tables } from "./define-method.ts";

const markdown = tfplugin6Enums.StringKind.MARKDOWN;

/** The calls about functions. */
export function functionMethods(server: FunctionServer, method: DefineMethod): readonly NamedMethod[] {
  return [
    method("GetFunctions", async (_, signal) => {
      const { functions, diagnostics } = await server.getFunctions(signal);
      return { functions: functionMessages(functions), diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("CallFunction", async (request, signal) => {
      const response = await server.callFunction(
        { name: request.name, arguments: request.arguments.map(decodeDynamicValue) },
        signal,
      );
      if ("result" in response) return { result: encodeDynamicValue(response.result) };
      const { text, argumentIndex } = response.error;
      return { error: { text, function_argument: argumentIndex } };
    }),
  ];
}

/** Definitions of functions, by name. */
export function functionMessages(functions: {
  readonly [name: string]: WireFunction;
}): ReadonlyMap<string, Input<Tables["Function"]>> {
  return new Map(Object.entries(functions).map(([name, definition]) => [name, functionMessage(definition)]));
}

function functionMessage(definition: WireFunction): Input<Tables["Function"]> {
  const { variadicParameter } = definition;
  return {
    parameters: definition.parameters.map(parameterMessage),
    variadic_parameter: variadicParameter && parameterMessage(variadicParameter),
    return: { type: typeBytes(definition.returns) },
    summary: definition.summary,
    description: definition.description,
    description_kind: markdown,
    deprecation_message: definition.deprecationMessage,
  };
}

function parameterMessage(parameter: WireParameter): Input<Tables["Function.Parameter"]> {
  return {
    name: parameter.name,
    type: typeBytes(parameter.type),
    allow_null_value: parameter.allowNullValue,
    allow_unknown_values: parameter.allowUnknownValues,
    description: parameter.description,
    description_kind: markdown,
  };
}

function typeBytes(type: CtyType): Uint8Array {
  return Buffer.from(JSON.stringify(type));
}
