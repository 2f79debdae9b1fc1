import type { WithDiagnostics } from "../provider/provider-server.ts";
import type { Value } from "../values/value.ts";

export interface ValidateListResourceConfigRequest {
  readonly typeName: string;
  /** Null when the practitioner left the whole block out. */
  readonly config: Value;
}

export interface ListResourceRequest {
  readonly typeName: string;
  /** Null when the practitioner left the whole block out. */
  readonly config: Value;
  readonly includeResourceObject: boolean;
  /** How many results Terraform takes at most. */
  readonly limit: number;
}

/** One result, or only diagnostics: then `identity` is null. */
export interface ListResourceEvent extends WithDiagnostics {
  readonly identity: Value;
  readonly displayName: string;
  /** The state, when it was asked for. */
  readonly resourceObject?: Value;
}

/** The calls about list resources; see `ProviderServer`. Spoken at the wire only: no Terraform of ours has made them. */
export interface ListResourceServer {
  validateListResourceConfig(request: ValidateListResourceConfigRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  /** Never throws: an error is an event with an error diagnostic, and the last one. */
  listResource(request: ListResourceRequest, signal: AbortSignal): AsyncIterable<ListResourceEvent>;
}
