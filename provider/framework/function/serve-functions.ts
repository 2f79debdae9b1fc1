import { callFunction, wireFunction } from "./call-function.ts";
import type { ProviderFunction } from "./function.ts";
import type { FunctionServer, WireFunction } from "./function-server.ts";

/** The calls about functions. Terraform makes them to providers it has not configured, too. */
export function serveFunctions(functions: ReadonlyMap<string, ProviderFunction>): FunctionServer {
  return {
    getFunctions: async () => ({ functions: wireFunctions(functions), diagnostics: [] }),
    callFunction: async (request, signal) => {
      const definition = functions.get(request.name);
      if (definition !== undefined) return callFunction(definition, request, signal);
      return { error: { text: `This version of the provider has no function ${request.name}.` } };
    },
  };
}

/** The protocol's descriptions of functions, by name. */
export function wireFunctions(functions: ReadonlyMap<string, ProviderFunction>): {
  readonly [name: string]: WireFunction;
} {
  return Object.fromEntries([...functions].map(([name, definition]) => [name, wireFunction(definition)]));
}
