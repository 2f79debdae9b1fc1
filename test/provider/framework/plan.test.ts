import { beforeEach, describe, expect, test } from "vitest";
import { attributePath, type Provider, unknown, type Value } from "../../../provider/framework/index.ts";
import { acme, emptyWorld, type ServerDefinition, serverResource, type World } from "./acme.ts";
import { type Core, errorsOf, serverConfig, startCore } from "./terraform-rules.ts";

let core: Core;
beforeEach(async () => {
  core = await startCore(acme(emptyWorld()));
});

const boot = { image: "img-1", volume: null, checksum: null };
const everything = {
  notes: ["a"],
  tags: { team: "x" },
  labels: ["b", "a"],
  password: "hunter2",
  boot,
  ports: [{ number: 80, address: null }],
  disks: { data: { gb: 5, device: null } },
};

describe("the plan of a create", () => {
  test("takes configured values, applies defaults, and leaves open what is computed", async () => {
    const { planned, requiresReplace } = await core.plan(null, serverConfig(everything));
    expect(planned).toEqual({
      ...serverConfig(everything),
      id: unknown,
      disk_gb: 10,
      zone: unknown,
      password: null,
      boot: { ...boot, checksum: unknown },
      ports: [{ number: 80, address: unknown }],
      disks: { data: { gb: 5, device: unknown } },
      revision: unknown,
      retired_at: unknown,
    });
    expect(requiresReplace).toEqual([]);
  });

  test("takes the configured value of an optional and computed attribute", async () => {
    expect((await core.plan(null, serverConfig({ zone: "b" }))).planned).toMatchObject({ zone: "b" });
  });

  test("keeps unknown what is configured as unknown, defaults or not", async () => {
    const { planned } = await core.plan(null, serverConfig({ disk_gb: unknown, tags: { a: unknown }, boot: unknown }));
    expect(planned).toMatchObject({ disk_gb: unknown, tags: { a: unknown }, boot: unknown });
  });

  test("applies defaults inside nested attributes and nulls write-only values there", async () => {
    const volume = { path: "/", mode: null, token: "hunter2" };
    const { planned } = await core.plan(null, serverConfig({ boot: { ...boot, image: null, volume } }));
    expect(planned).toMatchObject({ boot: { volume: { path: "/", mode: "rw", token: null } } });
  });
});

describe("the plan of an update", () => {
  test("is exactly the prior state when nothing changes", async () => {
    const state = await core.apply(null, serverConfig(everything));
    const again = await core.plan(state, serverConfig(everything));
    expect(again.planned).toEqual(state);
    expect(again.requiresReplace).toEqual([]);
  });

  test("is empty when only the order of a set or a write-only value differs", async () => {
    const state = await core.apply(null, serverConfig(everything));
    const config = serverConfig({ ...everything, labels: ["a", "b"], password: "other" });
    const { planned } = await planAsConfigured(config, state);
    expect(planned).toEqual(state);
  });

  test("leaves open what is computed once anything changes, but for what is kept on purpose", async () => {
    const state = await core.apply(null, serverConfig(everything));
    const { planned, requiresReplace } = await core.plan(state, serverConfig({ ...everything, name: "db" }));
    expect(planned).toMatchObject({
      id: "server-1",
      name: "db",
      zone: unknown,
      revision: unknown,
      retired_at: unknown,
      boot: { checksum: unknown },
      ports: [{ number: 80, address: "10.0.0.80" }],
      disks: { data: { device: unknown } },
    });
    expect(requiresReplace).toEqual([]);
  });

  test("keeps the prior value of an optional and computed attribute whose configuration was removed", async () => {
    const state = await core.apply(null, serverConfig({ zone: "b" }));
    expect((await core.plan(state, serverConfig())).planned).toEqual(state);
  });

  test("returns to the default when the configured value is removed", async () => {
    const state = await core.apply(null, serverConfig({ disk_gb: 50 }));
    expect((await core.plan(state, serverConfig({ disk_gb: null }))).planned).toMatchObject({ disk_gb: 10 });
  });

  test("leaves open what a new nested object computes", async () => {
    const state = await core.apply(null, serverConfig(everything));
    const ports = [...everything.ports, { number: 443, address: null }];
    const { planned } = await core.plan(state, serverConfig({ ...everything, ports }));
    expect(planned).toMatchObject({ ports: [{ address: "10.0.0.80" }, { address: unknown }] });
  });

  test("an unknown configured value is a change", async () => {
    const state = await core.apply(null, serverConfig());
    const { planned } = await core.plan(state, serverConfig({ name: unknown }));
    expect(planned).toMatchObject({ name: unknown, revision: unknown, id: "server-1" });
  });

  test("sends numbers in whatever form Terraform uses without seeing a change", async () => {
    const state = await core.apply(null, serverConfig({ disk_gb: 50 }));
    for (const disk_gb of [50n, "50", 50.0]) {
      expect((await planAsConfigured(serverConfig({ disk_gb }), state, { disk_gb })).planned).toEqual(state);
    }
  });
});

describe("a replacement", () => {
  test.each<[string, { readonly [name: string]: Value }, string[]]>([
    ["an attribute that always requires one", { region: "us" }, ["region"]],
    ["an unknown value of it", { region: unknown }, ["region"]],
    ["a condition that holds", { disk_gb: 20 }, ["disk_gb"]],
    ["a condition that does not", { disk_gb: 40 }, []],
    ["a nested attribute", { disks: { data: { gb: 6, device: null } } }, ['disks["data"].gb']],
    ["a new nested object", { disks: { ...everything.disks, log: { gb: 1, device: null } } }, ['disks["log"].gb']],
  ])("is planned for %s", async (_, change, expected) => {
    const before = { ...everything, disk_gb: 30 };
    const state = await core.apply(null, serverConfig(before));
    const { requiresReplace } = await core.plan(state, serverConfig({ ...before, ...change }));
    expect(requiresReplace).toEqual(expected);
  });

  test("plans everything computed anew when Terraform asks for the create half", async () => {
    const { planned, requiresReplace } = await core.plan(null, serverConfig({ region: "us" }));
    expect(planned).toMatchObject({ id: unknown, revision: unknown, region: "us" });
    expect(requiresReplace).toEqual([]);
  });
});

test("the plan of a destroy is null", async () => {
  const state = await core.apply(null, serverConfig());
  expect(await core.plan(state, null)).toEqual({ planned: null, requiresReplace: [], diagnostics: [] });
});

describe("a resource's own changes to the plan", () => {
  test("turn an empty plan into an update, a value or a replacement", async () => {
    const own = await modifying(({ action, state, markUnknown, setPlanned, requireReplace, diagnostics }) => {
      if (action !== "update" || state.name !== "stale") return;
      markUnknown("revision");
      setPlanned("retired_at", "2026-01-01");
      markUnknown(attributePath("boot", "checksum"));
      requireReplace("revision");
      diagnostics.warn("Stale", "It will be replaced.", attributePath("name"));
    });
    const config = serverConfig({ name: "stale", boot });
    const state = await own.apply(null, config);
    const { planned, requiresReplace, diagnostics } = await own.plan(state, config);
    expect(planned).toEqual({
      ...Object(state),
      revision: unknown,
      retired_at: "2026-01-01",
      boot: { ...boot, checksum: unknown },
    });
    expect(requiresReplace).toEqual(["revision"]);
    expect(diagnostics).toEqual([
      { severity: "warning", summary: "Stale", detail: "It will be replaced.", attribute: attributePath("name") },
    ]);
  });

  test.each<[string, ServerDefinition["modifyPlan"]]>([
    ["an attribute that is not computed", ({ markUnknown }) => markUnknown("name")],
    ["an attribute with a default", ({ markUnknown }) => markUnknown("disk_gb")],
    ["a configured attribute", ({ setPlanned }) => setPlanned("zone", "c")],
    ["what does not exist", ({ markUnknown }) => markUnknown(attributePath("boot", "nothing"))],
    ["a value of another type", ({ setPlanned }) => setPlanned("revision", JSON.parse('"one"'))],
    ["a replacement for nothing", ({ requireReplace }) => requireReplace(attributePath("nothing"))],
  ])("are refused for %s", async (_, modifyPlan) => {
    const own = await modifying(modifyPlan);
    expect(errorsOf(await own.plan(null, serverConfig({ zone: "b" })))).toEqual([": Could not plan acme_server"]);
  });

  test("see a destroy coming, may warn or fail, and cannot change it", async () => {
    const own = await modifying(async ({ action, plan, state, diagnostics }) => {
      if (action === "delete") diagnostics.warn(`Deleting ${state.id}`, `The plan is ${plan}.`);
    });
    const state = await own.apply(null, serverConfig());
    const { planned, diagnostics } = await own.plan(state, null);
    expect(planned).toBeNull();
    expect(diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`)).toEqual([
      "Deleting server-1: The plan is null.",
    ]);
  });

  test("run with what the practitioner configured, before and after", async () => {
    const seen: unknown[] = [];
    const own = await modifying(({ action, config, state, plan, client }) => {
      seen.push([action, config?.name, state?.name, plan?.name, client !== undefined]);
    });
    const state = await own.apply(null, serverConfig());
    await own.plan(state, serverConfig({ name: "db" }));
    expect(seen).toEqual([
      ["create", "web", undefined, "web", true],
      ["update", "db", "web", "db", true],
    ]);
  });
});

function modifying(modifyPlan: ServerDefinition["modifyPlan"]): Promise<Core> {
  const provider: Provider<World> = acme(emptyWorld(), serverResource(modifyPlan === undefined ? {} : { modifyPlan }));
  return startCore(provider);
}

/** Plans without this test's stand-in for Terraform's checks, which knows neither unordered sets nor other forms of numbers. */
async function planAsConfigured(
  config: { readonly [name: string]: Value },
  state: Value,
  proposed: { readonly [name: string]: Value } = {},
): Promise<{ planned: Value }> {
  const { id, revision, zone, retired_at, disk_gb, ports, disks, boot: booted } = Object(state);
  const proposedNewState = {
    ...config,
    id,
    revision,
    zone,
    retired_at,
    disk_gb,
    ports,
    disks,
    boot: booted,
    ...proposed,
  };
  const answer = await core.server.planResourceChange(
    {
      typeName: "acme_server",
      priorState: state,
      proposedNewState,
      config,
      priorPrivate: new Uint8Array(),
      clientCapabilities: { deferralAllowed: false, writeOnlyAttributesAllowed: true },
    },
    core.signal,
  );
  return { planned: answer.plannedState };
}
