import { AttributeError, type Diagnostics, type ReadRequest, rootPath } from "../framework/index.ts";
import type { ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import { nothingStored, type StoredPart, storedPart, tokenPart } from "./api-token-state.ts";
import { asRecorded, isBaseServer } from "./base-server.ts";
import { warnOfAbsence } from "./dead-api-token.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { noteDue } from "./rotation-age.ts";
import { withStore } from "./with-store.ts";

type Schema = typeof apiTokenSchema;

/** What server and store say now; null when the server says that there is no such token. */
export async function readApiToken(request: ReadRequest<Schema, OrgtokensClient>): Promise<ApiTokenState | null> {
  const { state, client, signal, diagnostics, privateState } = request;
  const token = await client.tokens.find(state.id, { signal });
  if (token === undefined) {
    if (!isBaseServer(client)) await requireOrganization(client, state, signal);
    warnOfAbsence({ state, diagnostics });
    return null;
  }
  const stored = await readStored({ client, signal, diagnostics }, state);
  const read = { ...state, ...tokenPart(asRecorded(client, token, state), state), ...stored };
  noteDue(privateState, read, client.now());
  return read;
}

/** @throws AttributeError when the provider was pointed at another organization, which knows none of these tokens. */
async function requireOrganization(client: OrgtokensClient, state: ApiTokenState, signal: AbortSignal): Promise<void> {
  const { id, name } = await client.api.getOrganization({ signal });
  // A state of an older version of the provider does not name it yet.
  const expected: string | null = state.organization_id;
  if (expected === null || expected === id) return;
  throw new AttributeError(
    rootPath,
    "The provider works in another organization",
    `The token ${state.id} ("${state.label}") belongs to the organization ${expected}, and the provider's api_token to ${id} ("${name}"). Nothing is known of the token there, so it is left as it is. Correct "endpoint" and "api_token" of the provider.`,
  );
}

/** Who reads a store. */
export type StoreReader = {
  readonly client: OrgtokensClient;
  readonly signal: AbortSignal;
  readonly diagnostics: Diagnostics;
};

/**
 * What the store's metadata says. A store that cannot be asked now is no drift: what was known stays, with a warning, so that an
 * unreachable store stops neither a plan nor a destroy.
 */
export async function readStored(reader: StoreReader, state: ApiTokenState): Promise<StoredPart> {
  if (state.secret_store === null) return nothingStored;
  const { signal } = reader;
  try {
    const entry = await withStore(reader.client, state.secret_store, (store) => store.describe({ signal }));
    if (entry?.apiTokenId !== state.id || entry.fingerprint === undefined) return nothingStored;
    return storedPart({ fingerprint: entry.fingerprint, version: entry.version });
  } catch (error) {
    signal.throwIfAborted();
    reader.diagnostics.warn(
      "The secret store could not be checked",
      `${error instanceof Error ? error.message : String(error)} Whether the secret of "${state.label}" is still in its place is not known; it is taken to be.`,
    );
    return { stored_fingerprint: state.stored_fingerprint, store_version: state.store_version };
  }
}
