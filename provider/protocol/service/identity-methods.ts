import type { ResourceServer, WireIdentity } from "../../framework/resource/resource-server.ts";
import type { Value } from "../../framework/values/value.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import type { Input, Message } from "../protobuf.ts";
import { diagnosticMessage } from "../schema-messages.ts";
import type { DefineMethod, NamedMethod, Tables } from "./define-method.ts";

type IdentityData = Tables["ResourceIdentityData"];

/** The calls about resource identity. */
export function identityMethods(server: ResourceServer, method: DefineMethod): readonly NamedMethod[] {
  return [
    method("GetResourceIdentitySchemas", async (_, signal) => {
      const { identitySchemas, diagnostics } = await server.getResourceIdentitySchemas(signal);
      const schemas = Object.entries(identitySchemas).map(([name, schema]) => [name, schemaMessage(schema)] as const);
      return { identity_schemas: new Map(schemas), diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("UpgradeResourceIdentity", async (request, signal) => {
      const { upgradedIdentity, diagnostics } = await server.upgradeResourceIdentity(
        {
          typeName: request.type_name,
          version: request.version,
          rawIdentityJson: request.raw_identity?.json ?? new Uint8Array(),
        },
        signal,
      );
      return { upgraded_identity: identityMessage(upgradedIdentity), diagnostics: diagnostics.map(diagnosticMessage) };
    }),
  ];
}

/** An identity, or null when there is none. */
export function decodeIdentity(message: Message<IdentityData> | undefined): Value {
  return decodeDynamicValue(message?.identity_data);
}

/** No message for null. */
export function identityMessage(identity: Value): Input<IdentityData> | undefined {
  return identity === null ? undefined : { identity_data: encodeDynamicValue(identity) };
}

function schemaMessage({ version, attributes }: WireIdentity): Input<Tables["ResourceIdentitySchema"]> {
  return {
    version,
    identity_attributes: attributes.map((attribute) => ({
      name: attribute.name,
      type: Buffer.from(JSON.stringify(attribute.type)),
      required_for_import: attribute.requiredForImport,
      optional_for_import: attribute.optionalForImport,
      description: attribute.description,
    })),
  };
}
