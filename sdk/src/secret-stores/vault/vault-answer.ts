/** Reading what Vault answers: nothing of it is trusted to have its shape. */

/** A member of an object; undefined when there is none, or no object. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

/** Segments of a path, encoded for a URL. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Whether a status says "not now": limits, an index that is not there yet, standbys, a seal, a gateway. */
export function isTemporary(status: number): boolean {
  return [408, 412, 429, 472, 473].includes(status) || status >= 500;
}
