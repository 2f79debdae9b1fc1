import { type Diagnostics, errorDiagnostic, warningDiagnostic } from "../diagnostics/diagnostic.ts";
import { type AttributePath, formatPath } from "../values/attribute-path.ts";
import type { CtyType } from "../values/cty-type.ts";
import { isDynamic, isListValue, isObjectValue, isUnknown, type ObjectValue, type Value } from "../values/value.ts";
import type { Attribute, Attributes } from "./attribute-types.ts";
import { mapNested, partOf } from "./attribute-values.ts";
import type { Schema } from "./schema.ts";

/** Where a configuration is checked. */
export interface ValidationContext {
  readonly diagnostics: Diagnostics;
  /** Whether this Terraform version knows write-only attributes (1.11 and later). */
  readonly writeOnlyAllowed: boolean;
}

/** Checks a conformed configuration against its schema. Whatever is unknown is left for the call that knows it. */
export function validateConfig(schema: Schema, config: Value, context: ValidationContext): void {
  if (!isObjectValue(config)) return;
  validateObject(schema.attributes, config, [], context);
  for (const validator of schema.validators) context.diagnostics.add(...validator(config, []));
}

function validateObject(
  attributes: Attributes,
  object: ObjectValue,
  path: AttributePath,
  context: ValidationContext,
): void {
  for (const [name, definition] of Object.entries(attributes)) {
    validateAttribute(definition, partOf(object, name), [...path, { attributeName: name }], context);
  }
}

function validateAttribute(definition: Attribute, value: Value, path: AttributePath, context: ValidationContext): void {
  const { diagnostics } = context;
  if (value === null) {
    if (!definition.required) return;
    diagnostics.add(errorDiagnostic("Missing required attribute", `Set ${formatPath(path)}: it has no default.`, path));
    return;
  }
  if (!definition.required && !definition.optional) {
    const detail = `The provider alone decides ${formatPath(path)}. Remove it from the configuration.`;
    diagnostics.add(errorDiagnostic("Attribute cannot be set", detail, path));
    return;
  }
  if (definition.deprecated !== undefined) {
    diagnostics.add(warningDiagnostic("Deprecated attribute", definition.deprecated, path));
  }
  if (definition.writeOnly && !context.writeOnlyAllowed) {
    const detail = `${formatPath(path)} is write-only, which needs Terraform 1.11 or later.`;
    diagnostics.add(errorDiagnostic("Write-only attribute not supported", detail, path));
  }
  if (isUnknown(value)) return;
  const fits =
    checkElements(definition.type, value, path, diagnostics) && checkSize(definition, value, path, diagnostics);
  if (!fits) return;
  for (const validator of definition.validators) diagnostics.add(...validator(value, path));
  const { nested } = definition;
  if (nested === undefined) return;
  mapNested(nested.nesting, value, path, (object, inside) => {
    validateObject(nested.attributes, object, inside, context);
    return object;
  });
}

/** Elements of lists, sets and maps are never null for a handler; Terraform itself would allow it. Whether that holds. */
export function checkElements(type: CtyType, value: Value, path: AttributePath, diagnostics: Diagnostics): boolean {
  if (isDynamic(value)) return checkElements(value.type, value.value, path, diagnostics);
  if (typeof type === "string" || type[0] === "object" || type[0] === "tuple") return true;
  if (isListValue(value)) {
    const step = (index: number): AttributePath => (type[0] === "set" ? path : [...path, { elementKeyInt: index }]);
    return value.every((element, index) => checkElement(type[1], element, step(index), diagnostics));
  }
  if (!isObjectValue(value)) return true;
  return Object.entries(value).every(([key, element]) =>
    checkElement(type[1], element, [...path, { elementKeyString: key }], diagnostics),
  );
}

function checkElement(type: CtyType, element: Value, path: AttributePath, diagnostics: Diagnostics): boolean {
  if (element !== null) return checkElements(type, element, path, diagnostics);
  diagnostics.add(errorDiagnostic("Null element", `${formatPath(path)} must not have a null element.`, path));
  return false;
}

/** Whether an integer is within 2^53, or may be beyond. */
export function checkSize(
  definition: Pick<Attribute, "big">,
  value: Value,
  path: AttributePath,
  diagnostics: Diagnostics,
): boolean {
  if (typeof value !== "bigint" || definition.big) return true;
  const detail = `${formatPath(path)} must be between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}.`;
  diagnostics.add(errorDiagnostic("Number out of range", detail, path));
  return false;
}
