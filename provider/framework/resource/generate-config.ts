import { type ResourceCall, receiveFor } from "../provider/call.ts";
import type { Attribute } from "../schema/attribute-types.ts";
import { mapAttributes } from "../schema/attribute-values.ts";
import { joinTimeouts } from "../schema/timeouts.ts";
import { equalValues } from "../values/compare.ts";
import type { Value } from "../values/value.ts";
import type { GenerateResourceConfigRequest, GenerateResourceConfigResponse } from "./resource-server.ts";

/**
 * The configuration that leads to a state: without what the provider decides, what is a default anyway, and what is deprecated.
 * Spoken at the wire only: no Terraform of ours has asked for it.
 */
export function generateConfig<Client>(
  call: ResourceCall<Client>,
  request: GenerateResourceConfigRequest,
): Omit<GenerateResourceConfigResponse, "diagnostics"> {
  const received = receiveFor(call, request.state);
  if (received === undefined) return { config: null };
  const { own, timeouts } = received;
  const config = mapAttributes(call.resource.schema.attributes, own, (definition, part) =>
    isWorthWriting(definition, part) ? part : null,
  );
  return { config: joinTimeouts(call.resource, config, timeouts) };
}

function isWorthWriting(definition: Attribute, value: Value): boolean {
  if (definition.required) return true;
  if (!definition.optional || definition.writeOnly || definition.deprecated !== undefined) return false;
  return definition.default === undefined || !equalValues(definition.type, definition.default, value);
}
