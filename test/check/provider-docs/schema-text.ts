/** A schema as Terraform's registry shows it: attributes by who sets them, and below them what lies inside of each. */
import type { CtyType, WireAttribute } from "../../../provider/framework/index.ts";

/** The Markdown of the attributes of a block. */
export function schemaText(attributes: readonly WireAttribute[]): string {
  return ["## Schema", ...sections(attributes, "###"), ...nestedSections(attributes, [])].join("\n\n");
}

const groups = [
  ["Required", ({ required }: WireAttribute) => required],
  ["Optional", ({ optional }: WireAttribute) => optional],
  ["Read-Only", ({ required, optional }: WireAttribute) => !required && !optional],
] as const;

function sections(attributes: readonly WireAttribute[], heading: "###" | "####", path: Path = []): readonly string[] {
  return groups.flatMap(([title, belongs]) => {
    const members = attributes.filter(belongs);
    if (members.length === 0) return [];
    const lines = members.map((member) => attributeLine(member, path));
    return [heading === "###" ? `### ${title}` : `${title}:`, lines.join("\n")];
  });
}

type Path = readonly string[];

function attributeLine(member: WireAttribute, path: Path): string {
  const { name, description, sensitive, writeOnly, deprecated, nestedType, type } = member;
  const marks = [
    nestedType === undefined ? typeText(type) : nestingText[nestedType.nesting],
    ...(sensitive ? ["Sensitive"] : []),
    ...(writeOnly ? ["Write-only"] : []),
    ...(deprecated ? ["Deprecated"] : []),
  ];
  const below = nestedType === undefined ? "" : ` (see [below for nested schema](#${anchor([...path, name])}))`;
  return `- \`${name}\` (${marks.join(", ")}) ${description}${below}`;
}

const nestingText = {
  single: "Attributes",
  list: "Attributes List",
  set: "Attributes Set",
  map: "Attributes Map",
} as const;

function nestedSections(attributes: readonly WireAttribute[], path: Path): readonly string[] {
  return attributes.flatMap(({ name, nestedType }) => {
    if (nestedType === undefined) return [];
    const inside = [...path, name];
    const title = `<a id="${anchor(inside)}"></a>\n### Nested Schema for \`${inside.join(".")}\``;
    const own = sections(nestedType.attributes, "####", inside);
    return [title, ...own, ...nestedSections(nestedType.attributes, inside)];
  });
}

function anchor(path: Path): string {
  return `nestedatt--${path.join("--")}`;
}

/** A type in the registry's words: `String`, `List of String`, `Map of Object`. */
export function typeText(type: CtyType | undefined): string {
  if (type === undefined) return "Dynamic";
  if (typeof type === "string") return type === "bool" ? "Boolean" : `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  if (type[0] === "object") return "Object";
  if (type[0] === "tuple") return "Tuple";
  const [kind, element] = type;
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} of ${typeText(element)}`;
}
