import { describe, expect, test } from "vitest";
import {
  alsoRequires,
  formatPath,
  instant,
  noneOf,
  sameDuration,
  sameInstant,
  sameUrl,
  uniqueElements,
  unknown,
  urlOf,
} from "../../../provider/framework/index.ts";
import { settle } from "./acme.ts";
import { capabilities, errorsOf, noBytes, serverConfig, startWith, tryApply } from "./terraform-rules.ts";

const typeName = "acme_server";

describe("an attribute with `equal`", () => {
  test("keeps the text known before, when a read finds another that means the same", async () => {
    const core = await startWith({ read: async ({ state }) => ({ ...state, lease: "60m0s" }) });
    const currentState = await core.apply(null, serverConfig({ lease: "1h" }));
    const request = { typeName, currentState, private: noBytes, clientCapabilities: capabilities };
    expect((await core.server.readResource(request, core.signal)).newState).toMatchObject({ lease: "1h" });
  });

  test("shows what a read finds when it means something else", async () => {
    const core = await startWith({ read: async ({ state }) => ({ ...state, lease: "61m" }) });
    const currentState = await core.apply(null, serverConfig({ lease: "1h" }));
    const request = { typeName, currentState, private: noBytes, clientCapabilities: capabilities };
    expect((await core.server.readResource(request, core.signal)).newState).toMatchObject({ lease: "61m" });
  });

  test("is no change when only the spelling of the configuration changes, and one when the meaning does", async () => {
    const core = await startWith({});
    const state = await core.apply(null, serverConfig({ lease: "1h" }));
    const plan = async (lease: string) => {
      const config = serverConfig({ lease });
      const proposedNewState = { ...Object(state), lease };
      const request = { typeName, priorState: state, proposedNewState, config, priorPrivate: noBytes };
      return core.server.planResourceChange({ ...request, clientCapabilities: capabilities }, core.signal);
    };
    expect(await plan("60m")).toMatchObject({ plannedState: state, requiresReplace: [] });
    expect(await plan("2h")).toMatchObject({ plannedState: { lease: "2h", revision: unknown } });
  });

  test("lets a create answer in the server's spelling, and records the planned one", async () => {
    const core = await startWith({ create: async ({ plan }) => ({ ...settle(plan, "a", 1), lease: "3600s" }) });
    const answer = await tryApply(core, null, serverConfig({ lease: "1h" }));
    expect(errorsOf(answer)).toEqual([]);
    expect(answer.newState).toMatchObject({ lease: "1h" });
    const other = await startWith({ create: async ({ plan }) => ({ ...settle(plan, "a", 1), lease: "2h" }) });
    expect(errorsOf(await tryApply(other, null, serverConfig({ lease: "1h" })))).toHaveLength(1);
  });
});

describe("what means the same", () => {
  test.each([
    [sameDuration, "1h30m", "90m", true],
    [sameDuration, "1h", "61m", false],
    [sameDuration, "soon", "soon", true],
    [sameDuration, "soon", "later", false],
    [sameInstant, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00.000+01:00", true],
    [sameInstant, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", false],
    [sameInstant, "2026-02-30T00:00:00Z", "2026-03-02T00:00:00Z", false],
    [sameUrl, "https://EXAMPLE.com", "https://example.com:443/", true],
    [sameUrl, "https://example.com/a", "https://example.com/A", false],
    [sameUrl, "not a url", "not a url ", false],
  ])("%o: %s and %s: %s", (same, one, other, expected) => {
    expect(same(one, other)).toBe(expected);
    expect(same(other, one)).toBe(expected);
  });
});

describe("a validator", () => {
  const at = [{ attributeName: "it" }];

  test.each([
    [noneOf("root"), "admin", "root"],
    [urlOf("https"), "https://example.com/x", "http://example.com"],
    [urlOf("http", "https"), "http://example.com", "example.com"],
    [instant(), "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00"],
    [instant(), "2024-02-29T23:59:59.123Z", "2026-02-29T00:00:00Z"],
    [instant(), "2026-01-01t00:00:00z", "2026-01-01T24:00:00Z"],
  ])("%# takes what it says and nothing else", (validator, good, bad) => {
    expect(validator(good, at)).toEqual([]);
    expect(validator(bad, at)).toMatchObject([{ severity: "error", attribute: at }]);
  });

  test("finds the second of two equal elements, and leaves unknown ones alone", () => {
    const found = uniqueElements()(["a", unknown, "b", "a", unknown], at);
    expect(found.map(({ attribute, detail }) => [formatPath(attribute ?? []), detail])).toEqual([
      ["it[3]", "It repeats it[0]. Remove one of them."],
    ]);
  });

  test("asks for what an attribute needs beside it, at that attribute", () => {
    const validator = alsoRequires("user", "password", "realm");
    const report = (value: object) =>
      validator({ user: null, password: null, realm: null, ...value }, []).map(
        ({ attribute, detail }) => `${formatPath(attribute ?? [])}: ${detail}`,
      );
    expect(report({ user: "a", realm: "r" })).toEqual(['user: With "user", "password" must be set as well.']);
    expect(report({ user: "a", password: unknown, realm: "r" })).toEqual([]);
    expect(report({ user: unknown })).toEqual([]);
    expect(report({ password: "p" })).toEqual([]);
  });
});
