/** The wire-level client of the harness: a provider's process, called without an engine. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isUnknown, unknown } from "@orgtokens/provider";
import { GrpcError, grpcStatus, startPlugin } from "@orgtokens/provider/testing";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { notesCommand } from "./notes-workspace.ts";

const note = { title: "milk", text: "Buy milk", color: null, words: null };

test("a provider is planned and applied by calls with plain objects", async () => {
  const folder = await temporaryFolder();
  await using plugin = await startPlugin(notesCommand);
  const schema = await plugin.call("GetProviderSchema");
  expect([...schema.resource_schemas.keys()]).toEqual(["notes_note"]);
  expect((await plugin.call("ConfigureProvider", { config: { folder } })).diagnostics).toEqual([]);
  const planned = await plugin.call("PlanResourceChange", {
    type_name: "notes_note",
    proposed_new_state: { ...note, words: unknown },
    config: note,
  });
  expect(planned.diagnostics).toEqual([]);
  expect(planned.planned_state).toMatchObject({ title: "milk", color: "yellow" });
  expect(isUnknown(Object(planned.planned_state).words)).toBe(true);
  const applied = await plugin.call("ApplyResourceChange", {
    type_name: "notes_note",
    planned_state: planned.planned_state,
    planned_private: planned.planned_private,
    config: note,
  });
  expect(applied.new_state).toEqual({ ...note, color: "yellow", words: 2 });
  expect(existsSync(join(folder, "milk.json"))).toBe(true);
  expect(await plugin.shutDown()).toEqual({ code: 0, signal: null });
});

test("diagnostics are part of an answer, and name the attribute", async () => {
  await using plugin = await startPlugin(notesCommand);
  const config = { ...note, title: "Milk" };
  const { diagnostics } = await plugin.call("ValidateResourceConfig", { type_name: "notes_note", config });
  expect(diagnostics).toMatchObject([{ attribute: { steps: [{ attribute_name: "title" }] } }]);
});

test("a call that fails as a call is an error with its gRPC status", async () => {
  await using plugin = await startPlugin(notesCommand);
  const refused = plugin.call("UpgradeResourceState", {
    type_name: "notes_note",
    raw_state: { json: Buffer.from("{") },
  });
  await expect(refused.then(({ diagnostics }) => diagnostics)).resolves.toHaveLength(1);
  const nothing = await plugin.connection.call("/tfplugin6.Provider/Nothing");
  expect(nothing.status).toBe(grpcStatus.unimplemented);
  plugin.connection.close();
  await expect(plugin.call("StopProvider")).rejects.toThrow();
  expect(GrpcError.name).toBe("GrpcError");
});

test("a program that makes no handshake is an error with what it wrote", async () => {
  const starting = startPlugin([process.execPath, "-e", "console.error('no luck'); process.exit(3)"]);
  await expect(starting).rejects.toThrow(/ended \(3\) without one[\s\S]*no luck/);
});
