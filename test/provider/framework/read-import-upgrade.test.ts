import { describe, expect, test } from "vitest";
import {
  attribute,
  createProviderServer,
  defineResource,
  defineSchema,
  unknown,
  type Value,
} from "../../../provider/framework/index.ts";
import { acme, emptyWorld, type ServerDefinition, serverResource, type World } from "./acme.ts";
import { type Core, capabilities, errorsOf, noBytes, serverConfig, startCore } from "./terraform-rules.ts";

async function startWith(handlers: Partial<ServerDefinition> = {}, world: World = emptyWorld()): Promise<Core> {
  return startCore(acme(world, serverResource(handlers)));
}

function read({ server, signal }: Core, currentState: Value, privateBytes: Uint8Array = noBytes) {
  const request = { typeName: "acme_server", currentState, private: privateBytes, clientCapabilities: capabilities };
  return server.readResource(request, signal);
}

describe("read", () => {
  test("answers the state as it is now, and null when the resource is gone", async () => {
    const world = emptyWorld();
    const core = await startWith({}, world);
    const state = await core.apply(null, serverConfig());
    for (const [id, server] of world.servers) world.servers.set(id, { ...server, name: "renamed" });
    expect(await read(core, state)).toEqual({
      newState: { ...Object(state), name: "renamed" },
      private: noBytes,
      newIdentity: null,
      diagnostics: [],
    });
    world.servers.clear();
    expect(await read(core, state)).toEqual({ newState: null, private: noBytes, newIdentity: null, diagnostics: [] });
  });

  test.each<[string, ServerDefinition["read"]]>([
    ["throws", async () => Promise.reject(new Error("401"))],
    [
      "reports an error",
      async ({ diagnostics }) => {
        diagnostics.error("No answer", "Try again.");
        return null;
      },
    ],
    ["returns nonsense", async () => JSON.parse("{}")],
  ])("keeps the last state when the handler %s", async (_, handler) => {
    const core = await startWith({ read: handler });
    const state = await core.apply(null, serverConfig());
    const answer = await read(core, state, new Uint8Array([1]));
    expect(errorsOf(answer).length).toBeGreaterThan(0);
    expect(answer).toMatchObject({ newState: state, private: new Uint8Array([1]) });
  });

  test("updates private state", async () => {
    const core = await startWith({
      read: async ({ state, privateState }) => {
        privateState.set("seen", "yes");
        return state;
      },
    });
    const answer = await read(core, await core.apply(null, serverConfig()));
    expect(new TextDecoder().decode(answer.private)).toBe('{"seen":"yes"}');
  });
});

describe("import", () => {
  async function importId({ server, signal }: Core, id: string) {
    return server.importResourceState({ typeName: "acme_server", id, clientCapabilities: capabilities }, signal);
  }

  test("answers the whole state, and the plan for a matching configuration is empty", async () => {
    const core = await startWith();
    const state = await core.apply(null, serverConfig());
    const answer = await importId(core, "server-1");
    expect(answer).toEqual({
      importedResources: [{ typeName: "acme_server", state, private: noBytes, identity: null }],
      diagnostics: [],
    });
    expect((await core.plan(answer.importedResources[0]?.state ?? null, serverConfig())).planned).toEqual(state);
  });

  test("of what does not exist names the id", async () => {
    const { diagnostics, importedResources } = await importId(await startWith(), "nobody");
    expect(importedResources).toEqual([]);
    expect(diagnostics[0]?.detail).toContain('"nobody"');
  });

  test("of a resource type without import says so", async () => {
    const { importState: _, ...withoutImport } = serverResource();
    const core = await startCore(acme(emptyWorld(), { ...withoutImport, importState: undefined }));
    expect((await importId(core, "a")).diagnostics[0]?.detail).toContain("cannot be imported");
  });

  test("of a bad id is the handler's own diagnostic", async () => {
    const core = await startWith({
      importState: async ({ id }) => Promise.reject(new Error(`${id} is no server id.`)),
    });
    expect((await importId(core, "x y")).diagnostics[0]?.detail).toBe("x y is no server id.");
  });
});

describe("a state from the state file", () => {
  const schema = defineSchema({
    description: "A counter.",
    attributes: {
      total: attribute.number({ computed: true, big: true, description: "Total." }),
      ratio: attribute.number({ computed: true, nullable: true, description: "Ratio." }),
    },
  });
  const counter = defineResource<typeof schema, World>({
    typeName: "acme_counter",
    schema,
    create: async () => ({ total: 0, ratio: null }),
    read: async ({ state }) => state,
    update: async ({ state }) => state,
    delete: async () => {},
  });
  const { signal } = new AbortController();

  async function upgrade(typeName: string, version: number | bigint, json: string | undefined) {
    const server = createProviderServer(acme(emptyWorld(), typeName === "acme_counter" ? counter : serverResource()));
    const rawStateJson = json === undefined ? undefined : new TextEncoder().encode(json);
    return server.upgradeResourceState({ typeName, version, rawStateJson }, signal);
  }

  test("of the same version is taken as it is, with integers beyond 2^53 exact", async () => {
    const answer = await upgrade("acme_counter", 0n, '{"total": 18446744073709551615, "ratio": 0.25}');
    expect(answer).toEqual({ upgradedState: { total: 18446744073709551615n, ratio: 0.25 }, diagnostics: [] });
  });

  test("loses attributes that no longer exist and gets null for new ones", async () => {
    expect(await upgrade("acme_counter", 0, '{"total": 1, "gone": {"deep": true}}')).toEqual({
      upgradedState: { total: 1, ratio: null },
      diagnostics: [],
    });
  });

  test("of an older version goes through every upgrader on the way", async () => {
    const { upgradedState } = await upgrade("acme_server", 0, '{"title": "web", "size": "big", "region": "eu"}');
    expect(upgradedState).toMatchObject({ name: "web", size: "large", region: "eu", id: null });
    const { upgradedState: fromOne } = await upgrade("acme_server", 1, '{"name": "web", "size": "tiny"}');
    expect(fromOne).toMatchObject({ name: "web", size: "small" });
  });

  test.each<[string, number, string | undefined, string]>([
    ["of a newer version", 3, "{}", "newer version"],
    ["of Terraform 0.11", 2, undefined, "0.11"],
    ["that is not JSON", 2, "{", "JSON object"],
    ["that is not an object", 2, "[]", "JSON object"],
    ["that does not fit", 2, '{"notes": "a"}', "A list is required"],
  ])("%s is refused with an explanation", async (_, version, json, text) => {
    const answer = await upgrade("acme_server", version, json);
    expect(answer.upgradedState).toBeNull();
    expect(answer.diagnostics[0]?.detail).toContain(text);
  });

  test("whose upgrader fails is a diagnostic", async () => {
    const { upgraders: _, ...rest } = serverResource();
    const failing = [0, 1].map((from) => ({
      from,
      upgrade: () => {
        throw new Error("no title");
      },
    }));
    const server = createProviderServer(acme(emptyWorld(), { ...rest, upgraders: failing }));
    const request = { typeName: "acme_server", version: 0, rawStateJson: new TextEncoder().encode("{}") };
    expect((await server.upgradeResourceState(request, signal)).diagnostics[0]?.detail).toBe("no title");
  });
});

describe("a provider whose configuration is not known yet", () => {
  async function startUnknown(handlers: Partial<ServerDefinition> = {}) {
    const server = createProviderServer(acme(emptyWorld(), serverResource(handlers)));
    const { signal } = new AbortController();
    const config = { endpoint: unknown, api_token: unknown };
    const request = { terraformVersion: "1.11.4", config, clientCapabilities: capabilities };
    expect((await server.configureProvider(request, signal)).diagnostics).toEqual([]);
    return { server, signal };
  }
  const state = { ...serverConfig(), id: "a", zone: "z", disk_gb: 10, labels: ["plain"], revision: 1 };

  test("keeps the last state on read, with a warning", async () => {
    const { server, signal } = await startUnknown();
    const request = {
      typeName: "acme_server",
      currentState: state,
      private: noBytes,
      clientCapabilities: capabilities,
    };
    const answer = await server.readResource(request, signal);
    expect(answer.newState).toEqual(state);
    expect(answer.diagnostics.map(({ severity }) => severity)).toEqual(["warning"]);
  });

  test("plans without a client", async () => {
    const clients: unknown[] = [];
    const { server, signal } = await startUnknown({ modifyPlan: ({ client }) => void clients.push(client) });
    const config = serverConfig();
    const answer = await server.planResourceChange(
      {
        typeName: "acme_server",
        priorState: null,
        proposedNewState: config,
        config,
        priorPrivate: noBytes,
        clientCapabilities: capabilities,
      },
      signal,
    );
    expect(errorsOf(answer)).toEqual([]);
    expect(clients).toEqual([undefined]);
  });

  test("refuses to apply and to import, and says what to do", async () => {
    const { server, signal } = await startUnknown();
    const config = serverConfig();
    const applied = await server.applyResourceChange(
      { typeName: "acme_server", priorState: null, plannedState: config, config, plannedPrivate: noBytes },
      signal,
    );
    expect(applied.diagnostics[0]?.detail).toContain("not known yet");
    const imported = await server.importResourceState(
      { typeName: "acme_server", id: "a", clientCapabilities: capabilities },
      signal,
    );
    expect(imported.diagnostics[0]?.detail).toContain("not known yet");
  });
});
