import type { DeferralReason } from "../../framework/provider/provider-server.ts";
import { tfplugin6Enums } from "../messages.ts";
import type { Input } from "../protobuf.ts";
import type { Tables } from "./define-method.ts";

const reasons = tfplugin6Enums["Deferred.Reason"];
const numbers: { readonly [R in DeferralReason]: number } = {
  "resource configuration unknown": reasons.RESOURCE_CONFIG_UNKNOWN,
  "provider configuration unknown": reasons.PROVIDER_CONFIG_UNKNOWN,
};

/** Why something is left for a later run; nothing when it is not. */
export function deferredMessage(reason: DeferralReason | undefined): Input<Tables["Deferred"]> | undefined {
  return reason === undefined ? undefined : { reason: numbers[reason] };
}
