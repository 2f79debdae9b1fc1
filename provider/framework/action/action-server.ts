import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ClientCapabilities, DeferralReason, WithDiagnostics } from "../provider/provider-server.ts";
import type { Value } from "../values/value.ts";

export interface ValidateActionConfigRequest {
  readonly actionType: string;
  readonly config: Value;
}

export interface PlanActionRequest {
  readonly actionType: string;
  readonly config: Value;
  readonly clientCapabilities: ClientCapabilities;
}

export interface PlanActionResponse extends WithDiagnostics {
  readonly deferred?: DeferralReason;
}

export interface InvokeActionRequest {
  readonly actionType: string;
  readonly config: Value;
}

/** What an action says while it works, and at its end; the end is the last event, and always comes. */
export type InvokeActionEvent =
  | { readonly progress: string }
  | { readonly completed: { readonly diagnostics: readonly Diagnostic[] } };

/** The calls about actions; see `ProviderServer`. Spoken at the wire only: no Terraform of ours has made them. */
export interface ActionServer {
  validateActionConfig(request: ValidateActionConfigRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  planAction(request: PlanActionRequest, signal: AbortSignal): Promise<PlanActionResponse>;
  /** Never throws. */
  invokeAction(request: InvokeActionRequest, signal: AbortSignal): AsyncIterable<InvokeActionEvent>;
}
