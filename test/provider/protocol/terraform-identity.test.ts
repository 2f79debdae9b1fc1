/** Import by resource identity: OpenTofu 1.12 knows it; Terraform does from 1.12 on, and ours is 1.11. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testedEngine } from "../../support/engine.ts";
import { type AcmeWorkspace, createAcmeWorkspace } from "./acme-workspace.ts";

const limitMs = 90_000;
const item = 'resource "acme_item" "one" {\n  name = "one"\n}\n';
const importBlock = (inside: string) => `import {\n  to = acme_item.one\n  ${inside}\n}\n`;

/** A working directory that knows nothing of the item `one`, which exists. */
async function forgetful(): Promise<AcmeWorkspace> {
  const workspace = await createAcmeWorkspace();
  await workspace.write(item);
  await workspace.apply();
  expect((await workspace.run("state", "rm", "acme_item.one")).exitCode).toBe(0);
  return workspace;
}

// Which of the two sets of tests there is depends on the engine of the run: a skipped test would be a failure in CI.
if (testedEngine().name === "tofu") {
  test("a resource is imported by its identity, keeps it in the state, and settles", { timeout: limitMs }, async () => {
    const workspace = await forgetful();
    await workspace.write(item + importBlock('identity = { id = "item-one" }'));
    expect((await workspace.apply()).output).toContain("1 imported, 0 added, 0 changed, 0 destroyed");
    expect(await workspace.state("acme_item.one")).toMatchObject({ id: "item-one", checksum: "sum of nothing" });
    const state = await readFile(join(workspace.folder, "terraform.tfstate"), "utf8");
    expect(JSON.parse(state).resources[0].instances[0]).toMatchObject({ identity: { id: "item-one" } });
    await workspace.expectEmptyPlan();
    await workspace.write(item);
    await workspace.expectEmptyPlan();
  });

  test.each([
    ["of nothing that exists", 'identity = { id = "item-two" }', /There is none with the id "item-two"/],
    ["without the attribute an import needs", "identity = {}", /attribute "id" is required/],
  ])("an identity %s is refused", { timeout: limitMs }, async (_, inside, message) => {
    const workspace = await forgetful();
    await workspace.write(item + importBlock(inside));
    await workspace.expectError(message, "plan");
  });
} else {
  test("Terraform 1.11 refuses an identity in an import block and imports by id", { timeout: limitMs }, async () => {
    const workspace = await forgetful();
    await workspace.write(item + importBlock('identity = { id = "item-one" }'));
    await workspace.expectError(/An argument named "identity" is not expected here/, "plan");
    await workspace.write(item + importBlock('id = "item-one"'));
    expect((await workspace.apply()).output).toContain("1 imported, 0 added, 0 changed, 0 destroyed");
    await workspace.expectEmptyPlan();
  });
}
