import type { Operation } from "./operation.ts";

/** Tells whether the database answers. */
export const getReadiness: Operation<"getReadiness", undefined> = async (services) => {
  await services.database.ping();
  return { status: "ok" };
};
