import type { HandlerContext, UntypedRequest, ValidateRequest } from "../resource/resource.ts";
import { checkResultSchema } from "../schema/result-schema.ts";
import type { ConfigOf, KnownConfigOf, Schema } from "../schema/schema.ts";

export interface PlanActionHandlerRequest<S extends Schema, Client> extends HandlerContext<Client> {
  /** What the practitioner wrote; anything may be unknown. */
  readonly config: ConfigOf<S>;
}

export interface InvokeRequest<S extends Schema, Client> extends HandlerContext<Client> {
  /** What the practitioner wrote, wholly known. */
  readonly config: KnownConfigOf<S>;
  /** Shows a line to the practitioner at once. Secrets of the call are taken out. */
  progress(message: string): void;
}

/**
 * An action: something done once, which leaves no state (Terraform 1.14 and later). Handlers throw to fail.
 *
 * Spoken at the wire only, as Terraform 1.15 reads it: no CLI of ours has run it. Protocol 6.11 has no linked resources.
 */
export interface ActionDefinition<S extends Schema, Client> {
  /** The whole type name, such as `orgtokens_rotate`. */
  readonly typeName: string;
  readonly schema: S;
  /** Checks what the schema cannot say. Called when everything else is valid; offline, so it has no client. */
  validate?(request: ValidateRequest<S>): void;
  /** Looks ahead: an error here fails the plan. Not called while the provider block is not known. */
  plan?(request: PlanActionHandlerRequest<S, Client>): Promise<void>;
  /** Does it. */
  invoke(request: InvokeRequest<S, Client>): Promise<void>;
}

/** An action as a provider holds it; see `Resource`. */
export interface Action<in Client> {
  readonly typeName: string;
  readonly schema: Schema;
  readonly validate: ((request: UntypedRequest) => void) | undefined;
  readonly plan: ((request: UntypedRequest) => Promise<void>) | undefined;
  readonly invoke: (request: UntypedRequest) => Promise<void>;
  /** Exists for the type checker only: an action fits a provider whose client it understands. */
  readonly "~client"?: (client: Client) => void;
}

/**
 * Defines an action. Spoken at the wire only: no CLI of ours has run it.
 *
 * @throws TypeError when the schema says what makes no sense for an action: a computed attribute, write-only, plan modifiers, a version.
 */
export function defineAction<S extends Schema, Client>(definition: ActionDefinition<S, Client>): Action<Client> {
  const { typeName, schema } = definition;
  checkResultSchema(typeName, schema);
  const computed = Object.keys(schema.attributes).find((name) => schema.attributes[name]?.computed);
  if (computed !== undefined)
    throw new TypeError(`${typeName}: attribute ${computed} is computed, but an action has no result.`);
  return {
    typeName,
    schema,
    validate: definition.validate && ((request) => definition.validate?.(request as ValidateRequest<S>)),
    plan: definition.plan && (async (request) => definition.plan?.(request as PlanActionHandlerRequest<S, Client>)),
    invoke: (request) => definition.invoke(request as InvokeRequest<S, Client>),
  };
}
