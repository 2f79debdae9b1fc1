import { describe, expect, test } from "vitest";
import {
  AttributeError,
  attributePath,
  createProviderServer,
  type Diagnostic,
  unknown,
} from "../../../provider/framework/index.ts";
import { AcmeError, acme, emptyWorld, type ServerDefinition, settle } from "./acme.ts";
import { errorsOf, noBytes, serverConfig, startWith, tryApply } from "./terraform-rules.ts";

const boot = { image: "img-1", volume: null, checksum: null };

describe("what exists after a failure is what Terraform records", () => {
  const fail = (): never => {
    throw new Error("the disk is full");
  };

  test("a failed create without saved state records nothing", async () => {
    const answer = await tryApply(await startWith({ create: async () => fail() }), null, serverConfig());
    expect(answer.newState).toBeNull();
    expect(answer.diagnostics).toEqual([error("Could not create acme_server", "the disk is full")]);
  });

  test("a failed create that saved its state records that, with its private state", async () => {
    const core = await startWith({
      create: async ({ plan, saveState, privateState }) => {
        saveState(settle(plan, "half-made", 1));
        privateState.set("step", "2");
        return fail();
      },
    });
    const answer = await tryApply(core, null, serverConfig({ password: "hunter2" }));
    expect(answer.newState).toMatchObject({ id: "half-made", name: "web", password: null });
    expect(new TextDecoder().decode(answer.private)).toBe('{"step":"2"}');
    expect(errorsOf(answer)).toEqual([": Could not create acme_server"]);
  });

  test("a failed update keeps the prior state, or what it saved", async () => {
    const saves = { current: false };
    const core = await startWith({
      update: async ({ plan, state, saveState }) => {
        if (saves.current) saveState(settle(plan, state.id, 99));
        return fail();
      },
    });
    const state = await core.apply(null, serverConfig());
    expect((await tryApply(core, state, serverConfig({ name: "db" }))).newState).toEqual(state);
    saves.current = true;
    expect((await tryApply(core, state, serverConfig({ name: "db" }))).newState).toMatchObject({
      name: "db",
      revision: 99,
    });
  });

  test("a failed delete keeps the state, whether it threw or reported", async () => {
    for (const remove of [
      async () => fail(),
      async ({ diagnostics }) => diagnostics.error("In use", "Detach it first."),
    ] satisfies ServerDefinition["delete"][]) {
      const core = await startWith({ delete: remove });
      const state = await core.apply(null, serverConfig());
      const answer = await tryApply(core, state, null);
      expect(answer.newState).toEqual(state);
      expect(errorsOf(answer)).toHaveLength(1);
    }
  });

  test("an error reported next to a returned state fails the apply and records the state", async () => {
    const core = await startWith({
      create: async ({ plan, diagnostics }) => {
        diagnostics.error("Half done", "Try again.", attributePath("zone"));
        return settle(plan, "a", 1);
      },
    });
    const answer = await tryApply(core, null, serverConfig());
    expect(answer.newState).toMatchObject({ id: "a" });
    expect(errorsOf(answer)).toEqual(["zone: Half done"]);
  });
});

describe("a state that breaks the rules is reported as a bug of the provider, at its attribute, and saved as far as it goes", () => {
  type Breaker = (state: ReturnType<typeof settle>) => object | null | undefined;
  test.each<[string, Breaker, string[], string]>([
    ["differs from the plan", (s) => ({ ...s, name: "other" }), ["name"], "differs from the planned one"],
    ["differs deep inside", (s) => ({ ...s, boot: { ...s.boot, image: "img-2" } }), ["boot.image"], "differs"],
    ["drops a nested object", (s) => ({ ...s, ports: [] }), ["ports"], "differs"],
    ["is still unknown", (s) => ({ ...s, zone: unknown }), ["zone"], "still unknown"],
    [
      "is unknown deep inside",
      (s) => ({ ...s, ports: [{ number: 80, address: unknown }] }),
      ["ports[0].address"],
      "still unknown",
    ],
    ["has an unknown object in a list", (s) => ({ ...s, ports: [unknown] }), ["ports"], "still unknown"],
    ["lacks a value", (s) => ({ ...s, revision: null }), ["revision"], "null"],
    ["lacks an attribute", ({ zone: _, ...s }) => s, ["zone"], "value or null is required"],
    ["has a wrong type", (s) => ({ ...s, revision: "1" }), ["revision"], "A number is required"],
    ["has one attribute too many", (s) => ({ ...s, extra: 1 }), ["extra"], "no such attribute"],
    ["has two faults", (s) => ({ ...s, zone: unknown, revision: null }), ["zone", "revision"], "bug in the provider"],
  ])("%s", async (_, broken, paths, text) => {
    const core = await startWith({ create: async ({ plan }) => cast(broken(settle(plan, "a", 1))) });
    const config = serverConfig({ boot, ports: [{ number: 80, address: null }] });
    const answer = await tryApply(core, null, config);
    expect(errorsOf(answer)).toEqual(paths.map((path) => `${path}: Invalid new state of acme_server`));
    expect(answer.diagnostics[0]?.detail).toContain(text);
    expect(answer.newState).toMatchObject({ id: "a" });
    expect(() => JSON.stringify(answer.newState)).not.toThrow();
  });

  test.each<[string, object | null | undefined]>([
    ["null", null],
    ["undefined", undefined],
    ["a list", []],
  ])("%s instead of a state", async (_, returned) => {
    const answer = await tryApply(await startWith({ create: async () => cast(returned) }), null, serverConfig());
    expect(errorsOf(answer)).toEqual([": Invalid new state of acme_server"]);
    expect(answer.newState).toBeNull();
  });
});

describe("whatever a handler throws becomes a diagnostic", () => {
  const cases: [string, unknown, Diagnostic][] = [
    [
      "an error at an attribute",
      new AttributeError(attributePath("boot", "image"), "No such image", "Upload img-1 first.", {
        cause: new Error("x"),
      }),
      {
        severity: "error",
        summary: "No such image",
        detail: "Upload img-1 first.",
        attribute: attributePath("boot", "image"),
      },
    ],
    [
      "an error the provider explains",
      new AcmeError(503),
      { severity: "error", summary: "Acme says 503", detail: "Ask Acme.", attribute: attributePath("zone") },
    ],
    [
      "an error with a cause",
      new TypeError("fetch failed", { cause: Object.assign(new Error(""), { code: "ECONNREFUSED" }) }),
      error("Could not create acme_server", "fetch failed: ECONNREFUSED"),
    ],
    [
      "several errors in one",
      new AggregateError([new Error("::1 refused"), new Error("127.0.0.1 refused")], "connect"),
      error("Could not create acme_server", "connect: ::1 refused: 127.0.0.1 refused"),
    ],
    [
      "a stack trace in a message",
      new Error("it broke\n    at create (/opt/acme/main.js:10:3)\n    at async run (node:internal:1)"),
      error("Could not create acme_server", "it broke"),
    ],
    ["an error without message", new RangeError(), error("Could not create acme_server", "RangeError")],
    [
      "something that is no error",
      { token: "s3cret" },
      error("Could not create acme_server", "The provider failed without saying why. This is a bug in the provider."),
    ],
  ];
  test.each(cases)("%s", async (_, thrown, expected) => {
    const core = await startWith({
      create: async () => {
        throw thrown;
      },
    });
    expect((await tryApply(core, null, serverConfig())).diagnostics).toEqual([expected]);
  });

  test("also when it is thrown before the first await, or by circular causes", async () => {
    const circular = new Error("round");
    circular.cause = circular;
    const core = await startWith({
      create: () => {
        throw circular;
      },
    });
    expect((await tryApply(core, null, serverConfig())).diagnostics).toEqual([
      error("Could not create acme_server", "round"),
    ]);
  });
});

test("no diagnostic shows a sensitive, write-only or withheld value, wherever it comes from", async () => {
  const core = await startWith({
    create: async ({ config, diagnostics, client }) => {
      diagnostics.warn(`Uses ${config.api_key}`, `Password ${config.password} and top-secret-token.`);
      diagnostics.redact("issued-later");
      throw new Error(
        `PUT /?key=${encodeURIComponent(String(config.api_key))} failed for ${client.passwords.length}, issued-later`,
      );
    },
  });
  const config = serverConfig({ password: 'pass"word', api_key: "k&y=1 %" });
  const { diagnostics } = await tryApply(core, null, config);
  const text = JSON.stringify(diagnostics);
  expect(text).not.toMatch(/pass\\*"word|k&y|k%26y|top-secret-token|issued-later/);
  expect(diagnostics[0]).toEqual({
    severity: "warning",
    summary: "Uses (sensitive value)",
    detail: "Password (sensitive value) and (sensitive value).",
  });
});

test("an unconfigured provider answers with a diagnostic and changes nothing", async () => {
  const server = createProviderServer(acme(emptyWorld()));
  const { signal } = new AbortController();
  const config = serverConfig();
  const request = { typeName: "acme_server", priorState: null, plannedState: config, config, plannedPrivate: noBytes };
  const answer = await server.applyResourceChange(request, signal);
  expect(errorsOf(answer)).toEqual([": Could not create acme_server"]);
  expect(answer.diagnostics[0]?.detail).toContain("was not configured");
  expect(answer.newState).toBeNull();
});

function error(summary: string, detail: string): Diagnostic {
  return { severity: "error", summary, detail };
}

/** What a provider without type checks might return. */
function cast(value: unknown): ReturnType<typeof settle> {
  return value as ReturnType<typeof settle>;
}
