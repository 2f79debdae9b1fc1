import type { HandlerContext, UntypedRequest, ValidateRequest } from "../resource/resource.ts";
import { checkResultSchema } from "../schema/result-schema.ts";
import type { KnownConfigOf, Schema, StateOf } from "../schema/schema.ts";

export interface ReadDataSourceHandlerRequest<S extends Schema, Client> extends HandlerContext<Client> {
  /** What the practitioner wrote: wholly known, because Terraform reads a data source only when it is. */
  readonly config: KnownConfigOf<S>;
}

/** A data source: something that is read, and never changed. Its handler throws to fail, as those of resources do. */
export interface DataSourceDefinition<S extends Schema, Client> {
  /** The whole type name, such as `orgtokens_organization`. */
  readonly typeName: string;
  readonly schema: S;
  /** Checks what the schema cannot say. Called when everything else is valid; offline, so it has no client. */
  validate?(request: ValidateRequest<S>): void;
  /**
   * Reads it. The state agrees with the configuration: what is configured is as configured, and what is neither configured nor
   * computed is null. Something that is not there is an error, not null.
   */
  read(request: ReadDataSourceHandlerRequest<S, Client>): Promise<StateOf<S>>;
}

/** A data source as a provider holds it; see `Resource`. */
export interface DataSource<in Client> {
  readonly typeName: string;
  readonly schema: Schema;
  readonly validate: ((request: UntypedRequest) => void) | undefined;
  readonly read: (request: UntypedRequest) => Promise<unknown>;
  /** Exists for the type checker only: a data source fits a provider whose client it understands. */
  readonly "~client"?: (client: Client) => void;
}

/**
 * Defines a data source.
 *
 * @example
 * const zones = defineDataSource<typeof zonesSchema, ApiClient>({
 *   typeName: "acme_zones",
 *   schema: zonesSchema,
 *   read: async ({ config, client, signal }) => ({ ...config, names: await client.listZones(config.region, { signal }) }),
 * });
 * @throws TypeError when the schema says what only makes sense for a resource: a default, write-only, plan modifiers, a version.
 */
export function defineDataSource<S extends Schema, Client>(
  definition: DataSourceDefinition<S, Client>,
): DataSource<Client> {
  const { typeName, schema } = definition;
  checkResultSchema(typeName, schema);
  return {
    typeName,
    schema,
    validate: definition.validate && ((request) => definition.validate?.(request as ValidateRequest<S>)),
    read: (request) => definition.read(request as ReadDataSourceHandlerRequest<S, Client>),
  };
}
