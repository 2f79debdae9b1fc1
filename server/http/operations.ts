import type { AdminPrincipal, Principal, TokenPrincipal, UserPrincipal } from "../domain/principal.ts";
import type { ProblemCode } from "../domain/problem.ts";
import { activateApiToken } from "../operations/activate-api-token.ts";
import { createApiToken } from "../operations/create-api-token.ts";
import { forwardAuth } from "../operations/forward-auth.ts";
import { getApiToken } from "../operations/get-api-token.ts";
import { getLiveness } from "../operations/get-liveness.ts";
import { getMe } from "../operations/get-me.ts";
import { getOrganization } from "../operations/get-organization.ts";
import { getOrganizationPolicy } from "../operations/get-organization-policy.ts";
import { getReadiness } from "../operations/get-readiness.ts";
import { introspectToken } from "../operations/introspect-token.ts";
import { listApiTokens } from "../operations/list-api-tokens.ts";
import { listAuditEvents } from "../operations/list-audit-events.ts";
import type { Operation, OperationId } from "../operations/operation.ts";
import { revokeApiToken } from "../operations/revoke-api-token.ts";
import { revokeToken } from "../operations/revoke-token.ts";
import { rotateApiToken } from "../operations/rotate-api-token.ts";
import { updateApiToken } from "../operations/update-api-token.ts";
import { updateOrganizationPolicy } from "../operations/update-organization-policy.ts";
import { verifyApiToken } from "../operations/verify-api-token.ts";
import { explainProblem } from "./problem.ts";

/** An operation and who may call it; the type of its caller follows from that. */
export type Handler<Id extends OperationId> =
  | { readonly callers: "public"; readonly run: Operation<Id, undefined> }
  | { readonly callers: "any-token"; readonly run: Operation<Id, TokenPrincipal> }
  | { readonly callers: "member"; readonly run: Operation<Id, Principal> }
  | { readonly callers: "admin"; readonly run: Operation<Id, AdminPrincipal> }
  | { readonly callers: "user"; readonly run: Operation<Id, UserPrincipal> };

/** Every operation of the contract: a missing or an extra one does not compile. */
export type Handlers = { readonly [Id in OperationId]: Handler<Id> };

const getProblem: Operation<"getProblem", undefined> = async (_services, { path }) =>
  explainProblem(path.code satisfies ProblemCode);

/** What the contract's operations lead to. */
export const handlers: Handlers = {
  listApiTokens: { callers: "admin", run: listApiTokens },
  createApiToken: { callers: "admin", run: createApiToken },
  getApiToken: { callers: "admin", run: getApiToken },
  updateApiToken: { callers: "admin", run: updateApiToken },
  revokeApiToken: { callers: "admin", run: revokeApiToken },
  rotateApiToken: { callers: "admin", run: rotateApiToken },
  activateApiToken: { callers: "admin", run: activateApiToken },
  verifyApiToken: { callers: "any-token", run: verifyApiToken },
  listAuditEvents: { callers: "admin", run: listAuditEvents },
  getMe: { callers: "any-token", run: getMe },
  getOrganization: { callers: "any-token", run: getOrganization },
  getOrganizationPolicy: { callers: "admin", run: getOrganizationPolicy },
  updateOrganizationPolicy: { callers: "admin", run: updateOrganizationPolicy },
  introspectToken: { callers: "any-token", run: introspectToken },
  revokeToken: { callers: "member", run: revokeToken },
  forwardAuth: { callers: "any-token", run: forwardAuth },
  getProblem: { callers: "public", run: getProblem },
  getLiveness: { callers: "public", run: getLiveness },
  getReadiness: { callers: "public", run: getReadiness },
};
