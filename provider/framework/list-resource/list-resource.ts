import type { HandlerContext, Resource, UntypedRequest, ValidateRequest } from "../resource/resource.ts";
import { checkResultSchema } from "../schema/result-schema.ts";
import type { KnownConfigOf, Schema, StateOf } from "../schema/schema.ts";

export interface ListRequest<S extends Schema, Client> extends HandlerContext<Client> {
  /** What the practitioner wrote, wholly known; everything null when nothing. */
  readonly config: KnownConfigOf<S>;
  /** How many results Terraform takes at most; the framework stops the handler there. */
  readonly limit: number;
}

/** A resource that exists. */
export interface Listed<R extends Schema> {
  /** What people tell it from the others by. */
  readonly displayName: string;
  /** Its state, from which its identity follows. */
  readonly state: StateOf<R>;
}

/**
 * Lists the resources of a type that exist, managed or not, for `terraform query` (1.14 and later). The type must have an identity.
 *
 * Spoken at the wire only, as Terraform 1.15 reads it: no CLI of ours has run it.
 */
export interface ListResourceDefinition<S extends Schema, R extends Schema, Client> {
  /** The whole type name: that of the managed resource type. */
  readonly typeName: string;
  /** What can be asked for: filters. */
  readonly schema: S;
  /** The schema of the managed resource type. */
  readonly resourceSchema: R;
  /** Checks what the schema cannot say. Called when everything else is valid; offline, so it has no client. */
  validate?(request: ValidateRequest<S>): void;
  /** Yields each resource as it is found, page by page. */
  list(request: ListRequest<S, Client>): AsyncIterable<Listed<R>>;
}

/** A list resource as a provider holds it; see `Resource`. */
export interface ListResource<in Client> {
  readonly typeName: string;
  readonly schema: Schema;
  readonly resourceSchema: Schema;
  readonly validate: ((request: UntypedRequest) => void) | undefined;
  readonly list: (request: UntypedRequest) => AsyncIterable<{ readonly displayName: string; readonly state: unknown }>;
  /** Exists for the type checker only: a list resource fits a provider whose client it understands. */
  readonly "~client"?: (client: Client) => void;
}

/**
 * Defines a list resource. Spoken at the wire only: no CLI of ours has run it.
 *
 * @throws TypeError when the schema says what only makes sense for a resource: a default, write-only, plan modifiers, a version.
 */
export function defineListResource<S extends Schema, R extends Schema, Client>(
  definition: ListResourceDefinition<S, R, Client>,
): ListResource<Client> {
  const { typeName, schema, resourceSchema } = definition;
  checkResultSchema(typeName, schema);
  return {
    typeName,
    schema,
    resourceSchema,
    validate: definition.validate && ((request) => definition.validate?.(request as ValidateRequest<S>)),
    list: (request) => definition.list(request as ListRequest<S, Client>),
  };
}

/**
 * Checks that each list resource lists a resource type of the provider that has an identity.
 *
 * @throws TypeError when one does not.
 */
export function checkListResources<Client>(
  listResources: Iterable<ListResource<Client>>,
  resources: ReadonlyMap<string, Resource<Client>>,
): void {
  for (const { typeName } of listResources) {
    const identity = resources.get(typeName)?.identity;
    if (identity !== undefined && identity !== null) continue;
    throw new TypeError(`${typeName} can be listed only as a resource type with an identity.`);
  }
}
