import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Value } from "../../../provider/framework/values/value.ts";
import { startPlugin } from "../../../provider/testing/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const main = fileURLToPath(new URL("./fixtures/main.ts", import.meta.url));
const type_name = "acme_item";

/** The example provider, configured, as a host of version 1.12 has it. */
async function startAcme() {
  const environment = { ACME_FOLDER: await temporaryFolder() };
  const plugin = await startPlugin([process.execPath, main], { environment });
  await plugin.call("ConfigureProvider", { terraform_version: "1.12.0", config: { token: null } });
  return plugin;
}

test("a host that knows resource identity gets it by wire: schema, create, read, plan, import, upgrade", async () => {
  await using plugin = await startAcme();
  const schemas = await plugin.call("GetResourceIdentitySchemas");
  expect(schemas.diagnostics).toEqual([]);
  expect([...schemas.identity_schemas.keys()]).toEqual([type_name]);
  const schema = schemas.identity_schemas.get(type_name);
  const [attribute] = schema?.identity_attributes ?? [];
  expect(schema?.version).toBe(0);
  expect(attribute).toMatchObject({ name: "id", required_for_import: true, optional_for_import: false });
  expect(new TextDecoder().decode(attribute?.type)).toBe('"string"');

  const config: Value = {
    name: "one",
    text: null,
    amount: null,
    tags: null,
    delay_ms: null,
    misbehave: null,
    password: null,
    timeouts: null,
    id: null,
    checksum: null,
  };
  const identity = { identity_data: { id: "item-one" } };
  const plan = await plugin.call("PlanResourceChange", { type_name, config, proposed_new_state: config });
  expect(plan).toMatchObject({ diagnostics: [], planned_identity: undefined });
  const created = await plugin.call("ApplyResourceChange", { type_name, config, planned_state: plan.planned_state });
  expect(created).toMatchObject({ diagnostics: [], new_identity: identity });

  const known = { type_name, current_state: created.new_state, current_identity: identity };
  expect(await plugin.call("ReadResource", known)).toMatchObject({ diagnostics: [], new_identity: identity });
  const again = await plugin.call("PlanResourceChange", {
    type_name,
    config,
    prior_state: created.new_state,
    proposed_new_state: created.new_state,
    prior_identity: identity,
  });
  expect(again).toMatchObject({ planned_state: created.new_state, planned_identity: identity });

  const imported = await plugin.call("ImportResourceState", { type_name, identity });
  expect(imported).toMatchObject({
    diagnostics: [],
    imported_resources: [{ type_name, state: created.new_state, identity }],
  });
  const raw_identity = { json: new TextEncoder().encode('{"id":"item-one"}') };
  const upgraded = await plugin.call("UpgradeResourceIdentity", { type_name, version: 0, raw_identity });
  expect(upgraded).toMatchObject({ diagnostics: [], upgraded_identity: identity });
});
