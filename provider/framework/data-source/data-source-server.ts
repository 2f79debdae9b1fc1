import type { ClientCapabilities, DeferralReason, WithDiagnostics } from "../provider/provider-server.ts";
import type { Value } from "../values/value.ts";

export interface ValidateDataResourceConfigRequest {
  readonly typeName: string;
  readonly config: Value;
}

export interface ReadDataSourceRequest {
  readonly typeName: string;
  readonly config: Value;
  readonly clientCapabilities: ClientCapabilities;
}

export interface ReadDataSourceResponse extends WithDiagnostics {
  /** Null when it could not be read. */
  readonly state: Value;
  readonly deferred?: DeferralReason;
}

/** The calls about data sources; see `ProviderServer`. */
export interface DataSourceServer {
  validateDataResourceConfig(request: ValidateDataResourceConfigRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  readDataSource(request: ReadDataSourceRequest, signal: AbortSignal): Promise<ReadDataSourceResponse>;
}
