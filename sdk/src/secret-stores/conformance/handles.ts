import { equal, rejects } from "node:assert/strict";
import { expectRefused } from "./expectations.ts";
import { callsOf } from "./store-calls.ts";
import type { Guarantees } from "./store-under-test.ts";
import { buildName, buildSecret } from "./test-secret.ts";

/** A handle that was closed, and a caller that has given up. */
export const handles: Guarantees = {
  "does nothing more once it is closed; closing twice is fine": async (it) => {
    const store = it.open(buildName());
    await store.close();
    await store.close();
    for (const call of Object.values(callsOf(store, buildSecret()))) await expectRefused(call, "secret_store_closed");
  },

  "does nothing when the caller has given up, and throws the caller's reason": async (it) => {
    const store = it.open(buildName());
    const reason = new Error("enough");
    for (const call of Object.values(callsOf(store, buildSecret())))
      await rejects(call({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
    equal(await store.describe(), undefined);
  },
};
