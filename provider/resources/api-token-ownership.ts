/** Which resource a token belongs to, where two resources of one run meet. */
import type { ApiToken } from "@orgtokens/sdk";
import { AttributeError, attributePath, type Diagnostics } from "../framework/index.ts";
import type { ApiTokenState } from "./api-token-schema.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";

/** @throws AttributeError when another resource created in this run has the place. */
export function requireFreePlace(client: OrgtokensClient, destination: string): void {
  if (client.run.claimPlace(destination)) return;
  throw new AttributeError(
    attributePath("secret_store"),
    "Two resources have the same secret store",
    `Another resource of this configuration delivers its secret to ${destination}, and a place holds the secret of one token. Give each resource a place of its own.`,
  );
}

/**
 * Records that a token found at its place belongs to this resource now, with a warning.
 * @throws AttributeError when the resource it belonged to destroys it in this very run.
 */
export function takeOver(client: OrgtokensClient, token: ApiToken, diagnostics: Diagnostics): void {
  if (!client.run.adopt(token.id)) {
    throw new AttributeError(
      attributePath("secret_store"),
      "The place is being given up",
      `${token.destination} held the secret of the token ${token.id}, which this run destroys at the same time. Run Terraform again.`,
    );
  }
  diagnostics.warn(
    "An existing token was adopted",
    `The token ${token.id} with the same label, role and managed_by already had its secret at ${token.destination}, so an earlier run created it without recording it. It is recorded now; nothing was issued.`,
  );
}

/** Whether a token may be destroyed; if not, because another resource has adopted it in this run, a warning says so. */
export function giveUp(client: OrgtokensClient, { id, destination }: ApiTokenState, diagnostics: Diagnostics): boolean {
  if (client.run.destroy(id)) return true;
  diagnostics.warn(
    "The token is not revoked: another resource has it now",
    `A resource created in this run has the place ${destination}, and adopted the token ${id} that was there. For a new secret, change "rotate_when_changed"; for a new token, choose another place.`,
  );
  return false;
}
