import type { ClientCapabilities } from "../../framework/provider/provider-server.ts";
import type { Message } from "../protobuf.ts";
import type { Tables } from "./define-method.ts";

/** What the calling Terraform can do; nothing when it does not say. */
export function clientCapabilities(request: {
  readonly client_capabilities: Message<Tables["ClientCapabilities"]> | undefined;
}): ClientCapabilities {
  return {
    deferralAllowed: request.client_capabilities?.deferral_allowed ?? false,
    writeOnlyAttributesAllowed: request.client_capabilities?.write_only_attributes_allowed ?? false,
  };
}
