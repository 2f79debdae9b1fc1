import type { operations } from "@orgtokens/sdk/openapi";

/** Why a door has nothing for an operation. */
type Not = { readonly not: string };

/** By what each door does an operation: a method or function of the SDK, a command, a type of the provider. */
export type Doors = {
  readonly method: string | Not;
  readonly command: string | Not;
  readonly terraform: string | Not;
};

const not = (why: string): Not => ({ not: why });
const forServices = not("services ask at each request, by the SDK");
const signIn = not("people sign in by the page; the command and Terraform have a token");
const deed = not("is a single deed, and no state to declare");
const reading = not("reads what no configuration stands on");
const underThat = not("the command that creates or rotates does it as a step of the delivery");
const monitoring = not("monitoring asks it by HTTP");
const browser = not("only a browser goes there");

/** Every operation of the contract, and how each door does it. A new one does not compile before it is here. */
export const doors: { readonly [Id in keyof operations]: Doors } = {
  listApiTokens: { method: "listApiTokens", command: "tokens list", terraform: "orgtokens_api_tokens" },
  createApiToken: { method: "createApiToken", command: "tokens create", terraform: "orgtokens_api_token" },
  getApiToken: { method: "getApiToken", command: "tokens show", terraform: "orgtokens_api_token" },
  updateApiToken: { method: "updateApiToken", command: "tokens update", terraform: "orgtokens_api_token" },
  revokeApiToken: { method: "revokeApiToken", command: "tokens revoke", terraform: "orgtokens_api_token" },
  rotateApiToken: { method: "rotateApiToken", command: "tokens rotate", terraform: "orgtokens_api_token" },
  activateApiToken: { method: "activateApiToken", command: underThat, terraform: "orgtokens_api_token" },
  listApiTokenMail: { method: "listApiTokenMail", command: "tokens mail", terraform: reading },
  verifyApiToken: { method: "verifyApiToken", command: "tokens verify", terraform: deed },
  verifyApiTokens: { method: "verifyApiTokens", command: forServices, terraform: forServices },
  listApiTokenChanges: { method: "listApiTokenChanges", command: forServices, terraform: forServices },
  introspectToken: { method: "introspectToken", command: not("tokens verify tells more"), terraform: forServices },
  revokeToken: {
    method: "revokeToken",
    command: not("whoever holds a secret only revokes it by OAuth; tokens revoke takes an id or a label"),
    terraform: deed,
  },
  forwardAuth: {
    method: "forwardAuth",
    command: not("reverse proxies ask it"),
    terraform: not("reverse proxies ask it"),
  },
  reportLeak: {
    method: "reportLeak",
    command: not("whoever finds a token has no access to the organization, and reports it by HTTP"),
    terraform: deed,
  },
  reportGithubLeaks: {
    method: not("only GitHub can sign it"),
    command: not("only GitHub can sign it"),
    terraform: not("only GitHub can sign it"),
  },
  listAuditEvents: { method: "listAuditEvents", command: "audit list", terraform: reading },
  exportAuditEvents: {
    method: "iterateAuditEvents",
    command: "audit export",
    terraform: reading,
  },
  getMe: { method: "getMe", command: "whoami", terraform: not("the provider asks it to check its own token") },
  getOrganization: { method: "getOrganization", command: "whoami", terraform: "orgtokens_organization" },
  getOrganizationPolicy: {
    method: "getOrganizationPolicy",
    command: "policy show",
    terraform: "orgtokens_organization_policy",
  },
  updateOrganizationPolicy: {
    method: "updateOrganizationPolicy",
    command: "policy set",
    terraform: "orgtokens_organization_policy",
  },
  listUsers: { method: "listUsers", command: "members list", terraform: "orgtokens_users" },
  inviteUser: { method: "inviteUser", command: "members invite", terraform: "orgtokens_organization_member" },
  getUser: {
    method: "getUser",
    command: not("members list shows everything of everybody"),
    terraform: "orgtokens_organization_member",
  },
  updateUser: { method: "updateUser", command: "members set-role", terraform: "orgtokens_organization_member" },
  removeUser: { method: "removeUser", command: "members remove", terraform: "orgtokens_organization_member" },
  getSession: { method: "getSession", command: signIn, terraform: signIn },
  createSession: { method: "createSession", command: signIn, terraform: signIn },
  signOut: { method: "signOut", command: signIn, terraform: signIn },
  listSessions: { method: "listSessions", command: signIn, terraform: signIn },
  revokeSession: { method: "revokeSession", command: signIn, terraform: signIn },
  getSignInWays: { method: "getSignInWays", command: signIn, terraform: signIn },
  requestSignInLink: { method: "requestSignInLink", command: signIn, terraform: signIn },
  startOidcSignIn: { method: browser, command: browser, terraform: browser },
  finishOidcSignIn: { method: browser, command: browser, terraform: browser },
  getProblem: {
    method: "getProblem",
    command: not("a failure is explained where it is told"),
    terraform: not("a diagnostic explains itself"),
  },
  getLiveness: { method: "getLiveness", command: monitoring, terraform: monitoring },
  getReadiness: { method: "getReadiness", command: monitoring, terraform: monitoring },
};
