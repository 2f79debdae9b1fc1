import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { ProviderServer } from "../../../provider/framework/index.ts";
import { unknown } from "../../../provider/framework/index.ts";
import { capabilities, noBytes } from "./terraform-rules.ts";

const entry = join(import.meta.dirname, "../../../provider/framework/index.ts");

test("the example in the documentation runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "framework-example-"));
  try {
    const file = join(folder, "example.ts");
    await writeFile(file, (await exampleText()).replaceAll("@orgtokens/provider", pathToFileURL(entry).href));
    const { server }: { server: ProviderServer } = await import(pathToFileURL(file).href);
    const { signal } = new AbortController();
    await server.configureProvider(
      { terraformVersion: "1.11.4", config: {}, clientCapabilities: capabilities },
      signal,
    );
    const typeName = "board_note";
    const config = { id: null, board: "kitchen", text: "Buy milk", color: null };
    const plan = await server.planResourceChange(
      {
        typeName,
        priorState: null,
        proposedNewState: config,
        config,
        priorPrivate: noBytes,
        clientCapabilities: capabilities,
      },
      signal,
    );
    const { plannedState } = plan;
    expect(plan.diagnostics).toEqual([]);
    expect(Object(plannedState).color).toBe("yellow");
    expect(String(Object(plannedState).id)).toBe(String(unknown));
    const change = { typeName, priorState: null, plannedState, config, plannedPrivate: noBytes };
    expect(await server.applyResourceChange(change, signal)).toMatchObject({
      newState: { id: "kitchen-0", board: "kitchen", text: "Buy milk", color: "yellow" },
      diagnostics: [],
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function exampleText(): Promise<string> {
  const [, example = ""] = /```ts\n([\s\S]*?) \* ```/.exec(await readFile(entry, "utf8")) ?? [];
  return example.replaceAll(/^ \* ?/gm, "");
}
