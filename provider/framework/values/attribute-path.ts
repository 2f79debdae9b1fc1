/** One step from a value to a part of it. */
export type AttributePathStep =
  | { readonly attributeName: string }
  | { readonly elementKeyString: string }
  | { readonly elementKeyInt: number }
  /** Some element of a set, which has no key. The plugin protocol cannot say it: Terraform is told the path of the set. */
  | { readonly elementOfSet: true };

/** Where a value lies inside a resource or provider block, from the outside in. Empty: the block itself. */
export type AttributePath = readonly AttributePathStep[];

/** The path of the block itself. */
export const rootPath: AttributePath = Object.freeze([]);

/**
 * Builds a path. A string names an attribute, a number a list position (from 0), `{ key }` a map key.
 *
 * @example attributePath("secret_store", "vault", "mount")
 * @example attributePath("tags", { key: "team" })
 */
export function attributePath(...steps: readonly (string | number | { readonly key: string })[]): AttributePath {
  return steps.map((step) => {
    if (typeof step === "string") return { attributeName: step };
    if (typeof step === "number") return { elementKeyInt: step };
    return { elementKeyString: step.key };
  });
}

/** The text a practitioner would write for a path: `secret_store.vault.mount`, `tags["team"]`, `rules[0].port`. */
export function formatPath(path: AttributePath): string {
  let text = "";
  for (const step of path) {
    if ("attributeName" in step) text += text === "" ? step.attributeName : `.${step.attributeName}`;
    else if ("elementKeyInt" in step) text += `[${step.elementKeyInt}]`;
    else if ("elementOfSet" in step) text += "[*]";
    else text += `[${JSON.stringify(step.elementKeyString)}]`;
  }
  return text;
}

/** Whether two paths name the same place. */
export function equalPaths(one: AttributePath, other: AttributePath): boolean {
  return one.length === other.length && formatPath(one) === formatPath(other);
}
