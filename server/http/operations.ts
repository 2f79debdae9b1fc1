import type { AdminPrincipal, Principal, TokenPrincipal, UserPrincipal } from "../domain/principal.ts";
import type { ProblemCode } from "../domain/problem.ts";
import { activateApiToken } from "../operations/activate-api-token.ts";
import { createApiToken } from "../operations/create-api-token.ts";
import { createSession } from "../operations/create-session.ts";
import { exportAuditEvents } from "../operations/export-audit-events.ts";
import { finishOidcSignIn } from "../operations/finish-oidc-sign-in.ts";
import { forwardAuth } from "../operations/forward-auth.ts";
import { getApiToken } from "../operations/get-api-token.ts";
import { getLiveness } from "../operations/get-liveness.ts";
import { getMe } from "../operations/get-me.ts";
import { getOrganization } from "../operations/get-organization.ts";
import { getOrganizationPolicy } from "../operations/get-organization-policy.ts";
import { getReadiness } from "../operations/get-readiness.ts";
import { getSession } from "../operations/get-session.ts";
import { getSignInWays } from "../operations/get-sign-in-ways.ts";
import { getUser } from "../operations/get-user.ts";
import { introspectToken } from "../operations/introspect-token.ts";
import { inviteUser } from "../operations/invite-user.ts";
import { listApiTokenChanges } from "../operations/list-api-token-changes.ts";
import { listApiTokenMail } from "../operations/list-api-token-mail.ts";
import { listApiTokens } from "../operations/list-api-tokens.ts";
import { listAuditEvents } from "../operations/list-audit-events.ts";
import { listSessions } from "../operations/list-sessions.ts";
import { listUsers } from "../operations/list-users.ts";
import type { Operation, OperationId } from "../operations/operation.ts";
import { removeUser } from "../operations/remove-user.ts";
import { reportGithubLeaks } from "../operations/report-github-leaks.ts";
import { reportLeak } from "../operations/report-leak.ts";
import { requestSignInLink } from "../operations/request-sign-in-link.ts";
import { revokeApiToken } from "../operations/revoke-api-token.ts";
import { revokeSession } from "../operations/revoke-session.ts";
import { revokeToken } from "../operations/revoke-token.ts";
import { rotateApiToken } from "../operations/rotate-api-token.ts";
import { signOut } from "../operations/sign-out.ts";
import { startOidcSignIn } from "../operations/start-oidc-sign-in.ts";
import { updateApiToken } from "../operations/update-api-token.ts";
import { updateOrganizationPolicy } from "../operations/update-organization-policy.ts";
import { updateUser } from "../operations/update-user.ts";
import { verifyApiToken, verifyApiTokens } from "../operations/verify-api-token.ts";
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
  listApiTokenMail: { callers: "admin", run: listApiTokenMail },
  verifyApiToken: { callers: "any-token", run: verifyApiToken },
  verifyApiTokens: { callers: "any-token", run: verifyApiTokens },
  listApiTokenChanges: { callers: "any-token", run: listApiTokenChanges },
  reportLeak: { callers: "public", run: reportLeak },
  reportGithubLeaks: { callers: "public", run: reportGithubLeaks },
  exportAuditEvents: { callers: "admin", run: exportAuditEvents },
  listAuditEvents: { callers: "admin", run: listAuditEvents },
  getOrganizationPolicy: { callers: "admin", run: getOrganizationPolicy },
  updateOrganizationPolicy: { callers: "admin", run: updateOrganizationPolicy },
  introspectToken: { callers: "any-token", run: introspectToken },
  revokeToken: { callers: "member", run: revokeToken },
  forwardAuth: { callers: "any-token", run: forwardAuth },
  getMe: { callers: "member", run: getMe },
  getOrganization: { callers: "member", run: getOrganization },
  getSession: { callers: "user", run: getSession },
  createSession: { callers: "public", run: createSession },
  signOut: { callers: "user", run: signOut },
  listSessions: { callers: "user", run: listSessions },
  revokeSession: { callers: "user", run: revokeSession },
  getSignInWays: { callers: "public", run: getSignInWays },
  startOidcSignIn: { callers: "public", run: startOidcSignIn },
  finishOidcSignIn: { callers: "public", run: finishOidcSignIn },
  requestSignInLink: { callers: "public", run: requestSignInLink },
  listUsers: { callers: "admin", run: listUsers },
  inviteUser: { callers: "admin", run: inviteUser },
  getUser: { callers: "admin", run: getUser },
  updateUser: { callers: "admin", run: updateUser },
  removeUser: { callers: "admin", run: removeUser },
  getProblem: { callers: "public", run: getProblem },
  getLiveness: { callers: "public", run: getLiveness },
  getReadiness: { callers: "public", run: getReadiness },
};
