import type { Operation } from "./operation.ts";

/** Tells that the process runs. */
export const getLiveness: Operation<"getLiveness", undefined> = async () => ({ status: "ok" });
