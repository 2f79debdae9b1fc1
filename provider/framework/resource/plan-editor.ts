import { definitionAt, valueAt, withValueAt } from "../schema/attribute-values.ts";
import type { Schema } from "../schema/schema.ts";
import { type AttributePath, formatPath } from "../values/attribute-path.ts";
import { conform } from "../values/conform.ts";
import { unknown, type Value } from "../values/value.ts";

/** The changes a resource's `modifyPlan` makes to the plan its schema led to. */
export class PlanEditor {
  readonly #schema: Schema;
  readonly #config: Value;
  readonly #requiresReplace: AttributePath[];
  #planned: Value;

  constructor(schema: Schema, config: Value, planned: Value, requiresReplace: readonly AttributePath[]) {
    this.#schema = schema;
    this.#config = config;
    this.#planned = planned;
    this.#requiresReplace = [...requiresReplace];
  }

  get planned(): Value {
    return this.#planned;
  }

  get requiresReplace(): readonly AttributePath[] {
    return this.#requiresReplace;
  }

  readonly markUnknown = (place: string | AttributePath): void => {
    this.#plan(toPath(place), unknown);
  };

  readonly setPlanned = (place: string | AttributePath, value: unknown): void => {
    const path = toPath(place);
    const definition = this.#computed(path);
    const { value: conformed, mismatches } = conform(definition.type, value, "handler", path);
    const [mismatch] = mismatches;
    if (mismatch !== undefined)
      throw new TypeError(`${formatPath(mismatch.path)} cannot be planned so. ${mismatch.message}`);
    this.#plan(path, conformed);
  };

  readonly requireReplace = (place: string | AttributePath): void => {
    const path = toPath(place);
    if (definitionAt(this.#schema.attributes, path) === undefined)
      throw new TypeError(`There is no ${formatPath(path)}.`);
    this.#requiresReplace.push(path);
  };

  #plan(path: AttributePath, value: Value): void {
    this.#computed(path);
    this.#planned = withValueAt(this.#planned, path, value);
  }

  /** Terraform refuses a plan that differs from the configuration, so only what the provider decides can be planned. */
  #computed(path: AttributePath): { readonly type: Schema["type"] } {
    const definition = definitionAt(this.#schema.attributes, path);
    if (definition === undefined) throw new TypeError(`There is no ${formatPath(path)}.`);
    if (!definition.computed || definition.default !== undefined) {
      throw new TypeError(`${formatPath(path)} is not computed: its planned value is the configured one.`);
    }
    if (valueAt(this.#config, path) !== null) {
      throw new TypeError(`${formatPath(path)} is configured: its planned value is the configured one.`);
    }
    return definition;
  }
}

function toPath(place: string | AttributePath): AttributePath {
  return typeof place === "string" ? [{ attributeName: place }] : place;
}
