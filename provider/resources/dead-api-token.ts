/** What is said of a token that ended outside of Terraform. */
import { ApiError, ConnectionError } from "@orgtokens/sdk";
import { attributePath, type Diagnostics } from "../framework/index.ts";
import type { ApiTokenState } from "./api-token-schema.ts";
import { findApiToken } from "./find-api-token.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";

type Reader = {
  readonly state: ApiTokenState;
  readonly client: OrgtokensClient | undefined;
  readonly signal: AbortSignal;
  readonly diagnostics: Diagnostics;
};

/** Warns that a dead token is replaced: when it died, and who ended it, as far as that is known. */
export async function warnOfDeath({ state, client, signal, diagnostics }: Reader): Promise<void> {
  const { label, id, status } = state;
  const how = client === undefined ? undefined : await tellHow(client, state, signal);
  diagnostics.warn(
    status === "expired" ? "The token has expired" : `The token was ${status} outside of Terraform`,
    `"${label}" (${id}) ${how ?? `is ${status}`}. A new token is planned in its place; its secret goes to the same secret store.`,
    attributePath("status"),
  );
}

/** Warns that a token is gone, as the server says. Terraform plans a new one. */
export function warnOfAbsence({ state, diagnostics }: Omit<Reader, "client" | "signal">): void {
  diagnostics.warn(
    "The token does not exist any more",
    `The server knows no token ${state.id} ("${state.label}"): it was revoked and purged since, or never activated. If it is still declared, a new one is planned.`,
  );
}

async function tellHow(
  client: OrgtokensClient,
  state: ApiTokenState,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (state.status === "expired") return `expired at ${state.expires_at}`;
  try {
    const token = await findApiToken(client, state.id, signal);
    const query = { action: "api_token.revoked", targetId: state.id, limit: 1 } as const;
    const { events } = await client.api.listAuditEvents(query, { signal });
    const [revocation] = events;
    const who = revocation === undefined ? "" : ` by ${revocation.actor.label}`;
    return `was revoked at ${token?.revokedAt ?? "an unknown time"}${who}`;
  } catch (error) {
    // A reason that cannot be had now keeps nobody from planning.
    if (error instanceof ApiError || error instanceof ConnectionError) return undefined;
    throw error;
  }
}
