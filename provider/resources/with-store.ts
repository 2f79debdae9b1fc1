import type { SecretStore } from "@orgtokens/sdk/secret-stores";
import type { AnySecretStore } from "../secret-stores/secret-store.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";

/** Opens the place that settings name, and closes it after use. */
export async function withStore<T>(
  client: OrgtokensClient,
  settings: AnySecretStore | null,
  use: (store: SecretStore) => Promise<T>,
): Promise<T> {
  if (settings === null) throw new TypeError("A secret store must be set.");
  const store = client.openSecretStore(settings);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
