import { describe, expect, test } from "vitest";
import {
  attribute,
  defineEphemeralResource,
  defineSchema,
  type EphemeralResourceDefinition,
  type ProviderServer,
  unknown,
  type Value,
} from "../../../provider/framework/index.ts";
import { configured, unconfigured } from "./single-provider.ts";
import { capabilities, errorsOf, noBytes } from "./terraform-rules.ts";

const leaseSchema = defineSchema({
  description: "A lease.",
  attributes: {
    name: attribute.string({ required: true, description: "Name." }),
    token: attribute.string({ computed: true, sensitive: true, description: "Token." }),
  },
});
/** What happened to leases, in order. */
type Events = string[];
type Lease = EphemeralResourceDefinition<typeof leaseSchema, Events>;

const { signal } = new AbortController();
const typeName = "acme_lease";
const written = { name: "ci", token: null };
const renewAt = new Date("2026-11-24T10:00:00.250Z");
const secret = "hunter2-lease";

function lease(handlers: Partial<Lease> = {}) {
  return defineEphemeralResource<typeof leaseSchema, Events>({
    typeName,
    schema: leaseSchema,
    open: async ({ config, client, privateState }) => {
      privateState.set("id", `lease-${config.name}`);
      client.push("open");
      return { result: { name: config.name, token: secret }, renewAt };
    },
    renew: async ({ client, privateState }) => {
      client.push(`renew ${privateState.get("id")}`);
      privateState.set("renewed", "yes");
      return { renewAt };
    },
    close: async ({ client, privateState }) => {
      client.push(`close ${privateState.get("id")}`);
    },
    ...handlers,
  });
}

/** What Terraform says of itself when it opens an ephemeral resource. */
const unsaid = { deferralAllowed: false, writeOnlyAttributesAllowed: false };

function open(server: ProviderServer, config: Value = written, clientCapabilities = unsaid) {
  return server.openEphemeralResource({ typeName, config, clientCapabilities }, signal);
}

async function start(handlers: Partial<Lease> = {}, endpoint?: Value) {
  const events: Events = [];
  const server = await configured(events, { ephemeralResources: [lease(handlers)] }, endpoint);
  return { events, server };
}

describe("an ephemeral resource", () => {
  test("is opened, renewed and closed, with nothing but its private state from one to the next", async () => {
    const { server, events } = await start();
    const opened = await open(server);
    expect(opened).toMatchObject({ result: { name: "ci", token: secret }, renewAt, diagnostics: [] });
    const renewed = await server.renewEphemeralResource({ typeName, private: opened.private }, signal);
    expect(renewed).toMatchObject({ renewAt, diagnostics: [] });
    expect(new TextDecoder().decode(renewed.private)).toBe('{"id":"lease-ci","renewed":"yes"}');
    expect(await server.closeEphemeralResource({ typeName, private: opened.private }, signal)).toEqual({
      diagnostics: [],
    });
    expect(events).toEqual(["open", "renew lease-ci", "close lease-ci"]);
  });

  test("needs neither renewal nor closing", async () => {
    const plain = defineEphemeralResource<typeof leaseSchema, Events>({
      typeName,
      schema: leaseSchema,
      open: async () => ({ result: { name: "ci", token: secret } }),
    });
    const server = await configured<Events>([], { ephemeralResources: [plain] });
    const opened = await open(server);
    expect(opened.renewAt).toBeUndefined();
    expect(errorsOf(await server.closeEphemeralResource({ typeName, private: opened.private }, signal))).toEqual([]);
  });

  test("is validated by its schema", async () => {
    const server = unconfigured<Events>([], { ephemeralResources: [lease()] });
    const config = { name: null, token: "mine" };
    expect(errorsOf(await server.validateEphemeralResourceConfig({ typeName, config }, signal))).toEqual([
      "name: Missing required attribute",
      "token: Attribute cannot be set",
    ]);
  });

  test.each<[string, Value, Value]>([
    ["provider's", unknown, written],
    ["own", "https://acme", { name: unknown, token: null }],
  ])(
    "is not opened while the %s configuration is unknown: its result is unknown, and nothing is closed",
    async (_, endpoint, config) => {
      const { server, events } = await start({}, endpoint);
      const opened = await open(server, config);
      expect(opened).toMatchObject({ result: { token: unknown }, diagnostics: [] });
      expect(opened.renewAt).toBeUndefined();
      expect(await server.closeEphemeralResource({ typeName, private: opened.private }, signal)).toEqual({
        diagnostics: [],
      });
      expect(events).toEqual([]);
    },
  );

  test("is refused with what to do where the engine takes no unknown result, as OpenTofu", async () => {
    const { server, events } = await start({}, unknown);
    const refused = await open(server, written, capabilities);
    expect(errorsOf(refused)).toEqual([": Could not open acme_lease"]);
    expect(refused.diagnostics[0]?.detail).toContain("depends_on");
    expect(events).toEqual([]);
  });

  test("of a provider that is not configured is refused", async () => {
    const server = unconfigured<Events>([], { ephemeralResources: [lease()] });
    expect(errorsOf(await open(server))).toEqual([": Could not open acme_lease"]);
  });
});

describe("what was made is taken back at once when opening fails", () => {
  test.each<[string, Lease["open"]]>([
    [
      "by a throw",
      async ({ privateState }) => {
        privateState.set("id", "half");
        throw new Error("The line was cut.");
      },
    ],
    [
      "by a reported error",
      async ({ privateState, diagnostics }) => {
        privateState.set("id", "half");
        diagnostics.error("No", "Not today.");
        return { result: { name: "ci", token: secret } };
      },
    ],
    [
      "by a result that does not fit",
      async ({ privateState }) => {
        privateState.set("id", "half");
        return { result: { name: "another", token: secret } };
      },
    ],
    [
      "by a time that is none",
      async ({ privateState }) => {
        privateState.set("id", "half");
        return { result: { name: "ci", token: secret }, renewAt: new Date(Number.NaN) };
      },
    ],
  ])("%s", async (_, failing) => {
    const { server, events } = await start({ open: failing });
    const opened = await open(server);
    expect(opened.result).toBeNull();
    expect(errorsOf(opened)).toHaveLength(1);
    expect(events).toEqual(["close half"]);
  });

  test("and not when nothing was made", async () => {
    const { server, events } = await start({ open: async () => Promise.reject(new Error("Refused.")) });
    expect(errorsOf(await open(server))).toEqual([": Could not open acme_lease"]);
    expect(events).toEqual([]);
  });
});

describe("the secrets of a result", () => {
  test("are withheld from the diagnostics of its call", async () => {
    const { server } = await start({
      open: async ({ diagnostics }) => {
        diagnostics.warn(`Made ${secret}`, `It is ${secret}.`);
        return { result: { name: "ci", token: secret } };
      },
    });
    const { diagnostics } = await open(server);
    expect(diagnostics).toEqual([
      { severity: "warning", summary: "Made (sensitive value)", detail: "It is (sensitive value)." },
    ]);
  });

  test("are withheld also when the result does not fit", async () => {
    const { server } = await start({
      open: async ({ diagnostics }) => {
        diagnostics.warn("Made", `It is ${secret}.`);
        return { result: { name: secret, token: secret } };
      },
    });
    expect(JSON.stringify((await open(server)).diagnostics)).not.toContain(secret);
  });
});

describe("after Terraform asked to stop", () => {
  test("a close gets a signal that is not aborted, an open one that is", async () => {
    const seen: [string, boolean][] = [];
    const { server } = await start({
      open: async (request) => {
        seen.push(["open", request.signal.aborted]);
        request.privateState.set("id", "late");
        request.signal.throwIfAborted();
        return { result: { name: "ci", token: secret } };
      },
      close: async (request) => {
        seen.push(["close", request.signal.aborted]);
      },
    });
    await server.stop();
    const opened = await open(server);
    expect(opened.diagnostics[0]?.detail).toContain("cancelled");
    await server.closeEphemeralResource({ typeName, private: noBytes }, signal);
    expect(seen).toEqual([
      ["open", true],
      ["close", false],
      ["close", false],
    ]);
  });
});

describe("when the provider ends", () => {
  test("what is still open is closed once, also after a stop, and a failure of that ends nothing", async () => {
    const { server, events } = await start({
      close: async ({ client, privateState, signal: own }) => {
        client.push(`close ${privateState.get("id")} ${own.aborted ? "too late" : "in time"}`);
        throw new Error("It is gone.");
      },
    });
    const first = await open(server);
    await open(server, { ...written, name: "cd" });
    await server.closeEphemeralResource({ typeName, private: first.private }, signal);
    await server.stop();
    await server.close();
    await server.close();
    expect(events).toEqual(["open", "open", "close lease-ci in time", "close lease-cd in time"]);
  });

  test("what was never opened is not closed", async () => {
    const { server, events } = await start({}, unknown);
    await open(server);
    await server.close();
    expect(events).toEqual([]);
  });
});

describe("a renewal", () => {
  test("that fails says so and leaves the private state as it was", async () => {
    const { server } = await start({
      renew: async ({ privateState }) => {
        privateState.set("id", "other");
        throw new Error("Too late.");
      },
    });
    const { private: bytes } = await open(server);
    const renewed = await server.renewEphemeralResource({ typeName, private: bytes }, signal);
    expect(renewed).toMatchObject({ private: bytes, diagnostics: [{ detail: "Too late." }] });
  });

  test("may be the last one", async () => {
    const { server } = await start({ renew: async () => undefined });
    const renewed = await server.renewEphemeralResource({ typeName, private: noBytes }, signal);
    expect(renewed.diagnostics).toEqual([]);
    expect(renewed.renewAt).toBeUndefined();
  });

  test("that nothing answers to is a bug of the provider", async () => {
    const { renew, ...rest } = lease();
    expect(renew).toBeDefined();
    const server = await configured<Events>([], { ephemeralResources: [{ ...rest, renew: undefined }] });
    const opened = await open(server);
    expect(opened.result).toBeNull();
    expect(opened.diagnostics[0]?.detail).toContain("cannot be renewed");
  });
});
