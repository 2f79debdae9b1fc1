import type { Client as FetchClient } from "openapi-fetch";
import type { Caller } from "./caller.ts";
import type { Client } from "./client.ts";
import type { paths } from "./openapi.d.ts";
import { sessionOperations, userOperations } from "./people-operations.ts";

/** Sends a body as OAuth wants it. */
const form = {
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  bodySerializer: (body: Readonly<Record<string, string>>) => new URLSearchParams(body),
};

/** Every operation of the contract, over HTTP. Which may be repeated is decided here. */
export function createOperations(http: FetchClient<paths>, call: Caller): Client {
  const at = (id: string) => ({ path: { id } });
  return {
    listApiTokens: (query = {}, options) =>
      call("listApiTokens", true, options, (init) => http.GET("/v2/api-tokens", { params: { query }, ...init })),
    createApiToken: (body, options) => {
      // With a destination, a deferred creation repeated answers the same token; otherwise the key sees to that.
      const hasDestination = body.activation === "deferred" && body.destination !== undefined;
      const key =
        options?.idempotencyKey === undefined && !hasDestination ? crypto.randomUUID() : options?.idempotencyKey;
      const header = typeof key === "string" ? { "Idempotency-Key": key } : {};
      return call("createApiToken", hasDestination || typeof key === "string", options, (init) =>
        http.POST("/v2/api-tokens", { params: { header }, body, ...init }),
      );
    },
    getApiToken: (id, options) =>
      call("getApiToken", true, options, (init) => http.GET("/v2/api-tokens/{id}", { params: at(id), ...init })),
    updateApiToken: (id, body, options) =>
      call("updateApiToken", false, options, (init) =>
        http.PATCH("/v2/api-tokens/{id}", {
          params: { ...at(id), header: ifMatch(options?.ifVersion) },
          body,
          ...init,
        }),
      ),
    revokeApiToken: (id, query = {}, options) =>
      call<undefined>("revokeApiToken", true, options, (init) =>
        http.DELETE("/v2/api-tokens/{id}", { params: { ...at(id), query }, ...init }),
      ),
    rotateApiToken: (id, body = {}, options) =>
      // A deferred rotation repeated replaces a secret that nobody has.
      call("rotateApiToken", body.activation === "deferred", options, (init) =>
        http.POST("/v2/api-tokens/{id}/rotate", { params: at(id), body, ...init }),
      ),
    activateApiToken: (id, body, options) =>
      call("activateApiToken", true, options, (init) =>
        http.POST("/v2/api-tokens/{id}/activate", { params: at(id), body, ...init }),
      ),
    listApiTokenMail: (id, query = {}, options) =>
      call("listApiTokenMail", true, options, (init) =>
        http.GET("/v2/api-tokens/{id}/mail", { params: { ...at(id), query }, ...init }),
      ),
    verifyApiToken: (body, options) =>
      call("verifyApiToken", true, options, (init) => http.POST("/v2/api-tokens/verify", { body, ...init })),
    verifyApiTokens: (presented, options) =>
      call("verifyApiTokens", true, options, (init) =>
        http.POST("/v2/api-tokens/verify-batch", { body: { presented: [...presented] }, ...init }),
      ),
    listApiTokenChanges: (query = {}, options) =>
      call("listApiTokenChanges", true, options, (init) =>
        http.GET("/v2/api-token-changes", { params: { query }, ...init }),
      ),
    reportLeak: (body, options) =>
      call("reportLeak", true, options, (init) => http.POST("/v2/leak-reports", { body, ...init })),
    listAuditEvents: (query = {}, options) =>
      call("listAuditEvents", true, options, (init) => http.GET("/v2/audit-events", { params: { query }, ...init })),
    introspectToken: (body, options) =>
      call("introspectToken", true, options, (init) => http.POST("/oauth2/introspect", { body, ...form, ...init })),
    revokeToken: (body, options) =>
      call<undefined>("revokeToken", true, options, (init) => http.POST("/oauth2/revoke", { body, ...form, ...init })),
    forwardAuth: (query = {}, options) =>
      call<undefined>("forwardAuth", true, options, (init) =>
        http.GET("/v2/forward-auth", { params: { query }, ...init }),
      ),
    getMe: (options) => call("getMe", true, options, (init) => http.GET("/v2/me", init)),
    getOrganization: (options) => call("getOrganization", true, options, (init) => http.GET("/v2/organization", init)),
    getOrganizationPolicy: (options) =>
      call("getOrganizationPolicy", true, options, (init) => http.GET("/v2/organization/policy", init)),
    updateOrganizationPolicy: (body, options) =>
      call("updateOrganizationPolicy", false, options, (init) =>
        http.PATCH("/v2/organization/policy", { body, ...init }),
      ),
    ...userOperations(http, call),
    ...sessionOperations(http, call),
    getProblem: (code, options) =>
      call("getProblem", true, options, (init) =>
        http.GET("/problems/{code}", { params: { path: { code } }, ...init }),
      ),
    getLiveness: (options) => call("getLiveness", true, options, (init) => http.GET("/health/live", init)),
    getReadiness: (options) => call("getReadiness", true, options, (init) => http.GET("/health/ready", init)),
  };
}

function ifMatch(version: string | undefined): { readonly "If-Match"?: string } {
  return version === undefined ? {} : { "If-Match": `"${version}"` };
}
