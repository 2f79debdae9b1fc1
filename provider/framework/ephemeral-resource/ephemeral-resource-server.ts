import type { ClientCapabilities, WithDiagnostics } from "../provider/provider-server.ts";
import type { Value } from "../values/value.ts";

export interface ValidateEphemeralResourceConfigRequest {
  readonly typeName: string;
  readonly config: Value;
}

export interface OpenEphemeralResourceRequest {
  readonly typeName: string;
  readonly config: Value;
  readonly clientCapabilities: ClientCapabilities;
}

export interface OpenEphemeralResourceResponse extends WithDiagnostics {
  /** Null when it could not be opened; unknown where it will be opened later. */
  readonly result: Value;
  readonly renewAt?: Date;
  readonly private: Uint8Array;
}

export interface RenewEphemeralResourceRequest {
  readonly typeName: string;
  readonly private: Uint8Array;
}

export interface RenewEphemeralResourceResponse extends WithDiagnostics {
  /** Undefined: needs no further renewal. */
  readonly renewAt?: Date;
  readonly private: Uint8Array;
}

export interface CloseEphemeralResourceRequest {
  readonly typeName: string;
  readonly private: Uint8Array;
}

/** The calls about ephemeral resources; see `ProviderServer`. */
export interface EphemeralResourceServer {
  validateEphemeralResourceConfig(
    request: ValidateEphemeralResourceConfigRequest,
    signal: AbortSignal,
  ): Promise<WithDiagnostics>;
  openEphemeralResource(
    request: OpenEphemeralResourceRequest,
    signal: AbortSignal,
  ): Promise<OpenEphemeralResourceResponse>;
  renewEphemeralResource(
    request: RenewEphemeralResourceRequest,
    signal: AbortSignal,
  ): Promise<RenewEphemeralResourceResponse>;
  closeEphemeralResource(request: CloseEphemeralResourceRequest, signal: AbortSignal): Promise<WithDiagnostics>;
}
