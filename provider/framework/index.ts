export { attributePath, type AttributePath, type AttributePathStep, formatPath, rootPath } from "./attribute-path.ts";
export type { Attribute, Attributes, Validator } from "./attribute-types.ts";
export { attribute } from "./attribute.ts";
export { createProviderServer } from "./create-provider-server.ts";
export type { CtyType } from "./cty-type.ts";
export {
  AttributeError,
  type Diagnostic,
  type Diagnostics,
  errorDiagnostic,
  warningDiagnostic,
} from "./diagnostic.ts";
export {
  type PlanModifier,
  type PlanModifierRequest,
  type PlanModifierResult,
  requiresReplace,
  requiresReplaceIf,
  useStateForUnknown,
} from "./plan-modifiers.ts";
export type * from "./provider-server.ts";
export {
  type ConfigureRequest,
  defineProvider,
  type ErrorExplanation,
  type Provider,
  type ProviderDefinition,
} from "./provider.ts";
export {
  type CreateRequest,
  defineResource,
  type DeleteRequest,
  type HandlerContext,
  type ImportRequest,
  type ModifyPlanRequest,
  type PathArgument,
  type PrivateState,
  type ReadRequest,
  type Resource,
  type ResourceDefinition,
  type StateUpgrader,
  type UpdateRequest,
  type ValidateRequest,
} from "./resource.ts";
export {
  type ConfigOf,
  defineSchema,
  type KnownConfigOf,
  type PlannedOf,
  type PlanOf,
  type Schema,
  type SchemaOptions,
  type StateOf,
} from "./schema.ts";
export {
  atLeastOneOf,
  conflicting,
  eachString,
  exactlyOneOf,
  lengthBetween,
  numberBetween,
  oneOf,
  pattern,
  requiredTogether,
  sizeBetween,
} from "./validators.ts";
export { isUnknown, isWhollyKnown, type ObjectValue, unknown, UnknownValue, type Value } from "./value.ts";
export type { WireAttribute, WireBlock, WireSchema } from "./wire-schema.ts";
