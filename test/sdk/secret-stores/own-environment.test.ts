import { expect, test } from "vitest";
import { withoutOwnCredentials } from "../../../sdk/src/secret-stores/own-environment.ts";

test("programs get the environment without what lets one be us at the server", () => {
  const kept = {
    PATH: "/bin",
    HOME: "/home/ada",
    VAULT_TOKEN: "t",
    ORGTOKENS_ENDPOINT: "https://tokens.test",
    HTTPS_PROXY: "p",
  };
  const own = {
    ORGTOKENS_API_TOKEN: "1",
    ORGTOKENS_API_TOKEN_FILE: "2",
    ORGTOKENS_CLIENT_KEY_FILE: "3",
    ORGTOKENS_CLIENT_KEY_PEM: "4",
    ORGTOKENS_PROXY_URL: "5",
  };
  expect(withoutOwnCredentials({ ...own, ...kept })).toEqual(kept);
});
