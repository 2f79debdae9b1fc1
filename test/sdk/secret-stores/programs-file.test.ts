/** The file that says how programs are called: what it may say, and who may say it. */
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { openCommandSecretStore } from "@orgtokens/sdk/secret-stores";
import { describe, expect, test } from "vitest";
import { refusal } from "../../conformance/secret-stores.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const script = fileURLToPath(new URL("../../support/keeper.sh", import.meta.url));
const environment = { PATH: process.env["PATH"] };

/** How the small keeper of the tests is called. */
function keeperIn(root: string) {
  const call = (verb: string) => ["sh", script, root, verb, "{entry}"];
  return { write: call("write"), read: call("read"), delete: call("delete"), absentExitCodes: [44] };
}

describe("the programs file", () => {
  const open = (programsFile: string) =>
    openCommandSecretStore({ program: "keeper", entry: "x", programsFile, environment });
  const failureOf = async (programsFile: string) => (await refusal(() => open(programsFile).checkWritable())).message;

  test("names the programs of every door; what cannot be is said with its JSON pointer, all of it at once", async () => {
    const root = await temporaryFolder();
    const programsFile = join(root, "programs.json");
    expect(await failureOf(programsFile)).toContain("cannot be read");
    const failure = async (text: string) => {
      await writeFile(programsFile, text);
      return failureOf(programsFile);
    };
    const of = (changes: object) => JSON.stringify({ keeper: { ...keeperIn(root), ...changes } });
    for (const text of ["[]", "{", '"x"']) expect(await failure(text)).toContain("is no JSON object");
    expect(await failure("{}")).toContain("names no programs");
    const faults: readonly (readonly [object, string])[] = [
      [{ shell: "x" }, "/keeper/shell is not known"],
      [{ write: "pass insert" }, "/keeper/write must be a list"],
      [{ write: ["pass", "a\0b", "{entry}"] }, "/keeper/write must be a list"],
      [{ write: ["pass", "insert"] }, "/keeper/write must have {entry}"],
      [{ delete: undefined }, "/keeper/delete is missing"],
      [{ read: undefined }, "/keeper/read is missing, and so is /keeper/describe"],
      [{ absentExitCodes: undefined }, "/keeper/absentExitCodes is missing"],
      [{ absentExitCodes: [0] }, "/keeper/absentExitCodes must be a list of exit codes"],
      [{ refusedExitCodes: 77 }, "/keeper/refusedExitCodes must be a list of exit codes"],
      [{ unreachableExitCodes: ["75"] }, "/keeper/unreachableExitCodes must be a list of exit codes"],
      [{ metadataFolder: "here" }, "/keeper/metadataFolder must be an absolute path"],
    ];
    for (const [changes, said] of faults) expect(await failure(of(changes))).toContain(said);
    const both = await failure(`{"a/b~":7,${of({ shell: 1, write: [] }).slice(1)}`);
    for (const pointer of ["/a~1b~0 must", "/keeper/shell is", "/keeper/write must"]) expect(both).toContain(pointer);
    await writeFile(programsFile, of({}));
    await open(programsFile).checkWritable();
  });

  test("that others may write, or put another in the place of, is refused; a link to one of our own is not", async () => {
    const root = await temporaryFolder();
    await mkdir(join(root, "open"));
    const programsFile = join(root, "programs.json");
    await writeFile(programsFile, JSON.stringify({ keeper: keeperIn(root) }));
    await symlink("../programs.json", join(root, "open/link.json"));
    await open(join(root, "open/link.json")).checkWritable();
    await chmod(join(root, "open"), 0o777);
    expect(await failureOf(join(root, "open/link.json"))).toContain("a folder of your own");
    await chmod(programsFile, 0o666);
    await symlink("programs.json", join(root, "link.json"));
    for (const path of [programsFile, join(root, "link.json")]) expect(await failureOf(path)).toContain("chmod o-w");
  });
});
