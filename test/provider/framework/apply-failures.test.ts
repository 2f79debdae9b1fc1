import type { settle } from "./acme.ts";

const _boot = { image: "img-1", volume: null, checksum: null };

/** What a provider without type checks might return. */
function _cast(value: unknown): ReturnType<typeof settle> {
  return value as ReturnType<typeof settle>;
}
