import type { Attributes } from "./attribute-types.ts";
import type { Schema } from "./schema.ts";

/**
 * Refuses what only managed resources can have. Everything else is read at once and never planned.
 *
 * @throws TypeError when the schema has a default, a write-only attribute, a plan modifier or a version.
 */
export function checkResultSchema(typeName: string, schema: Schema): void {
  if (schema.version !== 0) throw new TypeError(`${typeName}: only the states of resources have a schema version.`);
  checkAttributes(typeName, schema.attributes, "");
}

function checkAttributes(typeName: string, attributes: Attributes, parent: string): void {
  for (const [name, definition] of Object.entries(attributes)) {
    const problem =
      definition.default !== undefined
        ? "a default"
        : definition.writeOnly
          ? "writeOnly"
          : definition.planModifiers.length > 0
            ? "planModifiers"
            : undefined;
    if (problem !== undefined) {
      throw new TypeError(`${typeName}: attribute ${parent}${name} has ${problem}, which only resources can have.`);
    }
    if (definition.nested !== undefined) checkAttributes(typeName, definition.nested.attributes, `${parent}${name}.`);
  }
}
