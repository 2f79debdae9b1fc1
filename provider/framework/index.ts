/**
 * A framework for Terraform and OpenTofu providers in TypeScript (plugin protocol 6).
 *
 * A schema says what practitioners may write; the types of configuration, plan and state follow from it. A resource is a schema and
 * handlers: `create`, `read`, `update`, `delete`, and optionally `validate`, `modifyPlan`, `importState` and state upgraders. The
 * framework does the rest of what Terraform demands:
 *
 * - validation with attribute paths, which leaves alone what is not known yet;
 * - plans with defaults, "(known after apply)", replacement, and no change where nothing changed;
 * - states that are checked against schema and plan, and partial states when a handler fails after it created something;
 * - write-only values that reach handlers and nothing else, and diagnostics without stack traces or sensitive values;
 * - one `AbortSignal` per call, aborted when Terraform gives up or is stopped.
 *
 * ```ts
 * import { attribute, createProviderServer, defineProvider, defineResource, defineSchema } from "@orgtokens/provider";
 * import { lengthBetween, requiresReplace, useStateForUnknown } from "@orgtokens/provider";
 *
 * const noteSchema = defineSchema({
 *   description: "A note on the board.",
 *   attributes: {
 *     id: attribute.string({ computed: true, planModifiers: [useStateForUnknown()], description: "Given by the board." }),
 *     board: attribute.string({ required: true, planModifiers: [requiresReplace()], description: "Where it hangs." }),
 *     text: attribute.string({ required: true, validators: [lengthBetween(1, 80)], description: "What it says." }),
 *     color: attribute.string({ optional: true, default: "yellow", oneOf: ["yellow", "pink"], description: "Its color." }),
 *   },
 * });
 * type Notes = Map<string, { board: string; text: string; color: "yellow" | "pink" }>;
 *
 * const note = defineResource<typeof noteSchema, Notes>({
 *   typeName: "board_note",
 *   schema: noteSchema,
 *   async create({ plan, client }) {
 *     const id = `${plan.board}-${client.size}`;
 *     client.set(id, plan);
 *     return { ...plan, id };
 *   },
 *   async read({ state, client }) {
 *     const found = client.get(state.id);
 *     return found === undefined ? null : { ...state, ...found };
 *   },
 *   async update({ state, plan, client }) {
 *     client.set(state.id, plan);
 *     return { ...plan, id: state.id };
 *   },
 *   async delete({ state, client }) {
 *     client.delete(state.id);
 *   },
 * });
 *
 * const providerSchema = defineSchema({ description: "A board of notes.", attributes: {} });
 * const configure = (): Notes => new Map();
 * const board = defineProvider({ name: "board", version: "0.1.0", schema: providerSchema, configure, resources: [note] });
 * export const server = createProviderServer(board);
 * ```
 *
 * `server` has one method per call of the protocol, over plain objects; a transport carries them to Terraform.
 *
 * Three rules of Terraform shape the types. *Null* is what a practitioner left out, *unknown* what is decided only during apply, and
 * neither is ever `undefined`. In state nothing is unknown, and an attribute that is required, computed or has a default is not null
 * either, unless its schema says `nullable`. And a plan is a promise: what it says, the new state must say.
 *
 * Besides resources a provider has data sources ({@link defineDataSource}), ephemeral resources ({@link defineEphemeralResource}) and
 * functions ({@link defineFunction}). List resources ({@link defineListResource}), actions ({@link defineAction}) and generated
 * configuration are spoken at the wire only: tests call them as Terraform 1.15 does, but no CLI of ours has run them.
 *
 * Not there, on purpose: nested blocks (nested attributes do what they did), `provider_meta`, and state stores.
 */

export {
  type Action,
  type ActionDefinition,
  defineAction,
  type InvokeRequest,
  type PlanActionHandlerRequest,
} from "./action/action.ts";
export type * from "./action/action-server.ts";
export {
  type DataSource,
  type DataSourceDefinition,
  defineDataSource,
  type ReadDataSourceHandlerRequest,
} from "./data-source/data-source.ts";
export type * from "./data-source/data-source-server.ts";
export {
  AttributeError,
  type Diagnostic,
  type Diagnostics,
  errorDiagnostic,
  warningDiagnostic,
} from "./diagnostics/diagnostic.ts";
export type { Log, LogFields, LogLevel } from "./diagnostics/log.ts";
export {
  type CloseRequest,
  defineEphemeralResource,
  type EphemeralResource,
  type EphemeralResourceDefinition,
  type Opened,
  type OpenRequest,
  type Renewed,
  type RenewRequest,
} from "./ephemeral-resource/ephemeral-resource.ts";
export type * from "./ephemeral-resource/ephemeral-resource-server.ts";
export {
  type ArgumentsOf,
  defineFunction,
  type FunctionDefinition,
  FunctionError,
  type ProviderFunction,
  type ResultOf,
} from "./function/function.ts";
export type * from "./function/function-server.ts";
export { type Parameter, type ParameterOptions, parameter } from "./function/parameter.ts";
export {
  defineListResource,
  type Listed,
  type ListRequest,
  type ListResource,
  type ListResourceDefinition,
} from "./list-resource/list-resource.ts";
export type * from "./list-resource/list-resource-server.ts";
export { createProviderServer, type ProviderServerOptions } from "./provider/create-provider-server.ts";
export {
  type ConfigureRequest,
  defineProvider,
  type ErrorExplanation,
  type Provider,
  type ProviderDefinition,
} from "./provider/provider.ts";
export type * from "./provider/provider-server.ts";
export type { WireAttribute, WireBlock, WireSchema } from "./provider/wire-schema.ts";
export {
  type CreateRequest,
  type DeleteRequest,
  defineResource,
  type HandlerContext,
  type ImportRequest,
  type ModifyPlanRequest,
  type MoveRequest,
  type PathArgument,
  type PrivateState,
  type ReadRequest,
  type Resource,
  type ResourceDefinition,
  type StateMover,
  type StateUpgrader,
  type UpdateRequest,
  type ValidateRequest,
} from "./resource/resource.ts";
export type * from "./resource/resource-server.ts";
export { attribute } from "./schema/attribute.ts";
export type { Attribute, Attributes, Validator } from "./schema/attribute-types.ts";
export {
  defineIdentity,
  type Identity,
  type IdentityAttribute,
  type IdentityAttributes,
  type IdentityOf,
  type IdentityOptions,
  type IdentityType,
  type IdentityUpgrader,
} from "./schema/identity.ts";
export {
  type PlanModifier,
  type PlanModifierRequest,
  type PlanModifierResult,
  requiresReplace,
  requiresReplaceIf,
  requiresReplaceIfConfigured,
  useNonNullStateForUnknown,
  useStateForUnknown,
} from "./schema/plan-modifiers.ts";
export {
  type ConfigOf,
  defineSchema,
  type KnownConfigOf,
  type PlannedOf,
  type PlanOf,
  type Schema,
  type SchemaOptions,
  type StateOf,
} from "./schema/schema.ts";
export type { TimedOperation, TimeoutDefaults } from "./schema/timeouts.ts";
export {
  alsoRequires,
  atLeastOneOf,
  conflicting,
  durationBetween,
  eachString,
  exactlyOneOf,
  instant,
  lengthBetween,
  noneOf,
  numberBetween,
  oneOf,
  pattern,
  requiredTogether,
  sizeBetween,
  uniqueElements,
  urlOf,
} from "./schema/validators.ts";
export {
  type AttributePath,
  type AttributePathStep,
  attributePath,
  formatPath,
  rootPath,
} from "./values/attribute-path.ts";
export type { CtyType } from "./values/cty-type.ts";
export { parseDurationMs } from "./values/duration.ts";
export { dynamic, type Json } from "./values/dynamic.ts";
export { sameDuration, sameInstant, sameUrl } from "./values/equal.ts";
export { parseInstantMs } from "./values/instant.ts";
export {
  Dynamic,
  isDynamic,
  isUnknown,
  isWhollyKnown,
  type KnownContent,
  type ObjectValue,
  UnknownValue,
  unknown,
  type Value,
} from "./values/value.ts";
