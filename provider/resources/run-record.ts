/**
 * What the resources do to tokens in one run of Terraform, in which they are created and destroyed side by side. A token
 * that one resource destroys can be the one that another finds at its place: a resource that was renamed, or one that is replaced
 * with `create_before_destroy`. Then exactly one of them has its way.
 */
export type RunRecord = {
  /** Claims a place for a creation; false when another creation of this run has it. */
  claimPlace(destination: string): boolean;
  /** Takes a token over; false when this run destroys it. */
  adopt(apiTokenId: string): boolean;
  /** Gives a token up; false when this run has adopted it, so that it must live on. */
  destroy(apiTokenId: string): boolean;
};

/** The record of a run that has done nothing yet. */
export function createRunRecord(): RunRecord {
  const places = new Set<string>();
  const fates = new Map<string, "adopted" | "destroyed">();
  const settle = (apiTokenId: string, fate: "adopted" | "destroyed"): boolean => {
    const settled = fates.get(apiTokenId) ?? fate;
    fates.set(apiTokenId, settled);
    return settled === fate;
  };
  return {
    claimPlace(destination) {
      const isFree = !places.has(destination);
      places.add(destination);
      return isFree;
    },
    adopt: (apiTokenId) => settle(apiTokenId, "adopted"),
    destroy: (apiTokenId) => settle(apiTokenId, "destroyed"),
  };
}
