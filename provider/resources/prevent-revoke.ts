import { AttributeError, attributePath } from "../framework/index.ts";
import type { ApiTokenState } from "./api-token-schema.ts";

/** @throws AttributeError when a token that must stay alive would be revoked; `what` says by what. */
export function requireRevocable(state: ApiTokenState, what: "destroyed" | "replaced"): void {
  if (!state.prevent_revoke || state.status !== "active") return;
  throw new AttributeError(
    attributePath("prevent_revoke"),
    `The token must not be ${what}`,
    `"${state.label}" (${state.id}) has prevent_revoke = true, and would be ${what}, which revokes it: whatever uses its secret would be refused from that moment on. If that is wanted, apply prevent_revoke = false first. To stop managing the token and leave it alive, use a "removed" block with "destroy = false", or "terraform state rm".`,
  );
}
