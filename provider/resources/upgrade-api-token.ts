import type { StateUpgrader } from "../framework/index.ts";

/** Turns the states of older versions of the provider into those of this one. */
export const apiTokenUpgraders: readonly StateUpgrader[] = [
  {
    // The first release. What the server knows of a newer attribute is null until it was read once.
    from: 0,
    upgrade: (state) => ({ ...state, prevent_revoke: false }),
  },
];
