import { beforeEach, inject } from "vitest";

/** Every test of the project `kubernetes` passes by here. In CI the reporter makes a failure of a skip. */
beforeEach(({ skip }) => {
  skip(inject("kubernetes") === undefined, "Kubernetes cannot be had");
});
