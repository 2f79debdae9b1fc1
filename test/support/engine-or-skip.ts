import { beforeEach, inject } from "vitest";

/** Every test of a project that drives OpenTofu passes by here. In CI the reporter makes a failure of a skip. */
beforeEach(({ skip }) => {
  const engine = inject("engine");
  skip(engine?.name === "tofu" && engine.program === undefined, "OpenTofu cannot be had");
});
