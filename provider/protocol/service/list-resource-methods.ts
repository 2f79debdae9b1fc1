import type { ListResourceServer } from "../../framework/list-resource/list-resource-server.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import { diagnosticMessage } from "../schema-messages.ts";
import type { DefineMethod, DefineStream, NamedMethod } from "./define-method.ts";
import { identityMessage } from "./identity-methods.ts";

/** The calls about list resources. */
export function listResourceMethods(
  server: ListResourceServer,
  method: DefineMethod,
  stream: DefineStream,
): readonly NamedMethod[] {
  return [
    method("ValidateListResourceConfig", async (request, signal) => {
      const { diagnostics } = await server.validateListResourceConfig(
        { typeName: request.type_name, config: decodeDynamicValue(request.config) },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    stream("ListResource", async function* (request, signal) {
      const { type_name: typeName, include_resource_object: includeResourceObject, limit } = request;
      const config = decodeDynamicValue(request.config);
      for await (const event of server.listResource({ typeName, config, includeResourceObject, limit }, signal)) {
        const { resourceObject } = event;
        yield {
          identity: identityMessage(event.identity),
          display_name: event.displayName,
          resource_object: resourceObject === undefined ? undefined : encodeDynamicValue(resourceObject),
          diagnostic: event.diagnostics.map(diagnosticMessage),
        };
      }
    }),
  ];
}
