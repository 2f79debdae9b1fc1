/** The example provider as a process, called without an engine. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { unknown } from "../../../provider/framework/index.ts";
import { type Plugin, startPlugin } from "../../../provider/testing/start-plugin.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const main = fileURLToPath(new URL("./fixtures/main.ts", import.meta.url));

/** Starts the example provider over a world of its own, everything logged. */
export async function start(): Promise<Plugin> {
  const folder = await temporaryFolder();
  for (const name of ["tmp", "items"]) mkdirSync(join(folder, name));
  const environment = { ACME_FOLDER: folder, TMPDIR: join(folder, "tmp"), TF_LOG_PROVIDER: "trace" };
  return startPlugin([process.execPath, main], { environment });
}

/** The same, configured. */
export async function startConfigured(token: string | null | typeof unknown = null): Promise<Plugin> {
  const plugin = await start();
  const { diagnostics } = await plugin.call("ConfigureProvider", { config: { token } });
  expect(diagnostics).toEqual([]);
  return plugin;
}

/** Creates an item with the text `hi`. */
export async function createItem(plugin: Plugin, name: string): Promise<void> {
  const unset = { id: null, text: "hi", tags: null, misbehave: null, password: null, checksum: null, timeouts: null };
  const config = { ...unset, name, amount: 1, delay_ms: 0 };
  const planned_state = { ...config, id: unknown, checksum: unknown };
  const applied = await plugin.call("ApplyResourceChange", { type_name: "acme_item", planned_state, config });
  expect(applied.diagnostics).toEqual([]);
}
