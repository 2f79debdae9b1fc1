import type { AttributePath } from "./attribute-path.ts";
import type { ClientCapabilities, WithDiagnostics } from "./provider-server.ts";
import type { Value } from "./value.ts";

export interface ValidateResourceConfigRequest {
  readonly typeName: string;
  readonly config: Value;
  readonly clientCapabilities: ClientCapabilities;
}

export interface UpgradeResourceStateRequest {
  readonly typeName: string;
  /** The schema version the state was written with. */
  readonly version: number | bigint;
  /** The state file's JSON; undefined for the flat form of Terraform 0.11, which is refused. */
  readonly rawStateJson: Uint8Array | undefined;
}

export interface UpgradeResourceStateResponse extends WithDiagnostics {
  readonly upgradedState: Value;
}

export interface ReadResourceRequest {
  readonly typeName: string;
  readonly currentState: Value;
  readonly private: Uint8Array;
  readonly clientCapabilities: ClientCapabilities;
}

export interface ReadResourceResponse extends WithDiagnostics {
  /** Null when the resource is gone. */
  readonly newState: Value;
  readonly private: Uint8Array;
}

export interface PlanResourceChangeRequest {
  readonly typeName: string;
  /** Null when the resource is to be created. */
  readonly priorState: Value;
  /** Terraform's own merge of configuration and prior state; null when the resource is to be destroyed. */
  readonly proposedNewState: Value;
  /** Null when the resource is to be destroyed. */
  readonly config: Value;
  readonly priorPrivate: Uint8Array;
  readonly clientCapabilities: ClientCapabilities;
}

export interface PlanResourceChangeResponse extends WithDiagnostics {
  readonly plannedState: Value;
  readonly requiresReplace: readonly AttributePath[];
  readonly plannedPrivate: Uint8Array;
}

export interface ApplyResourceChangeRequest {
  readonly typeName: string;
  readonly priorState: Value;
  readonly plannedState: Value;
  readonly config: Value;
  readonly plannedPrivate: Uint8Array;
}

export interface ApplyResourceChangeResponse extends WithDiagnostics {
  /** What to record, also next to errors. Null: nothing exists. */
  readonly newState: Value;
  readonly private: Uint8Array;
}

export interface ImportResourceStateRequest {
  readonly typeName: string;
  readonly id: string;
  readonly clientCapabilities: ClientCapabilities;
}

export interface ImportResourceStateResponse extends WithDiagnostics {
  readonly importedResources: readonly {
    readonly typeName: string;
    readonly state: Value;
    readonly private: Uint8Array;
  }[];
}

/** The calls about managed resources; see `ProviderServer`. */
export interface ResourceServer {
  validateResourceConfig(request: ValidateResourceConfigRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  upgradeResourceState(
    request: UpgradeResourceStateRequest,
    signal: AbortSignal,
  ): Promise<UpgradeResourceStateResponse>;
  readResource(request: ReadResourceRequest, signal: AbortSignal): Promise<ReadResourceResponse>;
  planResourceChange(request: PlanResourceChangeRequest, signal: AbortSignal): Promise<PlanResourceChangeResponse>;
  applyResourceChange(request: ApplyResourceChangeRequest, signal: AbortSignal): Promise<ApplyResourceChangeResponse>;
  importResourceState(request: ImportResourceStateRequest, signal: AbortSignal): Promise<ImportResourceStateResponse>;
}
