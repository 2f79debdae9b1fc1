import { createHash } from "node:crypto";

/** The SHA-256 of what something says, in hexadecimal: the same for members of an object in any order. */
export function sha256Of(content: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(content).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(members)).digest("hex");
}
