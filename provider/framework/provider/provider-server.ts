import type { ActionServer } from "../action/action-server.ts";
import type { DataSourceServer } from "../data-source/data-source-server.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { EphemeralResourceServer } from "../ephemeral-resource/ephemeral-resource-server.ts";
import type { FunctionServer, WireFunction } from "../function/function-server.ts";
import type { ListResourceServer } from "../list-resource/list-resource-server.ts";
import type { ResourceServer } from "../resource/resource-server.ts";
import type { Value } from "../values/value.ts";
import type { WireSchema } from "./wire-schema.ts";

/** What every answer carries. With an error among the diagnostics, Terraform treats the call as failed. */
export interface WithDiagnostics {
  readonly diagnostics: readonly Diagnostic[];
}

/** Schemas by type name. */
export interface WireSchemas {
  readonly [typeName: string]: WireSchema;
}

export interface GetProviderSchemaResponse extends WithDiagnostics {
  readonly provider: WireSchema;
  readonly resources: WireSchemas;
  readonly dataSources: WireSchemas;
  readonly ephemeralResources: WireSchemas;
  readonly listResources: WireSchemas;
  readonly actions: WireSchemas;
  /** By name. */
  readonly functions: { readonly [name: string]: WireFunction };
  readonly serverCapabilities: ServerCapabilities;
}

/** What there is, by type names and function names. */
export interface GetMetadataResponse extends WithDiagnostics {
  readonly resources: readonly string[];
  readonly dataSources: readonly string[];
  readonly ephemeralResources: readonly string[];
  readonly listResources: readonly string[];
  readonly actions: readonly string[];
  readonly functions: readonly string[];
  readonly serverCapabilities: ServerCapabilities;
}

export interface ServerCapabilities {
  /** Plans of destroys are asked for as well. */
  readonly planDestroy: boolean;
  /** Terraform may skip getProviderSchema when it has the schema from an earlier start. */
  readonly getProviderSchemaOptional: boolean;
  readonly moveResourceState: boolean;
  readonly generateResourceConfig: boolean;
}

export interface ClientCapabilities {
  /** Terraform can leave something for a later run. Never true in a plan of Terraform 1.11 without its experiments. */
  readonly deferralAllowed: boolean;
  readonly writeOnlyAttributesAllowed: boolean;
}

/** Why an answer leaves something for a later run: what it needs is not known yet. */
export type DeferralReason = "resource configuration unknown" | "provider configuration unknown";

export interface ValidateProviderConfigRequest {
  readonly config: Value;
}

export interface ConfigureProviderRequest {
  readonly terraformVersion: string;
  readonly config: Value;
  readonly clientCapabilities: ClientCapabilities;
}

/**
 * The calls of plugin protocol 6, over plain objects. A transport decodes each request, calls the method of the same name and
 * encodes the answer.
 *
 * Values in requests need not be conformed: numbers may be int, float, bigint or decimal text, objects may have been decoded
 * from msgpack or JSON. Values in answers have exactly the shape of the schema, every attribute present.
 *
 * No method throws: whatever goes wrong is an error diagnostic. `signal` ends the call early; {@link ProviderServer.stop} ends all.
 */
export interface ProviderServer
  extends ResourceServer,
    DataSourceServer,
    EphemeralResourceServer,
    FunctionServer,
    ListResourceServer,
    ActionServer {
  getMetadata(signal: AbortSignal): Promise<GetMetadataResponse>;
  getProviderSchema(signal: AbortSignal): Promise<GetProviderSchemaResponse>;
  validateProviderConfig(request: ValidateProviderConfigRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  configureProvider(request: ConfigureProviderRequest, signal: AbortSignal): Promise<WithDiagnostics>;
  /**
   * Asks every call under way to finish early: aborts all signals but those of `closeEphemeralResource`, which Terraform calls
   * afterwards. Calls are still answered.
   */
  stop(): Promise<void>;
  /** Closes the ephemeral resources that are still open, then the client. Called once, when the process is about to end. */
  close(): Promise<void>;
}
