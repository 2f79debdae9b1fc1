import { createServer } from "node:http";
import type { PresentedToken } from "@orgtokens/sdk";
import type { Verifier } from "@orgtokens/sdk/verification";
import { requireApiToken } from "@orgtokens/sdk/verification/node";
import { expect, onTestFinished, test } from "vitest";
import { buildUnknownToken } from "../../support/builders.ts";

test("the address of a request is the other end of its connection, or what the service reads of its proxy", async () => {
  const presented: PresentedToken[] = [];
  const verifier: Verifier = {
    verify: async (token) => {
      presented.push(token);
      return { outcome: "inactive", reason: "unknown" };
    },
    close: () => {},
  };
  const direct = requireApiToken(verifier, () => {});
  const proxied = requireApiToken(verifier, () => {}, { ip: ({ headers }) => headers["x-real-ip"]?.toString() });
  const server = createServer((request, response) => void (request.url === "/" ? direct : proxied)(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const at = server.address();
  const origin = `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
  const headers = { "x-api-key": buildUnknownToken(), "x-real-ip": "192.0.2.7" };
  for (const path of ["/", "/proxied"]) expect((await fetch(origin + path, { headers })).status).toBe(401);
  expect(presented.map(({ ip }) => ip)).toEqual(["127.0.0.1", "192.0.2.7"]);
});
