import { describe, expect, test } from "vitest";
import { defineIdentity, type Value } from "../../../provider/framework/index.ts";
import { emptyWorld, type ServerDefinition, type ServerState, serverSchema, settle, type World } from "./acme.ts";
import { capabilities, errorsOf, noBytes, serverConfig, startWith } from "./terraform-rules.ts";

const typeName = "acme_server";
const attributes = {
  id: { type: "string", requiredForImport: true, description: "Id." },
  region: { type: "string", optionalForImport: true, description: "Region." },
} as const;
const identity = defineIdentity({
  schema: serverSchema,
  version: 1,
  attributes,
  of: ({ id, region }) => ({ id, region }),
  importId: ({ id }) => id,
  upgraders: [{ from: 0, upgrade: ({ uid }) => ({ id: uid ?? null, region: "eu" }) }],
});

/** Terraform driving a server type with an identity. */
const start = (handlers: Partial<ServerDefinition> = {}, world: World = emptyWorld()) =>
  startWith({ identity, ...handlers }, world);
type Driven = Awaited<ReturnType<typeof start>>;

async function create({ server, signal, plan }: Driven) {
  const config = serverConfig();
  const { planned } = await plan(null, config);
  const change = { typeName, priorState: null, plannedState: planned, config, plannedPrivate: noBytes };
  return server.applyResourceChange({ ...change, plannedIdentity: null }, signal);
}

const read = ({ server, signal }: Driven, currentState: Value, currentIdentity: Value) =>
  server.readResource(
    { typeName, currentState, currentIdentity, private: noBytes, clientCapabilities: capabilities },
    signal,
  );

const importBy = ({ server, signal }: Driven, given: { readonly id?: string; readonly identity?: Value }) =>
  server.importResourceState(
    { typeName, id: given.id ?? "", identity: given.identity ?? null, clientCapabilities: capabilities },
    signal,
  );

describe("the identity of a resource", () => {
  test("is told by its schema, with what an import needs", async () => {
    const { server, signal } = await start();
    expect(await server.getResourceIdentitySchemas(signal)).toEqual({
      identitySchemas: {
        acme_server: {
          version: 1,
          attributes: [
            { name: "id", type: "string", requiredForImport: true, optionalForImport: false, description: "Id." },
            {
              name: "region",
              type: "string",
              requiredForImport: false,
              optionalForImport: true,
              description: "Region.",
            },
          ],
        },
      },
      diagnostics: [],
    });
  });

  test("comes with every create, read, plan and update", async () => {
    const driven = await start();
    const created = await create(driven);
    const expected = { id: "server-1", region: "eu" };
    expect(created).toMatchObject({ newIdentity: expected, diagnostics: [] });
    expect(await read(driven, created.newState, expected)).toMatchObject({ newIdentity: expected, diagnostics: [] });

    const config = serverConfig({ name: "db" });
    const { plannedState, plannedIdentity } = await driven.server.planResourceChange(
      {
        typeName,
        priorState: created.newState,
        priorIdentity: expected,
        proposedNewState: { ...Object(created.newState), name: "db" },
        config,
        priorPrivate: noBytes,
        clientCapabilities: capabilities,
      },
      driven.signal,
    );
    expect(plannedIdentity).toEqual(expected);
    const change = { typeName, priorState: created.newState, plannedState, config, plannedPrivate: noBytes };
    const updated = await driven.server.applyResourceChange({ ...change, plannedIdentity }, driven.signal);
    expect(updated).toMatchObject({ newState: { name: "db" }, newIdentity: expected, diagnostics: [] });

    const destroy = { ...change, priorState: updated.newState, plannedState: null, config: null };
    const destroyed = await driven.server.applyResourceChange({ ...destroy, plannedIdentity }, driven.signal);
    expect(destroyed).toMatchObject({ newState: null, newIdentity: null, diagnostics: [] });
  });

  test("comes with what a failed create left behind", async () => {
    const driven = await start({
      create: async ({ plan, saveState }) => {
        saveState(settle(plan, "half", 1));
        throw new Error("No disk.");
      },
    });
    expect(await create(driven)).toMatchObject({ newState: { id: "half" }, newIdentity: { id: "half" } });
  });

  test("is given to a resource recorded before there were identities", async () => {
    const driven = await start();
    const { newState } = await create(driven);
    const answer = await read(driven, newState, null);
    expect(answer).toMatchObject({ newIdentity: { id: "server-1", region: "eu" }, diagnostics: [] });
    const nulls = { id: null, region: null };
    expect(await read(driven, newState, nulls)).toMatchObject({ newIdentity: { id: "server-1" }, diagnostics: [] });
  });

  test("that changes is refused as a bug in the provider, and state and identity stay", async () => {
    const driven = await start({ read: async ({ state }) => ({ ...state, region: "us" }) });
    const { newState, newIdentity } = await create(driven);
    const answer = await read(driven, newState, newIdentity);
    expect(errorsOf(answer)).toEqual([": Invalid identity of acme_server"]);
    expect(answer.diagnostics[0]?.detail).toContain("This is a bug in the provider");
    expect(answer).toMatchObject({ newState, newIdentity });
  });

  test("may change when it says so", async () => {
    const moving = defineIdentity({ ...identityOptions(), mutable: true });
    const driven = await start({ identity: moving, read: async ({ state }) => ({ ...state, region: "us" }) });
    const { newState, newIdentity } = await create(driven);
    const answer = await read(driven, newState, newIdentity);
    expect(answer).toMatchObject({ newState: { region: "us" }, newIdentity: { region: "us" }, diagnostics: [] });
  });

  test("without a part that an import requires is a bug in the provider", async () => {
    const driven = await start({
      identity: defineIdentity({ ...identityOptions(), of: () => JSON.parse('{"id":null}') }),
    });
    expect(errorsOf(await create(driven))).toEqual([": Invalid identity of acme_server"]);
  });

  test("of an older version is upgraded, and one of a newer version is refused", async () => {
    const { server, signal } = await start();
    const upgrade = (version: number, json: string) =>
      server.upgradeResourceIdentity({ typeName, version, rawIdentityJson: new TextEncoder().encode(json) }, signal);
    expect(await upgrade(0, '{"uid":"a"}')).toEqual({ upgradedIdentity: { id: "a", region: "eu" }, diagnostics: [] });
    expect(await upgrade(1, '{"id":"a","region":"us","old":1}')).toEqual({
      upgradedIdentity: { id: "a", region: "us" },
      diagnostics: [],
    });
    expect(errorsOf(await upgrade(2, "{}"))).toEqual([": Could not upgrade the identity of acme_server"]);
    expect(errorsOf(await upgrade(1, "[]"))).toEqual([": Could not upgrade the identity of acme_server"]);
    expect(errorsOf(await upgrade(1, '{"id":{}}'))).toEqual([": Could not upgrade the identity of acme_server"]);
  });

  test("of a type that has none is no part of any answer", async () => {
    const driven = await startWith({});
    expect(await driven.server.getResourceIdentitySchemas(driven.signal)).toEqual({
      identitySchemas: {},
      diagnostics: [],
    });
    expect(await create(driven)).toMatchObject({ newIdentity: null, diagnostics: [] });
  });

  test("is refused when nothing of it is required, or an upgrader is missing", () => {
    const optional = { id: { type: "string", optionalForImport: true, description: "Id." } } as const;
    expect(() => defineIdentity({ ...identityOptions(), attributes: optional, of: () => ({ id: null }) })).toThrow(
      "requires",
    );
    expect(() => defineIdentity({ ...identityOptions(), version: 1 })).toThrow("from version 0");
  });
});

describe("an import by identity", () => {
  test("finds what an import by id finds", async () => {
    const driven = await start();
    await create(driven);
    const byId = await importBy(driven, { id: "server-1" });
    expect(byId.importedResources[0]).toMatchObject({ typeName, identity: { id: "server-1", region: "eu" } });
    for (const region of ["eu", null]) {
      expect(await importBy(driven, { identity: { id: "server-1", region } })).toEqual(byId);
    }
  });

  test("is refused without what it requires, and when what is found is another", async () => {
    const driven = await start();
    await create(driven);
    const incomplete = await importBy(driven, { identity: { id: null, region: "eu" } });
    expect(incomplete.diagnostics[0]?.detail).toBe("The identity is not complete. It has no id.");
    const other = await importBy(driven, { identity: { id: "server-1", region: "us" } });
    expect(other.importedResources).toEqual([]);
    expect(other.diagnostics[0]?.detail).toContain("another identity than the one asked for");
    expect(errorsOf(await importBy(driven, { identity: { id: "server-9", region: null } }))).toHaveLength(1);
  });
});

function identityOptions() {
  return {
    schema: serverSchema,
    attributes,
    of: ({ id, region }: ServerState) => ({ id, region }),
    importId: ({ id }: { readonly id: string }) => id,
  };
}
