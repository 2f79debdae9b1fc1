/** Data sources, ephemeral resources and functions as a real Terraform uses them. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testedEngine } from "../../support/engine.ts";
import { type AcmeWorkspace, createAcmeWorkspace } from "./acme-workspace.ts";
import { fingerprint } from "./fixtures/acme-provider.ts";
import { leaseCanary } from "./fixtures/acme-readings.ts";
import { until } from "./plugin-host.ts";

const limitMs = 120_000;

const item = (name: string, attributes = "") =>
  `resource "acme_item" "${name}" {\n  name = "${name}"\n  ${attributes}\n}\n`;
const itemData = (name: string, attributes = "") =>
  `data "acme_item" "${name}" {\n  name = "${name}"\n  ${attributes}\n}\n`;
const lease = (name: string, attributes = "") =>
  `ephemeral "acme_lease" "${name}" {\n  name = "${name}"\n  ${attributes}\n}\n`;
const output = (name: string, value: string) => `output "${name}" {\n  value = ${value}\n}\n`;

/** Applies with everything logged, and finds the canary of leases nowhere. */
async function applyWatched(workspace: AcmeWorkspace): Promise<string> {
  const environment = { TF_LOG: "trace", TF_LOG_PATH: join(workspace.folder, "trace.log") };
  const planned = await workspace.runWith({ environment }, "plan", "-out=saved.tfplan");
  expect(planned.exitCode, planned.output).toBe(0);
  const applied = await workspace.runWith({ environment }, "apply", "saved.tfplan");
  expect(applied.exitCode, applied.output).toBe(0);
  expect([...(await workspace.files()).keys()].some((path) => path.endsWith("trace.log"))).toBe(true);
  expect(await workspace.placesOf(leaseCanary)).toEqual([]);
  return applied.output;
}

describe("a data source", () => {
  test("is read when its configuration is known, during apply when it is not, and settles", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(
      item("one", 'text = "hi"') +
        'data "acme_item" "one" {\n  name = acme_item.one.text == null ? "" : split("-", acme_item.one.id)[1]\n}\n' +
        output("sum", "data.acme_item.one.checksum"),
    );
    const planned = await workspace.run("plan");
    expect(planned.output).toMatch(/data "acme_item" "one"/);
    await workspace.apply();
    expect(await workspace.outputs()).toEqual({ sum: "sum of hi" });
    expect(await workspace.state("data.acme_item.one")).toMatchObject({ name: "one", text: "hi" });
    await workspace.expectEmptyPlan();
  });

  test("that is missing, or misnamed, is an error at its attribute", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(itemData("none"));
    expect(await workspace.expectError(/No such item/, "plan")).toMatch(/with data\.acme_item\.none,.*name = "none"/);
    await workspace.write('data "acme_item" "none" {\n  name = "n one"\n}\n');
    expect(await workspace.expectError(/No spaces/, "validate")).toMatch(/with data\.acme_item\.none/);
  });
});

describe("a function", () => {
  test("is called without the provider being configured", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(output("said", 'provider::acme::shout("hi", 1, 2)'));
    await workspace.apply();
    expect(await workspace.outputs()).toEqual({ said: "HI!!!" });
    await workspace.expectEmptyPlan();
  });

  test("that refuses an argument points at it", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(output("said", 'provider::acme::shout("hi", 1, -2)'));
    const text = await workspace.expectError(/Invalid value for "counts" parameter: A count must not be negative\./);
    expect(text).toContain("on main.tf line");
  });

  test("of what is known only after apply is known after apply, too", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("one") + output("said", "provider::acme::shout(acme_item.one.checksum)"));
    expect((await workspace.run("plan")).output).toMatch(/said += \(known after apply\)/);
    await workspace.apply();
    expect(await workspace.outputs()).toEqual({ said: "SUM OF NOTHING!" });
  });
});

describe("an ephemeral resource", () => {
  test("reaches a write-only attribute, is closed as often as opened, and is in no state, plan or TRACE log", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(lease("one") + item("one", "password = ephemeral.acme_lease.one.token"));
    await applyWatched(workspace);
    expect(workspace.events("password-")).toEqual([`password-${fingerprint(`${leaseCanary}-one`)}`]);
    const opened = workspace.events("opened-one");
    expect(opened).toHaveLength(2); // once in the plan, once in the apply
    expect(workspace.events("returned-one")).toEqual(opened.map((event) => event.replace("opened", "returned")));
    await workspace.expectEmptyPlan();
  });

  test("configures another provider, whose log does not show it either", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const leased = 'provider "acme" {\n  alias = "leased"\n  token = ephemeral.acme_lease.one.token\n}\n';
    await workspace.write(lease("one") + leased + item("one", "provider = acme.leased"));
    await applyWatched(workspace);
    expect(workspace.events("token-")).toEqual([`token-${fingerprint(`${leaseCanary}-one`)}`]);
    expect(workspace.events("returned-one")).toHaveLength(workspace.events("opened-one").length);
  });

  test("is renewed while it is in use", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const slow = item("slow", "password = ephemeral.acme_lease.one.token\n  delay_ms = 1500");
    await workspace.write(lease("one", "renew_after_ms = 300") + slow);
    await applyWatched(workspace);
    expect(workspace.happened("renewed-one")).toBe(true);
    expect(workspace.events("returned-one")).toHaveLength(workspace.events("opened-one").length);
  });

  test("is closed although the apply fails", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const failing = item("bad", 'password = ephemeral.acme_lease.one.token\n  misbehave = "refuse"');
    await workspace.write(lease("one") + failing);
    await workspace.expectError(/Refused\./);
    expect(workspace.events("opened-one")).toHaveLength(2);
    expect(workspace.events("returned-one")).toHaveLength(2);
    expect(await workspace.placesOf(leaseCanary)).toEqual([]);
  });

  test("is closed although Ctrl-C stopped the provider before", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const waiting = item("slow", 'password = ephemeral.acme_lease.one.token\n  misbehave = "wait"');
    await workspace.write(lease("one") + waiting);
    let terraform: ChildProcess | undefined;
    const onStart = (child: ChildProcess) => {
      terraform = child;
    };
    const running = workspace.runWith({ onStart }, "apply");
    await until(() => workspace.happened("creating-slow"));
    if (terraform?.pid === undefined) throw new Error("Terraform did not start.");
    process.kill(-terraform.pid, "SIGINT");
    const { output: text } = await running;
    expect(text).toContain("Interrupt received");
    expect(workspace.events("returned-one"), text).toHaveLength(2);
  });

  test("is closed by the provider when Terraform is killed", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const slow = item("slow", "password = ephemeral.acme_lease.one.token\n  delay_ms = 1000");
    await workspace.write(lease("one") + slow);
    let terraform: ChildProcess | undefined;
    const onStart = (child: ChildProcess) => {
      terraform = child;
    };
    const running = workspace.runWith({ onStart }, "apply");
    await until(() => workspace.happened("creating-slow"));
    terraform?.kill("SIGKILL");
    await running;
    expect(await workspace.processes()).toEqual([]);
    expect(workspace.happened("created-slow")).toBe(true);
    expect(workspace.events("returned-one")).toHaveLength(2);
  });

  test("that fails to open has given back what it took, and shows no secret", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(lease("one", "broken = true") + item("one", "password = ephemeral.acme_lease.one.token"));
    const text = await workspace.expectError(/Could not open acme_lease/);
    expect(text).toContain("No luck with (sensitive value).");
    expect(workspace.events("returned-one")).toHaveLength(1);
    expect(await workspace.placesOf(leaseCanary)).toEqual([]);
  });
});

describe("while the provider block is not known", () => {
  const late = 'provider "acme" {\n  alias = "late"\n  token = acme_item.first.checksum\n}\n';

  test("an ephemeral resource is opened during apply only", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const second = item("second", "password = ephemeral.acme_lease.one.token");
    const leasing = (extra: string) => item("first") + late + lease("one", `provider = acme.late\n  ${extra}`) + second;
    await workspace.write(leasing(""));
    if (testedEngine().name === "tofu") {
      const text = await workspace.expectError(/Could not open acme_lease/, "plan");
      expect(text).toContain("name it in depends_on of the ephemeral resource");
      await workspace.write(leasing("depends_on = [acme_item.first]"));
    }
    await applyWatched(workspace);
    expect(workspace.events("opened-one")).toHaveLength(1);
    expect(workspace.events("returned-one")).toHaveLength(1);
    expect(workspace.events("password-")).toHaveLength(1);
  });

  test("a data source is refused with what to do, and doing that helps", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const reading = (extra: string) => item("first") + late + itemData("first", `provider = acme.late\n  ${extra}`);
    await workspace.write(reading(""));
    const text = await workspace.expectError(/Could not read acme_item/, "plan");
    expect(text).toContain("name it in depends_on of the data source");
    await workspace.write(reading("depends_on = [acme_item.first]"));
    await workspace.apply();
    expect(await workspace.state("data.acme_item.first")).toMatchObject({ checksum: "sum of nothing" });
    await workspace.expectEmptyPlan();
  });
});
