import { expectHidden, refusal } from "./expectations.ts";
import type { Guarantees } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

/** What must not be seen is not seen. */
export const secrecy: Guarantees = {
  "shows neither secrets nor credentials in errors, in metadata, or when it is inspected": async (it) => {
    const name = buildName();
    const store = it.open(name);
    const [theirs, ours] = [buildSecret(), buildSecret()];
    await put(store, theirs);
    const seen: unknown[] = [store, await store.describe(), await it.metadata(name)];
    seen.push(await refusal(() => put(store, ours)));
    seen.push(await refusal(() => store.write("x".repeat(5000) + ours.text, ours)));
    await store.close();
    seen.push(await refusal(() => put(store, ours)));
    expectHidden(seen, [theirs.text, ours.text, ...it.credentials()]);
  },
};
