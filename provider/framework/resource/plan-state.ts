import type { Attribute, Attributes } from "../schema/attribute-types.ts";
import { mapNested, mapObject, partOf, withoutWriteOnly } from "../schema/attribute-values.ts";
import { keepEquivalent } from "../schema/keep-equivalent.ts";
import type { PlanModifierRequest } from "../schema/plan-modifiers.ts";
import type { Schema } from "../schema/schema.ts";
import type { AttributePath } from "../values/attribute-path.ts";
import { equalValues } from "../values/compare.ts";
import { isObjectValue, unknown, type Value } from "../values/value.ts";
import { matchElements, orderSets } from "./nested-sets.ts";

/** The three values a plan is made from, for a block or any part of one. */
export interface PlanInput {
  /** What the practitioner wrote. */
  readonly config: Value;
  /** The state before; null when there is none. */
  readonly prior: Value;
  /** What is planned so far, at first Terraform's merge of the two. */
  readonly planned: Value;
}

/** What the schema alone leads to. */
export interface SchemaPlan {
  readonly planned: Value;
  readonly requiresReplace: readonly AttributePath[];
}

/**
 * Plans the creation or update of a resource from its schema: defaults, "(known after apply)" for what the provider computes when
 * something else changes, and the attributes' plan modifiers. When nothing changes, the plan is the prior state itself.
 */
export function planState(schema: Schema, input: PlanInput): SchemaPlan {
  const { attributes, type } = schema;
  const { config } = input;
  const prior = withoutWriteOnly(attributes, input.prior);
  const proposed = withoutWriteOnly(attributes, orderSets(attributes, input));
  const planned = keepEquivalent(attributes, proposed, prior);
  const merged = planObject(attributes, { ...input, planned }, [], withDefault);
  if (prior !== null && equalValues(type, merged, prior)) return { planned: prior, requiresReplace: [] };
  const computed = planObject(attributes, { config, prior, planned: merged }, [], withUnknown);
  const decided = planObject(attributes, { config, prior, planned: computed }, [], modified);
  const requiresReplace: AttributePath[] = [];
  if (prior !== null) {
    planObject(attributes, { config, prior, planned: decided }, [], (definition, part, path) => {
      if (replaces(definition, part, path)) requiresReplace.push(path);
      return part.planned;
    });
  }
  return { planned: decided, requiresReplace };
}

interface PartInput extends PlanInput {
  /** Whether the object that holds the attribute is new. */
  readonly creating: boolean;
}
type PlanStep = (definition: Attribute, part: PartInput, path: AttributePath) => Value;

/** Plans each attribute, and the insides of those nested attributes that are configured: what is not is planned as a whole. */
function planObject(attributes: Attributes, input: PlanInput, path: AttributePath, step: PlanStep): Value {
  const { config, prior } = input;
  const creating = prior === null;
  if (!isObjectValue(input.planned)) return input.planned;
  return mapObject(attributes, (name, definition) => {
    const part = {
      config: partOf(config, name),
      prior: partOf(prior, name),
      planned: partOf(input.planned, name),
      creating,
    };
    const at = [...path, { attributeName: name }];
    const planned = step(definition, part, at);
    const { nested } = definition;
    if (nested === undefined || part.config === null || definition.writeOnly) return planned;
    const before = nested.nesting === "set" ? matchElements(nested.attributes, part.config, part.prior) : part.prior;
    return mapNested(nested.nesting, planned, at, (object, inside, key) =>
      planObject(
        nested.attributes,
        { config: partOf(part.config, key), prior: partOf(before, key), planned: object },
        inside,
        step,
      ),
    );
  });
}

function withDefault(definition: Attribute, { config, planned }: PartInput): Value {
  if (definition.writeOnly) return null;
  return config === null && definition.default !== undefined ? definition.default : planned;
}

function withUnknown(definition: Attribute, { config, planned }: PartInput): Value {
  return definition.computed && definition.default === undefined && config === null ? unknown : planned;
}

function modified(definition: Attribute, part: PartInput, path: AttributePath): Value {
  if (part.config !== null || !definition.computed) return part.planned;
  return definition.planModifiers.reduce((planned, { modify }) => {
    const result = modify(modifierRequest(definition, { ...part, planned }, path));
    return result.planned === undefined ? planned : result.planned;
  }, part.planned);
}

function replaces(definition: Attribute, part: PartInput, path: AttributePath): boolean {
  if (equalValues(definition.type, part.planned, part.prior)) return false;
  return definition.planModifiers.some(
    ({ modify }) => modify(modifierRequest(definition, part, path)).requiresReplace === true,
  );
}

function modifierRequest(definition: Attribute, part: PartInput, path: AttributePath): PlanModifierRequest {
  return { ...part, path, nullable: definition.nullable };
}
