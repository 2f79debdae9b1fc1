/** A certified OAuth client, which has never heard of this server, introspects and revokes its tokens. */
import * as oauth from "oauth4webapi";
import { expect, test } from "vitest";
import { startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("an OAuth client introspects and revokes with a token's id as client_id and the token as client_secret", async ({
  onTestFinished,
}) => {
  const server = await startServer(await temporaryFolder());
  onTestFinished(() => server.close());
  const as: oauth.AuthorizationServer = {
    issuer: server.endpoint,
    introspection_endpoint: `${server.endpoint}/oauth2/introspect`,
    revocation_endpoint: `${server.endpoint}/oauth2/revoke`,
  };
  const options = { [oauth.allowInsecureRequests]: true };
  const own = await server.admin.createApiToken({ label: "Service", role: "admin" });
  const client = { client_id: own.id };
  const authentication = oauth.ClientSecretBasic(own.token);
  const { id, token } = await server.admin.createApiToken({ label: "Presented", role: "developer" });

  const introspect = async () => {
    const response = await oauth.introspectionRequest(as, client, authentication, token, options);
    return oauth.processIntrospectionResponse(as, client, response);
  };
  expect(await introspect()).toMatchObject({
    active: true,
    client_id: id,
    scope: "developer",
    token_type: "Bearer",
    iss: server.endpoint,
  });
  const revoked = await oauth.revocationRequest(as, client, authentication, token, options);
  await oauth.processRevocationResponse(revoked);
  expect(await introspect()).toEqual({ active: false });

  const stranger = oauth.ClientSecretBasic(token);
  const refused = await oauth.introspectionRequest(as, { client_id: id }, stranger, own.token, options);
  await expect(oauth.processIntrospectionResponse(as, client, refused)).rejects.toThrow();
  expect(refused.status).toBe(401);
});

test("the SDK introspects, asks as a proxy does, and revokes", async ({ onTestFinished }) => {
  const server = await startServer(await temporaryFolder());
  onTestFinished(() => server.close());
  const { id, token } = await server.admin.createApiToken({ label: "Presented", role: "developer" });
  expect(await server.admin.introspectToken({ token })).toMatchObject({ active: true, client_id: id });
  expect(await server.admin.forwardAuth({ role: "admin" })).toBeUndefined();
  expect(await server.admin.revokeToken({ token })).toBeUndefined();
  expect(await server.admin.introspectToken({ token })).toEqual({ active: false });
  expect(await server.answer(token)).toBe("authentication_revoked");
});
