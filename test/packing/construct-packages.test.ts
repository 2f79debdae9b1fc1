import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { expect, test } from "vitest";
import { runNpm } from "../support/packed-sdk.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

test.each(["cdktf", "cdktn"])(
  "publint finds nothing wrong with @orgtokens/%s as npm packs it",
  async (engine) => {
    const folder = await temporaryFolder();
    await runNpm(repository, "pack", `--workspace=@orgtokens/${engine}`, `--pack-destination=${folder}`);
    const tarball = new Uint8Array(await readFile(join(folder, `orgtokens-${engine}-0.1.0.tgz`))).buffer;

    expect((await publint({ pack: { tarball }, strict: true })).messages).toEqual([]);
  },
  120_000,
);
