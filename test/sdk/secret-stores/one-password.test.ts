/** The example for 1Password, with a stand-in for `op` that takes only calls of the documented shape: `op` itself needs an account. */
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { openCommandSecretStore } from "@orgtokens/sdk/secret-stores";
import { describe, expect, test } from "vitest";
import { buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { findDebianProgram } from "../../support/debian-program.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const examples = fileURLToPath(new URL("../../../examples/programs", import.meta.url));
const standIn = fileURLToPath(new URL("../../support/one-password.sh", import.meta.url));
const jq = await findDebianProgram("jq");

async function openWith(changes: Readonly<Record<string, string>> = {}, entry = `ci/it's "quoted" \\ ü`) {
  const folder = await temporaryFolder();
  await Promise.all([mkdir(join(folder, "bin")), mkdir(join(folder, "documents"))]);
  await copyFile(standIn, join(folder, "bin", "op"));
  const argumentsFile = join(folder, "arguments");
  const environment = {
    PATH: [join(folder, "bin"), examples, process.env["PATH"]].join(delimiter),
    ARGUMENTS_FILE: argumentsFile,
    DOCUMENTS: join(folder, "documents"),
    OP_SERVICE_ACCOUNT_TOKEN: "ops_valid",
    OP_VAULT: "ci",
    ...changes,
  };
  const programsFile = join(examples, "programs.json");
  const store = openCommandSecretStore({ program: "op", entry, programsFile, environment });
  return { store, argumentsOf: () => readFile(argumentsFile, "utf8") };
}

describe.skipIf(jq === undefined)("1Password", () => {
  test("keeps a secret for its whole life as a document, by calls of the documented shape, none of which names it", async () => {
    const { store, argumentsOf } = await openWith();
    expect(await store.describe()).toBeUndefined();
    await store.checkWritable();
    const [first, second] = [buildSecret(), buildSecret()];
    const next = { ...second, apiTokenId: first.apiTokenId };
    for (const secret of [first, next]) {
      await put(store, secret);
      await expectHolds(store, secret);
    }
    expect((await refusal(() => put(store, buildSecret()))).code).toBe("secret_store_occupied");
    expect(await store.delete(first.apiTokenId)).toBe("deleted");
    expect(await store.describe()).toBeUndefined();
    const said = await argumentsOf();
    expect(said).toContain("document edit");
    for (const { text } of [first, next]) expect(said).not.toContain(text);
  });

  test("that nobody is signed in to, and a vault that is not there, are told apart from an entry that is missing", async () => {
    const signedOut = await openWith({ OP_SERVICE_ACCOUNT_TOKEN: "" });
    const unknown = await openWith({ OP_VAULT: "nowhere" });
    for (const act of ["describe", "checkWritable"] as const) {
      expect((await refusal(() => signedOut.store[act]())).code).toBe("secret_store_refused");
      expect(await refusal(() => unknown.store[act]())).toMatchObject({
        code: "secret_store_unreachable",
        retryable: true,
      });
    }
  });
});
