import type { ApiToken } from "@orgtokens/sdk";
import { AttributeError, type ImportRequest, rootPath } from "../framework/index.ts";
import { settingsOf } from "../secret-stores/secret-store.ts";
import type { ApiTokenState } from "./api-token-schema.ts";
import { nothingStored, tokenPart } from "./api-token-state.ts";
import { findApiToken } from "./find-api-token.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { readStored } from "./read-api-token.ts";

type Request = ImportRequest<OrgtokensClient>;

/**
 * The state of a live token that exists already, with the place that the server knows of. It is named by its id, or by
 * `label:` and its label.
 */
export async function importApiToken(request: Request): Promise<ApiTokenState | null> {
  const { client, signal, diagnostics } = request;
  const token = await findNamed(request);
  if (token === undefined) return null;
  if (token.status !== "active") {
    throw new AttributeError(
      rootPath,
      "The token is not live",
      `The token ${token.id} is ${token.status}. Declare a new one instead of importing it.`,
    );
  }
  const state: ApiTokenState = {
    secret_store: token.destination === null ? null : (settingsOf(token.destination) ?? null),
    expires_in: null,
    rotate_after: null,
    rotate_when_changed: null,
    rotation_grace_period: "24h",
    on_destroy: "revoke_and_delete",
    prevent_revoke: false,
    ...tokenPart(token, { rotate_after: null }),
    ...nothingStored,
  };
  return { ...state, ...(await readStored({ client, signal, diagnostics }, state)) };
}

async function findNamed({ id, client, signal }: Request): Promise<ApiToken | undefined> {
  if (/^[0-9a-f]{24}$/.test(id)) return findApiToken(client, id, signal);
  if (id.startsWith("label:")) return findLabelled(client, id.slice("label:".length), signal);
  throw new AttributeError(
    rootPath,
    "Invalid id",
    `Import by the token's id, which is 24 lower-case hexadecimal characters, or by its label: "label:CI deploy".`,
  );
}

/** @throws AttributeError unless exactly one live token has the label. */
async function findLabelled(client: OrgtokensClient, label: string, signal: AbortSignal): Promise<ApiToken> {
  const { tokens } = await client.api.listApiTokens({ label, status: "active", limit: 100 }, { signal });
  const [token, ...others] = tokens;
  if (token === undefined) {
    throw new AttributeError(
      rootPath,
      "No live token has this label",
      `There is none with the label ${JSON.stringify(label)}, exactly as written. Check the label, or import by id.`,
    );
  }
  if (others.length === 0) return token;
  const found = tokens.map(({ id, role, created, managedBy }) => {
    return `${id} (${role}, created ${created}, ${managedBy === null ? "managed by nobody" : `managed by ${managedBy}`})`;
  });
  throw new AttributeError(
    rootPath,
    "Several live tokens have this label",
    `Import one of them by its id: ${found.join("; ")}.`,
  );
}
