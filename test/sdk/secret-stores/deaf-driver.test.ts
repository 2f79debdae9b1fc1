/** A backend that does not listen to its signal, as a file system or a library may not. */
import { createSecretStore, type SecretStoreDriver } from "@orgtokens/sdk/secret-stores";
import { expect, test } from "vitest";

const never = new Promise<never>(() => undefined);

function deafStore(overrides: Partial<SecretStoreDriver> = {}) {
  return createSecretStore({
    destination: "file:///deaf",
    describe: () => never,
    write: () => never,
    delete: () => never,
    read: () => never,
    checkWritable: () => never,
    close: async () => undefined,
    ...overrides,
  });
}

test("whoever gives up gets away from a backend that does not listen, with the reason of their own", async () => {
  const reason = new Error("enough");
  const giving = new AbortController();
  const described = deafStore().describe({ signal: giving.signal });
  giving.abort(reason);
  await expect(described).rejects.toBe(reason);
});

test("a backend that ends soon after it was told to is waited for", async () => {
  const giving = new AbortController();
  const tidied: string[] = [];
  const store = deafStore({
    describe: (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          setImmediate(() => {
            tidied.push("tidied");
            reject(signal.reason);
          });
        });
      }),
  });
  const described = store.describe({ signal: giving.signal });
  giving.abort(new Error("enough"));
  await expect(described).rejects.toThrow("enough");
  expect(tidied).toEqual(["tidied"]);
});

test("a failure is told with the system's code and nothing else of it", async () => {
  const failure = Object.assign(new Error("open '/secret/path'"), { code: "ENOTDIR" });
  const store = deafStore({ describe: () => Promise.reject(failure) });
  await expect(store.describe()).rejects.toThrow("The store of file:///deaf failed (ENOTDIR).");
});
