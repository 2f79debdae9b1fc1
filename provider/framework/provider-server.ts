import type { AttributePath } from "./attribute-path.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Value } from "./value.ts";
import type { WireSchema } from "./wire-schema.ts";

/** What every answer carries. With an error among the diagnostics, Terraform treats the call as failed. */
export interface WithDiagnostics {
  readonly diagnostics: readonly Diagnostic[];
}

export interface GetProviderSchemaResponse extends WithDiagnostics {
  readonly provider: WireSchema;
  /** By type name. */
  readonly resources: { readonly [typeName: string]: WireSchema };
  readonly serverCapabilities: ServerCapabilities;
}

export interface ServerCapabilities {
  /** Plans of destroys are asked for as well. */
  readonly planDestroy: boolean;
  /** Terraform may skip getProviderSchema when it has the schema from an earlier start. */
  readonly getProviderSchemaOptional: boolean;
  readonly moveResourceState: boolean;
}

export interface ClientCapabilities {
  readonly deferralAllowed: boolean;
  readonly writeOnlyAttributesAllowed: boolean;
}

export interface ValidateProviderConfigRequest {
  readonly config: Value;
}

export interface ConfigureProviderRequest {
  readonly terraformVersion: string;
  readonly config: Value;
  readonly clientCapabilities: ClientCapabilities;
}

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

/**
 * The calls of plugin protocol 6 that Terraform makes to a provider with resources, over plain objects. A transport decodes each
 * request, calls the method of the same name and encodes the answer.
 *
 * Values in requests need not be conformed: numbers may be int, float, bigint or decimal text, objects may have been decoded
 * from msgpack or JSON. Values in answers have exactly the shape of the schema, every attribute present.
 *
 * No method throws: whatever goes wrong is an error diagnostic. `signal` ends the call early; {@link ProviderServer.stop} ends all.
 */
export interface ProviderServer {
  getProviderSchema(signal: AbortSignal): Promise<GetProviderSchemaResponse>;
  validateProviderConfig(request: ValidateProviderConfigRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  configureProvider(request: ConfigureProviderRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  validateResourceConfig(request: ValidateResourceConfigRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  upgradeResourceState(
    request: UpgradeResourceStateRequest,
    signal: AbortSignal,
  ): Promise<UpgradeResourceStateResponse>;
  readResource(request: ReadResourceRequest, signal: AbortSignal): Promise<ReadResourceResponse>;
  planResourceChange(request: PlanResourceChangeRequest, signal: AbortSignal): Promise<PlanResourceChangeResponse>;
  applyResourceChange(request: ApplyResourceChangeRequest, signal: AbortSignal): Promise<ApplyResourceChangeResponse>;
  importResourceState(request: ImportResourceStateRequest, signal: AbortSignal): Promise<ImportResourceStateResponse>;
  /** Asks every call under way to finish early: aborts all signals. Calls are still answered. */
  stop(): Promise<void>;
  /** Closes what the configured client holds open. Called once, when the process is about to end. */
  close(): Promise<void>;
}
