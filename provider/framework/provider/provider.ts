import type { Action } from "../action/action.ts";
import type { DataSource } from "../data-source/data-source.ts";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Log } from "../diagnostics/log.ts";
import type { EphemeralResource } from "../ephemeral-resource/ephemeral-resource.ts";
import type { ProviderFunction } from "../function/function.ts";
import { checkListResources, type ListResource } from "../list-resource/list-resource.ts";
import type { Resource, UntypedRequest, ValidateRequest } from "../resource/resource.ts";
import type { ConfigOf, Schema } from "../schema/schema.ts";
import type { AttributePath } from "../values/attribute-path.ts";

export interface ConfigureRequest<S extends Schema> {
  /** The provider block. Anything set may be unknown while planning. */
  readonly config: ConfigOf<S>;
  /** The version of the Terraform (or OpenTofu) that calls, such as `1.11.4`. */
  readonly terraformVersion: string;
  readonly signal: AbortSignal;
  readonly diagnostics: Diagnostics;
  readonly log: Log;
}

/** What an error means to a practitioner; see {@link ProviderDefinition.explainError}. */
export interface ErrorExplanation {
  /** One line, no full stop. */
  readonly summary: string;
  /** Sentences: why, and what to do. */
  readonly detail: string;
  readonly attribute?: AttributePath;
}

export interface ProviderDefinition<S extends Schema, Client> {
  /** The provider's type name, with which its resource type names start: `orgtokens`. */
  readonly name: string;
  /** The provider's own version, for logs and user agents. */
  readonly version: string;
  readonly schema: S;
  /** Checks what the schema cannot say. Called when everything else is valid; offline. */
  validate?(request: ValidateRequest<S>): void;
  /**
   * Makes what resource handlers get as `client`. Return undefined when something it needs is still unknown: planning goes on
   * without a client, and Terraform configures again before it applies.
   */
  configure(request: ConfigureRequest<S>): Client | undefined | Promise<Client | undefined>;
  readonly resources: readonly Resource<Client>[];
  readonly dataSources?: readonly DataSource<Client>[];
  readonly ephemeralResources?: readonly EphemeralResource<Client>[];
  readonly functions?: readonly ProviderFunction[];
  /** Spoken at the wire only: no CLI of ours has run one. */
  readonly listResources?: readonly ListResource<Client>[];
  /** Spoken at the wire only: no CLI of ours has run one. */
  readonly actions?: readonly Action<Client>[];
  /**
   * Explains errors that handlers throw, so that each kind is translated in one place. Undefined: the framework says what the
   * error's message says.
   */
  explainError?(error: unknown): ErrorExplanation | undefined;
  /** Called when Terraform shuts the provider down; closes what the client holds open. */
  close?(client: Client): void | Promise<void>;
}

/** A provider as {@link defineProvider} returns it and `createProviderServer` serves it. */
export interface Provider<Client> {
  readonly name: string;
  readonly version: string;
  readonly schema: Schema;
  readonly validate: ((request: UntypedRequest) => void) | undefined;
  readonly configure: (request: UntypedRequest) => Promise<Client | undefined>;
  /** By type name. */
  readonly resources: ReadonlyMap<string, Resource<Client>>;
  /** By type name. */
  readonly dataSources: ReadonlyMap<string, DataSource<Client>>;
  /** By type name. */
  readonly ephemeralResources: ReadonlyMap<string, EphemeralResource<Client>>;
  /** By name. */
  readonly functions: ReadonlyMap<string, ProviderFunction>;
  /** By type name. */
  readonly listResources: ReadonlyMap<string, ListResource<Client>>;
  /** By type name. */
  readonly actions: ReadonlyMap<string, Action<Client>>;
  readonly explainError: ((error: unknown) => ErrorExplanation | undefined) | undefined;
  readonly close: ((client: Client) => void | Promise<void>) | undefined;
}

/**
 * Defines a provider.
 *
 * @throws TypeError when two definitions of one kind have the same name, a type name does not start with
 * the provider's name, or a list resource lists no resource type with an identity.
 */
export function defineProvider<S extends Schema, Client>(definition: ProviderDefinition<S, Client>): Provider<Client> {
  const { name, version, schema } = definition;
  const resources = byTypeName(name, definition.resources);
  const listResources = byTypeName(name, definition.listResources);
  checkListResources(listResources.values(), resources);
  return {
    name,
    version,
    schema,
    validate: definition.validate && ((request) => definition.validate?.(request as ValidateRequest<S>)),
    configure: async (request) => definition.configure(request as ConfigureRequest<S>),
    resources,
    dataSources: byTypeName(name, definition.dataSources),
    ephemeralResources: byTypeName(name, definition.ephemeralResources),
    functions: uniqueNames((definition.functions ?? []).map((one) => [one.name, one])),
    listResources,
    actions: byTypeName(name, definition.actions),
    explainError: definition.explainError && ((error) => definition.explainError?.(error)),
    close: definition.close && ((client) => definition.close?.(client)),
  };
}

function byTypeName<D extends { readonly typeName: string }>(
  provider: string,
  definitions: readonly D[] = [],
): ReadonlyMap<string, D> {
  for (const { typeName } of definitions) {
    if (!typeName.startsWith(`${provider}_`)) {
      throw new TypeError(`${typeName}: the name must start with "${provider}_".`);
    }
  }
  return uniqueNames(definitions.map((definition) => [definition.typeName, definition]));
}

function uniqueNames<D>(entries: readonly (readonly [name: string, definition: D])[]): ReadonlyMap<string, D> {
  const map = new Map<string, D>();
  for (const [name, definition] of entries) {
    if (map.has(name)) throw new TypeError(`${name} is defined twice.`);
    map.set(name, definition);
  }
  return map;
}
