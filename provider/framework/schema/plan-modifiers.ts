import type { AttributePath } from "../values/attribute-path.ts";
import { isUnknown, type Value } from "../values/value.ts";

/** What a plan modifier may look at. Never called when a resource is destroyed. */
export interface PlanModifierRequest {
  readonly path: AttributePath;
  /** What the practitioner wrote: null when nothing, unknown when it depends on something not yet applied. */
  readonly config: Value;
  /** The value before this plan; null when the resource is being created. */
  readonly prior: Value;
  /** The value planned so far. */
  readonly planned: Value;
  /** Whether the resource does not exist yet (also true for the second plan of a replacement). */
  readonly creating: boolean;
  /** Whether null is a real value of this attribute in state, as its schema says. */
  readonly nullable: boolean;
}

/** What a plan modifier decides; an absent member leaves the plan as it is. */
export interface PlanModifierResult {
  readonly planned?: Value;
  readonly requiresReplace?: boolean;
}

/** Decides, for one attribute, what is planned and whether the resource must be replaced. */
export interface PlanModifier {
  readonly name: string;
  readonly modify: (request: PlanModifierRequest) => PlanModifierResult;
}

/**
 * Keeps the prior value of a computed attribute in an update instead of "(known after apply)". For what never changes once
 * created, such as an id.
 */
export function useStateForUnknown(): PlanModifier {
  return {
    name: "useStateForUnknown",
    modify: ({ creating, config, prior, planned, nullable }) => {
      if (creating || !isUnknown(planned) || isUnknown(config)) return {};
      return prior === null && !nullable ? {} : { planned: prior };
    },
  };
}

/**
 * As {@link useStateForUnknown}, but a prior null stays "(known after apply)". For what may get its value later, also where the schema
 * says `nullable`.
 */
export function useNonNullStateForUnknown(): PlanModifier {
  return {
    name: "useNonNullStateForUnknown",
    modify: ({ creating, config, prior, planned }) =>
      creating || prior === null || !isUnknown(planned) || isUnknown(config) ? {} : { planned: prior },
  };
}

/** Replaces the resource when this attribute changes. */
export function requiresReplace(): PlanModifier {
  return { name: "requiresReplace", modify: () => ({ requiresReplace: true }) };
}

/** Replaces the resource when this attribute changes and the practitioner set it, but not when the provider decided it anew. */
export function requiresReplaceIfConfigured(): PlanModifier {
  return {
    name: "requiresReplaceIfConfigured",
    modify: ({ config }) => ({ requiresReplace: config !== null }),
  };
}

/**
 * Replaces the resource when this attribute changes and `condition` says so. `condition` is asked only about a change; `planned`
 * may be unknown.
 */
export function requiresReplaceIf(
  condition: (change: { readonly config: Value; readonly prior: Value; readonly planned: Value }) => boolean,
): PlanModifier {
  return { name: "requiresReplaceIf", modify: (request) => ({ requiresReplace: condition(request) }) };
}
