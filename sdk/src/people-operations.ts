import type { Client as FetchClient } from "openapi-fetch";
import type { Caller } from "./caller.ts";
import type { Client } from "./client.ts";
import type { paths } from "./openapi.d.ts";

type UserOperation = "listUsers" | "inviteUser" | "getUser" | "updateUser" | "removeUser";

/** What an organization's people are invited, changed and removed by. */
export function userOperations(http: FetchClient<paths>, call: Caller): Pick<Client, UserOperation> {
  const at = (id: string) => ({ path: { id } });
  return {
    listUsers: (query = {}, options) =>
      call("listUsers", true, options, (init) => http.GET("/v2/users", { params: { query }, ...init })),
    inviteUser: (body, options) =>
      call("inviteUser", false, options, (init) => http.POST("/v2/users", { body, ...init })),
    getUser: (id, options) =>
      call("getUser", true, options, (init) => http.GET("/v2/users/{id}", { params: at(id), ...init })),
    updateUser: (id, body, options) =>
      call("updateUser", true, options, (init) => http.PATCH("/v2/users/{id}", { params: at(id), body, ...init })),
    removeUser: (id, options) =>
      call<undefined>("removeUser", false, options, (init) =>
        http.DELETE("/v2/users/{id}", { params: at(id), ...init }),
      ),
  };
}

type SessionOperation =
  | "getSession"
  | "createSession"
  | "signOut"
  | "listSessions"
  | "revokeSession"
  | "getSignInWays"
  | "requestSignInLink";

/** What people sign in and out by. */
export function sessionOperations(http: FetchClient<paths>, call: Caller): Pick<Client, SessionOperation> {
  return {
    getSession: (options) => call("getSession", true, options, (init) => http.GET("/v2/session", init)),
    createSession: (body, options) =>
      call("createSession", false, options, (init) => http.POST("/v2/session", { body, ...init })),
    signOut: (options) => call<undefined>("signOut", false, options, (init) => http.DELETE("/v2/session", init)),
    listSessions: (options) => call("listSessions", true, options, (init) => http.GET("/v2/sessions", init)),
    revokeSession: (id, options) =>
      call<undefined>("revokeSession", false, options, (init) =>
        http.DELETE("/v2/sessions/{id}", { params: { path: { id } }, ...init }),
      ),
    getSignInWays: (options) => call("getSignInWays", true, options, (init) => http.GET("/v2/sign-in", init)),
    requestSignInLink: (body, options) =>
      call<undefined>("requestSignInLink", false, options, (init) => http.POST("/v2/sign-in/links", { body, ...init })),
  };
}
