import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Log } from "../diagnostics/log.ts";
import type { Identity } from "../schema/identity.ts";
import type { ConfigOf, KnownConfigOf, PlannedOf, PlanOf, Schema, StateOf } from "../schema/schema.ts";
import { type TimeoutDefaults, withTimeouts } from "../schema/timeouts.ts";
import type { AttributePath } from "../values/attribute-path.ts";
import type { ObjectValue } from "../values/value.ts";

/** What every handler that talks to the world gets. */
export interface HandlerContext<Client> {
  /** What the provider's `configure` returned. */
  readonly client: Client;
  /** Aborted when Terraform asks the provider to stop, gives up on this call, or goes away. Pass it on to every request. */
  readonly signal: AbortSignal;
  readonly diagnostics: Diagnostics;
  /**
   * The provider's log, which `TF_LOG_PROVIDER` (or `TF_LOG`) turns on. What looks like an API token is obfuscated; the values of
   * sensitive and write-only attributes of this call and of the provider block, and what `diagnostics.redact` was told by then, are
   * replaced.
   */
  readonly log: Log;
}

/** Small texts Terraform keeps beside the state of a resource and shows to nobody. Not encrypted: no secrets. */
export interface PrivateState {
  get(name: string): string | undefined;
  /** `undefined` removes the entry. */
  set(name: string, value: string | undefined): void;
}

/** An attribute of the schema by name, or a path to any value. */
export type PathArgument<S extends Schema> = (keyof S["attributes"] & string) | AttributePath;

export interface ValidateRequest<S extends Schema> {
  readonly config: ConfigOf<S>;
  readonly diagnostics: Diagnostics;
}

export interface CreateRequest<S extends Schema, Client> extends HandlerContext<Client> {
  readonly config: KnownConfigOf<S>;
  readonly plan: PlannedOf<S>;
  readonly privateState: PrivateState;
  /**
   * Says what exists already. Should the handler fail afterwards, this is what Terraform records: after a failed create the
   * resource is tainted (destroyed and created anew by the next apply) instead of forgotten. May be called repeatedly.
   */
  saveState(state: StateOf<S>): void;
}

export interface UpdateRequest<S extends Schema, Client> extends CreateRequest<S, Client> {
  /** The state before the update; it is kept when the handler fails without having saved another. */
  readonly state: StateOf<S>;
}

export interface ReadRequest<S extends Schema, Client> extends HandlerContext<Client> {
  /** The last state known. An attribute a newer version of the provider added is null until it was read once. */
  readonly state: StateOf<S>;
  readonly privateState: PrivateState;
}

export interface DeleteRequest<S extends Schema, Client> extends HandlerContext<Client> {
  readonly state: StateOf<S>;
  readonly privateState: Pick<PrivateState, "get">;
}

export interface ImportRequest<Client> extends HandlerContext<Client> {
  /** What the practitioner gave to `terraform import`; for an import by identity, what the identity's `importId` made of it. */
  readonly id: string;
  readonly privateState: PrivateState;
}

/** What {@link ResourceDefinition.modifyPlan} sees and may change. */
export type ModifyPlanRequest<S extends Schema, Client> = ModifyPlanContext<S, Client> &
  (
    | { readonly action: "create"; readonly config: ConfigOf<S>; readonly state: null; readonly plan: PlanOf<S> }
    | { readonly action: "update"; readonly config: ConfigOf<S>; readonly state: StateOf<S>; readonly plan: PlanOf<S> }
    | { readonly action: "delete"; readonly config: null; readonly state: StateOf<S>; readonly plan: null }
  );

export interface ModifyPlanContext<S extends Schema, Client> {
  /** Undefined while the provider's configuration depends on something not yet applied. */
  readonly client: Client | undefined;
  readonly signal: AbortSignal;
  readonly diagnostics: Diagnostics;
  readonly log: Log;
  readonly privateState: Pick<PrivateState, "get">;
  /**
   * Plans "(known after apply)" for something the provider computes. Turns an otherwise empty plan into an update.
   *
   * @throws TypeError when the attribute is not computed, or the practitioner set it.
   */
  markUnknown(path: PathArgument<S>): void;
  /**
   * Plans a value for something the provider computes. The new state must then have exactly this value.
   *
   * @throws TypeError when the attribute is not computed, or the practitioner set it.
   */
  setPlanned<Name extends keyof S["attributes"] & string>(name: Name, value: PlanOf<S>[Name]): void;
  /**
   * Replaces the resource, because of this attribute. Terraform heeds it only when the planned value of the attribute differs from
   * the prior one (or is unknown), and then plans again with `action: "create"`.
   */
  requireReplace(path: PathArgument<S>): void;
}

/** Turns a state of an older schema version into one of a newer version. */
export interface StateUpgrader {
  /** The version of the states this takes. */
  readonly from: number;
  /** The version it makes; default `from + 1`. */
  readonly to?: number;
  /** Takes the state as it lies in the state file, parsed and otherwise unchecked. Pure. */
  readonly upgrade: (state: ObjectValue) => ObjectValue;
}

/** What {@link StateMover.move} gets. */
export interface MoveRequest {
  readonly typeName: string;
  /** The address of the provider it is moved from, such as `registry.terraform.io/acme/acme`. */
  readonly providerAddress: string;
  readonly schemaVersion: number;
  /** The state as it lies in the state file, parsed and otherwise unchecked. */
  readonly state: ObjectValue;
}

/** What a {@link StateMover} moves from. */
export interface MoveSource {
  readonly fromTypeName: string;
  /** Namespace and name of the provider it is moved from, such as `acme/acme`. Default: whatever provider has the type. */
  readonly fromProvider?: string;
}

/** Turns the state of a resource of another type into one of this type. */
export interface StateMover<S extends Schema> extends MoveSource {
  /** Pure; throws when this one cannot be moved. Terraform reads the resource next. */
  move(request: MoveRequest): StateOf<S>;
}

/** A managed resource type. Handlers throw to fail: `AttributeError` to name an attribute, anything else for the rest. */
export interface ResourceDefinition<S extends Schema, Client> {
  /** The whole type name, such as `orgtokens_api_token`. */
  readonly typeName: string;
  readonly schema: S;
  /** Checks what the schema cannot say. Called when everything else is valid; offline, so it has no client. */
  validate?(request: ValidateRequest<S>): void;
  /** Adjusts the plan the schema led to. Called for create, update and delete, also when nothing changed. */
  modifyPlan?(request: ModifyPlanRequest<S, Client>): void | Promise<void>;
  /** Creates the resource and returns its state, which agrees with every known value of the plan. */
  create(request: CreateRequest<S, Client>): Promise<StateOf<S>>;
  /** Returns the current state, or null when the resource is gone. Any failure to find out must throw. */
  read(request: ReadRequest<S, Client>): Promise<StateOf<S> | null>;
  /** Changes the resource and returns its state, which agrees with every known value of the plan. */
  update(request: UpdateRequest<S, Client>): Promise<StateOf<S>>;
  /** Deletes the resource. Succeeds when it is gone already. */
  delete(request: DeleteRequest<S, Client>): Promise<void>;
  /** Returns the state of an existing resource, or null when there is none with this id. Without it, import is refused. */
  importState?(request: ImportRequest<Client>): Promise<StateOf<S> | null>;
  /** From each older schema version to a newer one. */
  readonly upgraders?: readonly StateUpgrader[];
  /** What identifies a resource of this type, for Terraform 1.12 and later: see {@link defineIdentity}. */
  readonly identity?: Identity<S>;
  /** Other types whose resources a `moved` block may turn into one of this type. */
  readonly moveState?: readonly StateMover<S>[];
  /**
   * Lets practitioners bound the operations named here by the conventional `timeouts` attribute, each with a default such as `"10m"`.
   * When the time is up, the handler's `signal` aborts. Handlers never see the attribute.
   */
  readonly timeouts?: TimeoutDefaults;
}

/**
 * A resource type as a provider holds it: the handlers without the types of one schema. The life cycle conforms every value to the
 * schema before it calls a handler, and everything a handler returns.
 */
export interface Resource<in Client> {
  readonly typeName: string;
  /** What practitioners write and Terraform records. */
  readonly schema: Schema;
  /** What handlers see of it: without `timeouts`. */
  readonly handlerSchema: Schema;
  readonly timeouts: TimeoutDefaults | undefined;
  readonly identity: Identity | null;
  readonly moveState: readonly (MoveSource & { readonly move: (request: MoveRequest) => unknown })[];
  readonly validate: ((request: UntypedRequest) => void) | undefined;
  readonly modifyPlan: ((request: UntypedRequest) => void | Promise<void>) | undefined;
  readonly create: (request: UntypedRequest) => Promise<unknown>;
  readonly read: (request: UntypedRequest) => Promise<unknown>;
  readonly update: (request: UntypedRequest) => Promise<unknown>;
  readonly delete: (request: UntypedRequest) => Promise<void>;
  readonly importState: ((request: UntypedRequest) => Promise<unknown>) | undefined;
  readonly upgraders: readonly StateUpgrader[];
  /** Exists for the type checker only: a resource fits a provider whose client it understands. */
  readonly "~client"?: (client: Client) => void;
}

/** A handler's request before its values are seen through the types of a schema. */
export type UntypedRequest = object;

/**
 * Defines a resource type.
 *
 * @example
 * const server = defineResource<typeof serverSchema, ApiClient>({ typeName: "acme_server", schema: serverSchema, ... });
 * @throws TypeError when a time-out is no duration, or the upgraders do not lead from every older schema version to the current one.
 */
export function defineResource<S extends Schema, Client>(definition: ResourceDefinition<S, Client>): Resource<Client> {
  const { typeName, schema, timeouts, upgraders = [] } = definition;
  checkUpgraders(typeName, schema.version, upgraders);
  return {
    typeName,
    schema: timeouts === undefined ? schema : withTimeouts(schema, timeouts),
    handlerSchema: schema,
    timeouts,
    upgraders,
    identity: definition.identity ?? null,
    moveState: definition.moveState ?? [],
    validate: definition.validate && ((request) => definition.validate?.(request as ValidateRequest<S>)),
    modifyPlan:
      definition.modifyPlan && ((request) => definition.modifyPlan?.(request as ModifyPlanRequest<S, Client>)),
    create: (request) => definition.create(request as CreateRequest<S, Client>),
    read: (request) => definition.read(request as ReadRequest<S, Client>),
    update: (request) => definition.update(request as UpdateRequest<S, Client>),
    delete: (request) => definition.delete(request as DeleteRequest<S, Client>),
    importState:
      definition.importState &&
      (async (request) => (await definition.importState?.(request as ImportRequest<Client>)) ?? null),
  };
}

function checkUpgraders(typeName: string, version: number, upgraders: readonly StateUpgrader[]): void {
  for (let from = 0; from < version; from += 1) {
    if (upgraders.some((upgrader) => upgrader.from === from)) continue;
    throw new TypeError(`${typeName} has schema version ${version} but no upgrader from version ${from}.`);
  }
  for (const { from, to = from + 1 } of upgraders) {
    if (to > from && to <= version) continue;
    throw new TypeError(
      `${typeName}: an upgrader from version ${from} to ${to} does not fit schema version ${version}.`,
    );
  }
}
