import { expect, test } from "vitest";
import { isAllowedFrom } from "../../../server/domain/allowed-networks.ts";
import { changesNothing, createTestApp, type TestApp } from "../../support/app.ts";
import { authenticate, buildToken } from "../../support/builders.ts";

async function verifyFrom(app: TestApp, token: string, ip?: string): Promise<string> {
  const { active, reason } = await app.call("verifyApiToken", { body: { token, ...(ip === undefined ? {} : { ip }) } });
  return active ? "active" : String(reason);
}

test.each([
  ["192.0.2.7", true],
  ["192.0.3.7", false],
  ["::ffff:192.0.2.7", true],
  ["2001:db8::1", true],
  ["2001:db9::1", false],
  ["198.51.100.4", true],
  ["198.51.100.5", false],
  ["fe80::1%eth0", false],
  ["nonsense", false],
])("of an IPv4 and an IPv6 network and one address, %s is allowed: %s", (ip, expected) => {
  expect(isAllowedFrom(["192.0.2.0/24", "2001:db8::/32", "198.51.100.4"], ip)).toBe(expected);
});

test("a token works from its networks only, and one without networks from everywhere", async () => {
  const app = await createTestApp();
  const here = await buildToken(app, { allowedNetworks: ["127.0.0.0/8"] });
  const elsewhere = await buildToken(app, { allowedNetworks: ["192.0.2.0/24"] });
  expect(await authenticate(app, here.token)).toBe("accepted");
  expect(await authenticate(app, elsewhere.token)).toBe("authentication_network_not_allowed");
  expect(await app.call("getApiToken", { id: elsewhere.id })).toMatchObject({
    allowedNetworks: ["192.0.2.0/24"],
    lastUsed: null,
  });
});

test("a verification says from where the token was presented, or the token does not count", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app, { allowedNetworks: ["192.0.2.0/24"] });
  expect(await verifyFrom(app, token)).toBe("network_not_allowed");
  expect(await verifyFrom(app, token, "203.0.113.1")).toBe("network_not_allowed");
  expect(await verifyFrom(app, token, "192.0.2.9")).toBe("active");
  expect(await app.call("getApiToken", { id })).toMatchObject({ lastUsedIp: "192.0.2.9" });
});

test("a new secret that is presented from elsewhere becomes nothing, and the one before keeps working", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app, { allowedNetworks: ["192.0.2.0/24"] });
  const rotated = await app.call("rotateApiToken", { id, body: { activation: "deferred", gracePeriodSeconds: 0 } });
  expect(await verifyFrom(app, rotated.token, "203.0.113.1")).toBe("network_not_allowed");
  expect(await verifyFrom(app, token, "192.0.2.9")).toBe("active");
});

test("networks can be changed and lifted in place, and the change is recorded", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app, { allowedNetworks: ["192.0.2.0/24"] });
  await app.call("updateApiToken", { id, body: { allowedNetworks: ["127.0.0.1", "::1"] } });
  expect(await authenticate(app, token)).toBe("accepted");
  expect(app.contents()["audit_events"]?.at(-1)).toMatchObject({
    before: JSON.stringify({ allowedNetworks: "192.0.2.0/24" }),
    after: JSON.stringify({ allowedNetworks: "127.0.0.1, ::1" }),
  });
  expect((await app.call("updateApiToken", { id, body: { allowedNetworks: [] } })).allowedNetworks).toEqual([]);
});

test.each([["192.0.2.0/33"], ["999.0.2.0/24"], ["2001:db8::/129"], ["host.example"], ["192.0.2.0/24/1"], ["::gg/12"]])(
  "the network %s is refused at its place",
  async (network) => {
    const app = await createTestApp();
    const body = { label: "x", role: "developer", allowedNetworks: ["127.0.0.1", network] };
    const problem = await changesNothing(app, () => app.refused("createApiToken", { body }));
    expect(problem).toMatchObject({
      code: "request_invalid",
      errors: [{ pointer: "/body/allowedNetworks/1", code: "format_wrong" }],
    });
  },
);

test("an address that is none is refused when it is verified", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  const problem = await app.refused("verifyApiToken", { body: { token, ip: "1.2.3" } });
  expect(problem).toMatchObject({ errors: [{ pointer: "/body/ip", code: "format_wrong" }] });
});
