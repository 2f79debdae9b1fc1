import type { SecretStore, StoreCallOptions } from "../secret-store.ts";
import type { Verb } from "./store-under-test.ts";
import { put, type TestSecret } from "./test-secret.ts";

/** A call of a store, as somebody makes it who owns a secret. */
export type StoreCall = (options?: StoreCallOptions) => Promise<unknown>;

/** Every call that a store has, but for `close`. One that gives nothing back is not asked to. */
export function callsOf(
  store: SecretStore,
  secret: TestSecret,
): Readonly<Record<Exclude<Verb, "read"> | "checkWritable", StoreCall>> & { readonly read?: StoreCall } {
  return {
    describe: (options) => store.describe(options),
    write: (options) => put(store, secret, options),
    delete: (options) => store.delete(secret.apiTokenId, options),
    checkWritable: (options) => store.checkWritable(options),
    ...(store.isReadable ? { read: (options?: StoreCallOptions) => store.read(options) } : {}),
  };
}
