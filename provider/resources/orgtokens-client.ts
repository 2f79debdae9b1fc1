import type { Client } from "@orgtokens/sdk";
import type { ServerKind } from "@orgtokens/sdk/base-client";
import type { SecretStore } from "@orgtokens/sdk/secret-stores";
import type { AnySecretStore } from "../secret-stores/secret-store.ts";
import type { ApiTokenReader } from "./api-token-reader.ts";
import type { RunRecord } from "./run-record.ts";

/** What the resources work with: the configured provider. */
export type OrgtokensClient = {
  readonly api: Client;
  /** What the server offers: the whole contract, or its base operations, which `api` makes the most of. */
  readonly server: ServerKind;
  /** Id of the organization whose tokens `api` administers; undefined where the server cannot tell. */
  readonly organizationId: string | undefined;
  /** Finds tokens, those of many resources by few requests. */
  readonly tokens: ApiTokenReader;
  /** The server's time. */
  readonly now: () => Date;
  /** Namespace of the tokens this configuration owns; undefined when it has none. */
  readonly managedBy: string | undefined;
  readonly run: RunRecord;
  /**
   * Opens the place; the caller closes it.
   * @throws AttributeError when the provider lacks what the store needs.
   */
  readonly openSecretStore: (settings: AnySecretStore) => SecretStore;
  /** Ends what the places have shared, such as a login. */
  readonly close: () => Promise<void>;
};
