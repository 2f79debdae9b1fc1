import { describe, expect, test } from "vitest";
import { createAcmeWorkspace } from "./acme-workspace.ts";

const limitMs = 90_000;
const item = (attributes: string) => `resource "acme_item" "one" {\n  name = "one"\n  ${attributes}\n}\n`;

interface Rule {
  readonly port: number;
  readonly protocol: string;
  readonly rule_id: string;
}

describe("real Terraform", () => {
  test("keeps what was computed of the elements of a set of objects, and plans nothing afterwards", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    const rules = async (): Promise<readonly Rule[]> => {
      const state = await workspace.state("acme_item.one");
      return JSON.parse(JSON.stringify(state?.["rules"]));
    };
    await workspace.write(item("rules = [{ port = 80 }, { port = 443 }]"));
    await workspace.apply();
    await workspace.expectEmptyPlan();
    const before = await rules();
    expect(before.map(({ protocol }) => protocol)).toEqual(["tcp", "tcp"]);

    await workspace.write(item('rules = [{ port = 22, protocol = "udp" }, { port = 443 }, { port = 80 }]'));
    await workspace.apply();
    await workspace.expectEmptyPlan();
    const after = await rules();
    expect(after).toHaveLength(3);
    expect(after).toEqual(expect.arrayContaining([...before]));
  });

  test("sees no change in another spelling, neither of the server nor of the configuration", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item('lease = "1h"'));
    await workspace.apply();
    expect(await workspace.state("acme_item.one")).toMatchObject({ lease: "1h" });
    await workspace.expectEmptyPlan();
    await workspace.write(item('lease = "60m0s"'));
    await workspace.expectEmptyPlan();
    await workspace.write(item('lease = "2h"'));
    expect(await workspace.planIsEmpty()).toBe(false);
  });
});
