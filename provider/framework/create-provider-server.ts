import type { Provider } from "./provider.ts";
import type { ProviderServer } from "./provider-server.ts";

/** Serves a provider: runs the life cycle of its resources behind the calls of the plugin protocol. */
export function createProviderServer<Client>(provider: Provider<Client>): ProviderServer {
  throw new TypeError(`The server of ${provider.name} is not written yet.`);
}
