import { requireAdmin, type TokenPrincipal } from "../domain/principal.ts";
import type { Operation } from "./operation.ts";

/** Lets a reverse proxy ask whether the request it holds may pass, and tells it whose token that carries. */
export const forwardAuth: Operation<"forwardAuth", TokenPrincipal> = async (_services, { principal, query }) => {
  if (query.role === "admin") requireAdmin(principal);
  return {
    headers: {
      "X-Orgtokens-Token-Id": principal.apiTokenId,
      // Percent-encoded: a label may hold any script, and a header field may not.
      "X-Orgtokens-Label": encodeURIComponent(principal.label),
      "X-Orgtokens-Role": principal.role,
      "X-Orgtokens-Organization": principal.organizationId,
    },
    body: undefined,
  };
};
