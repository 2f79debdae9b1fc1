import { describe, expect, test } from "vitest";
import { emptyWorld, type ServerDefinition, settle } from "./acme.ts";
import { errorsOf, noBytes, serverConfig, startWith } from "./terraform-rules.ts";

const privateState = new TextEncoder().encode('{"etag":"1"}');

/** Moves a machine to a server with these movers. */
async function move(moveState: ServerDefinition["moveState"], source: object = {}) {
  const { server, signal } = await startWith({ ...(moveState && { moveState }) });
  const request = {
    targetTypeName: "acme_server",
    sourceTypeName: "acme_machine",
    sourceProviderAddress: "registry.terraform.io/acme/acme",
    sourceSchemaVersion: 3,
    sourceStateJson: new TextEncoder().encode('{"uid":"m-1","disk":9007199254740993}'),
    sourcePrivate: privateState,
    ...source,
  };
  return server.moveResourceState(request, signal);
}

async function someState() {
  const world = emptyWorld();
  const core = await startWith({ create: async ({ plan }) => settle(plan, "a", 1) }, world);
  const state: ReturnType<typeof settle> = JSON.parse(JSON.stringify(await core.apply(null, serverConfig())));
  return state;
}

describe("a moved block across types", () => {
  test("turns the state as it lies in the file into one of the target's schema, and keeps private state", async () => {
    const state = await someState();
    const seen: unknown[] = [];
    const fromMachine = {
      fromTypeName: "acme_machine",
      move: (request: { readonly state: { readonly [name: string]: unknown } }) => {
        seen.push(request);
        return { ...state, id: String(request.state["uid"]) };
      },
    };
    const answer = await move([fromMachine]);
    expect(answer.diagnostics).toEqual([]);
    expect(answer.targetState).toMatchObject({ id: "m-1", name: "web" });
    expect(answer.targetPrivate).toEqual(privateState);
    expect(seen).toEqual([
      {
        typeName: "acme_machine",
        providerAddress: "registry.terraform.io/acme/acme",
        schemaVersion: 3,
        state: { uid: "m-1", disk: 9007199254740993n },
      },
    ]);
  });

  test("goes to the mover of the source's provider, whose private state is left behind", async () => {
    const state = await someState();
    const from = (fromProvider: string) => ({
      fromTypeName: "acme_machine",
      fromProvider,
      move: () => ({ ...state, name: fromProvider }),
    });
    const answer = await move([from("other/acme"), from("acme/acme")]);
    expect(answer).toMatchObject({ targetState: { name: "acme/acme" }, targetPrivate: noBytes });
  });

  test("is refused from a type nobody moves, with what to do", async () => {
    const { diagnostics, targetState } = await move(undefined);
    expect(targetState).toBeNull();
    expect(diagnostics[0]).toMatchObject({ severity: "error", summary: "Could not move acme_machine to acme_server" });
    expect(diagnostics[0]?.detail).toContain("Remove the moved block.");
  });

  test("shows no secret of the state that its mover quotes: none under the name of a sensitive or write-only attribute", async () => {
    const quoting = {
      fromTypeName: "acme_machine",
      move: ({ state }: { readonly state: unknown }) => {
        throw new Error(`Cannot move ${JSON.stringify(state)}.`);
      },
    };
    const stored = { uid: "m-1", api_key: "canary-api", nested: [{ password: "canary-password" }] };
    const sourceStateJson = new TextEncoder().encode(JSON.stringify(stored));
    const { diagnostics } = await move([quoting], { sourceStateJson });
    expect(diagnostics[0]?.detail).toContain('"uid":"m-1"');
    expect(JSON.stringify(diagnostics)).not.toContain("canary");
  });

  test("that fails says why, and a state that does not fit is a bug in the provider", async () => {
    const throwing = {
      fromTypeName: "acme_machine",
      move: () => {
        throw new Error("It is on fire.");
      },
    };
    expect((await move([throwing])).diagnostics[0]?.detail).toBe("It is on fire.");
    const misfit = { fromTypeName: "acme_machine", move: () => JSON.parse('{"id":1}') };
    const answer = await move([misfit]);
    expect(answer.targetState).toBeNull();
    expect(errorsOf(answer)).toContain("id: Invalid new state of acme_server");
    const broken = await move([misfit], { sourceStateJson: new TextEncoder().encode("[") });
    expect(errorsOf(broken)).toEqual([": Could not move acme_machine to acme_server"]);
  });
});
