import { useState } from "react";

/** Something that is done once at a time. */
export type Action = {
  readonly state: "idle" | "busy" | "failed";
  readonly error: unknown;
  /** Does it, unless it is being done. */
  readonly run: (work: () => Promise<void>) => void;
  /** Forgets the error. */
  readonly reset: () => void;
};

/** Keeps what became of a change that a form asks for. */
export function useAction(): Action {
  const [{ state, error }, set] = useState<Pick<Action, "state" | "error">>({ state: "idle", error: undefined });
  return {
    state,
    error,
    run(work) {
      if (state === "busy") return;
      set({ state: "busy", error: undefined });
      work().then(
        () => set({ state: "idle", error: undefined }),
        (thrown: unknown) => set({ state: "failed", error: thrown }),
      );
    },
    reset: () => set({ state: "idle", error: undefined }),
  };
}
