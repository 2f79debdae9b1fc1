/** What the framework says in plain objects, as messages of `tfplugin6.proto`. */

import type { Diagnostic } from "../framework/diagnostics/diagnostic.ts";
import type { WireAttribute, WireSchema } from "../framework/provider/wire-schema.ts";
import type { AttributePath } from "../framework/values/attribute-path.ts";
import { type tfplugin6, tfplugin6Enums } from "./messages.ts";
import type { Input } from "./protobuf.ts";

type Tables = typeof tfplugin6;

const severity = tfplugin6Enums["Diagnostic.Severity"];
const nestingMode = tfplugin6Enums["Schema.Object.NestingMode"];
const nesting = {
  single: nestingMode.SINGLE,
  list: nestingMode.LIST,
  set: nestingMode.SET,
  map: nestingMode.MAP,
} as const;
const markdown = tfplugin6Enums.StringKind.MARKDOWN;

/** A schema whose descriptions are all Markdown. */
export function schemaMessage(schema: WireSchema): Input<Tables["Schema"]> {
  const { version, block } = schema;
  return {
    version,
    block: {
      version,
      attributes: block.attributes.map(attributeMessage),
      description: block.description,
      description_kind: markdown,
      deprecated: block.deprecated,
      deprecation_message: block.deprecationMessage,
    },
  };
}

/** A diagnostic with its path. */
export function diagnosticMessage(diagnostic: Diagnostic): Input<Tables["Diagnostic"]> {
  return {
    severity: diagnostic.severity === "error" ? severity.ERROR : severity.WARNING,
    summary: diagnostic.summary,
    detail: diagnostic.detail,
    attribute: diagnostic.attribute === undefined ? undefined : attributePathMessage(diagnostic.attribute),
  };
}

/** A path to an attribute. */
export function attributePathMessage(path: AttributePath): Input<Tables["AttributePath"]> {
  return { steps: attributePathSteps(path) };
}

function attributePathSteps(path: AttributePath): Input<Tables["AttributePath.Step"]>[] {
  const steps: Input<Tables["AttributePath.Step"]>[] = [];
  for (const step of path) {
    if ("elementOfSet" in step) break;
    if ("attributeName" in step) steps.push({ attribute_name: step.attributeName });
    else if ("elementKeyInt" in step) steps.push({ element_key_int: step.elementKeyInt });
    else steps.push({ element_key_string: step.elementKeyString });
  }
  return steps;
}

function attributeMessage(attribute: WireAttribute): Input<Tables["Schema.Attribute"]> {
  const { type, nestedType } = attribute;
  return {
    name: attribute.name,
    type: type === undefined ? undefined : Buffer.from(JSON.stringify(type)),
    nested_type:
      nestedType === undefined
        ? undefined
        : { nesting: nesting[nestedType.nesting], attributes: nestedType.attributes.map(attributeMessage) },
    description: attribute.description,
    description_kind: markdown,
    required: attribute.required,
    optional: attribute.optional,
    computed: attribute.computed,
    sensitive: attribute.sensitive,
    write_only: attribute.writeOnly,
    deprecated: attribute.deprecated,
    deprecation_message: attribute.deprecationMessage,
  };
}
