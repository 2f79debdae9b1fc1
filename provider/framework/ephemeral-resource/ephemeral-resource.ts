import type { HandlerContext, PrivateState, UntypedRequest, ValidateRequest } from "../resource/resource.ts";
import { checkResultSchema } from "../schema/result-schema.ts";
import type { KnownConfigOf, Schema, StateOf } from "../schema/schema.ts";

export interface OpenRequest<S extends Schema, Client> extends HandlerContext<Client> {
  /** What the practitioner wrote: wholly known, because Terraform opens an ephemeral resource only when it is. */
  readonly config: KnownConfigOf<S>;
  /** What `renew` and `close` will need. All they get: no configuration and no result. */
  readonly privateState: PrivateState;
}

export interface RenewRequest<Client> extends HandlerContext<Client> {
  /** As `open` or the last `renew` left it. Terraform hands what `renew` sets to the next `renew`, but never to `close`. */
  readonly privateState: PrivateState;
}

export interface CloseRequest<Client> extends HandlerContext<Client> {
  /** As `open` left it. */
  readonly privateState: Pick<PrivateState, "get">;
}

export interface Opened<S extends Schema> {
  /** Agrees with the configuration, as the state of a data source does. */
  readonly result: StateOf<S>;
  /** When `renew` is to be called, if the result is still in use then. */
  readonly renewAt?: Date;
}

export interface Renewed {
  /** When to renew again. Without it, the result needs no further renewal. */
  readonly renewAt?: Date;
}

/**
 * An ephemeral resource: something that exists while Terraform works, whose values reach neither plan nor state. Handlers throw to
 * fail. Mark what is secret `sensitive`: then it is also withheld from diagnostics and log.
 *
 * Terraform opens it in each command that needs it (twice for an apply: while planning and while applying) and closes it when
 * what used it has succeeded. After a failure or Ctrl-C the framework closes it, when the provider ends: then `close` gets about a
 * second. If the provider is killed nobody closes it, so what `open` makes should expire by itself.
 */
export interface EphemeralResourceDefinition<S extends Schema, Client> {
  /** The whole type name, such as `orgtokens_stored_secret`. */
  readonly typeName: string;
  readonly schema: S;
  /** Checks what the schema cannot say. Called when everything else is valid; offline, so it has no client. */
  validate?(request: ValidateRequest<S>): void;
  /**
   * Makes the result. Set what `close` needs in `privateState` as soon as it exists: should the handler fail afterwards, `close` is
   * called at once, because Terraform closes only what was opened.
   */
  open(request: OpenRequest<S, Client>): Promise<Opened<S>>;
  /** Keeps the result valid; it cannot change it. Only for what gives `renewAt`. */
  renew?(request: RenewRequest<Client>): Promise<Renewed | undefined>;
  /** Takes back what `open` made. Its signal is not aborted by Ctrl-C: Terraform stops the provider first and closes then. */
  close?(request: CloseRequest<Client>): Promise<void>;
}

/** An ephemeral resource as a provider holds it; see `Resource`. */
export interface EphemeralResource<in Client> {
  readonly typeName: string;
  readonly schema: Schema;
  readonly validate: ((request: UntypedRequest) => void) | undefined;
  readonly open: (request: UntypedRequest) => Promise<Opened<Schema>>;
  readonly renew: ((request: UntypedRequest) => Promise<Renewed | undefined>) | undefined;
  readonly close: ((request: UntypedRequest) => Promise<void>) | undefined;
  /** Exists for the type checker only: an ephemeral resource fits a provider whose client it understands. */
  readonly "~client"?: (client: Client) => void;
}

/**
 * Defines an ephemeral resource.
 *
 * @throws TypeError when the schema says what only makes sense for a resource: a default, write-only, plan modifiers, a version.
 */
export function defineEphemeralResource<S extends Schema, Client>(
  definition: EphemeralResourceDefinition<S, Client>,
): EphemeralResource<Client> {
  const { typeName, schema } = definition;
  checkResultSchema(typeName, schema);
  return {
    typeName,
    schema,
    validate: definition.validate && ((request) => definition.validate?.(request as ValidateRequest<S>)),
    open: (request) => definition.open(request as OpenRequest<S, Client>),
    renew: definition.renew && (async (request) => definition.renew?.(request as RenewRequest<Client>)),
    close: definition.close && (async (request) => definition.close?.(request as CloseRequest<Client>)),
  };
}
