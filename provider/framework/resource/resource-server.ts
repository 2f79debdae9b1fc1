import type { ClientCapabilities, WithDiagnostics } from "../provider/provider-server.ts";
import type { AttributePath } from "../values/attribute-path.ts";
import type { CtyType } from "../values/cty-type.ts";
import type { Value } from "../values/value.ts";

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
  /** Null or absent when none is recorded; so in every request. */
  readonly currentIdentity?: Value;
  readonly private: Uint8Array;
  readonly clientCapabilities: ClientCapabilities;
}

export interface ReadResourceResponse extends WithDiagnostics {
  /** Null when the resource is gone. */
  readonly newState: Value;
  readonly private: Uint8Array;
  /** Null when the type has no identity or the resource is gone; so in every answer. */
  readonly newIdentity: Value;
}

export interface PlanResourceChangeRequest {
  readonly typeName: string;
  /** Null when the resource is to be created. */
  readonly priorState: Value;
  readonly priorIdentity?: Value;
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
  readonly plannedIdentity: Value;
}

export interface ApplyResourceChangeRequest {
  readonly typeName: string;
  readonly priorState: Value;
  readonly plannedState: Value;
  readonly plannedIdentity?: Value;
  readonly config: Value;
  readonly plannedPrivate: Uint8Array;
}

export interface ApplyResourceChangeResponse extends WithDiagnostics {
  /** What to record, also next to errors. Null: nothing exists. */
  readonly newState: Value;
  readonly private: Uint8Array;
  readonly newIdentity: Value;
}

export interface ImportResourceStateRequest {
  readonly typeName: string;
  /** Empty when there is an identity instead. */
  readonly id: string;
  readonly identity?: Value;
  readonly clientCapabilities: ClientCapabilities;
}

export interface ImportResourceStateResponse extends WithDiagnostics {
  readonly importedResources: readonly {
    readonly typeName: string;
    readonly state: Value;
    readonly private: Uint8Array;
    readonly identity: Value;
  }[];
}

export interface MoveResourceStateRequest {
  readonly targetTypeName: string;
  readonly sourceTypeName: string;
  readonly sourceProviderAddress: string;
  readonly sourceSchemaVersion: number | bigint;
  /** The state file's JSON. */
  readonly sourceStateJson: Uint8Array | undefined;
  readonly sourcePrivate: Uint8Array;
}

export interface MoveResourceStateResponse extends WithDiagnostics {
  readonly targetState: Value;
  readonly targetPrivate: Uint8Array;
  readonly targetIdentity: Value;
}

/** The identity of a resource type as the protocol describes it. */
export interface WireIdentity {
  readonly version: number;
  readonly attributes: readonly {
    readonly name: string;
    /** To be sent as JSON text in bytes. */
    readonly type: CtyType;
    readonly requiredForImport: boolean;
    readonly optionalForImport: boolean;
    readonly description: string;
  }[];
}

export interface GetResourceIdentitySchemasResponse extends WithDiagnostics {
  /** By type name; types without identity are not in it. */
  readonly identitySchemas: { readonly [typeName: string]: WireIdentity };
}

export interface UpgradeResourceIdentityRequest {
  readonly typeName: string;
  /** The version the identity was written with. */
  readonly version: number | bigint;
  readonly rawIdentityJson: Uint8Array;
}

export interface UpgradeResourceIdentityResponse extends WithDiagnostics {
  readonly upgradedIdentity: Value;
}

export interface GenerateResourceConfigRequest {
  readonly typeName: string;
  readonly state: Value;
}

export interface GenerateResourceConfigResponse extends WithDiagnostics {
  readonly config: Value;
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
  moveResourceState(request: MoveResourceStateRequest, signal: AbortSignal): Promise<MoveResourceStateResponse>;
  generateResourceConfig(
    request: GenerateResourceConfigRequest,
    signal: AbortSignal,
  ): Promise<GenerateResourceConfigResponse>;
  getResourceIdentitySchemas(signal: AbortSignal): Promise<GetResourceIdentitySchemasResponse>;
  upgradeResourceIdentity(
    request: UpgradeResourceIdentityRequest,
    signal: AbortSignal,
  ): Promise<UpgradeResourceIdentityResponse>;
}
