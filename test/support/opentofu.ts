import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { readEngineVersion } from "../../provider/testing/engine.ts";
import { buildGoProgram, type GoProgram, requiredVersion as requiredVersionOf } from "./go-program.ts";

/** A Go module of ours whose one tool is OpenTofu's command. */
const program: GoProgram = {
  module: fileURLToPath(new URL("opentofu", import.meta.url)),
  source: "github.com/opentofu/opentofu",
  packagePath: "github.com/opentofu/opentofu/cmd/tofu",
  title: "OpenTofu",
  linkerFlags: () => "-X github.com/opentofu/opentofu/version.dev=no",
};

/**
 * The path of the OpenTofu that the matrix runs: the `tofu` on the PATH when it has our version, otherwise one built from its
 * published sources, once per machine. Undefined when neither can be had, because there is no Go.
 *
 * @param report told how the build goes, line by line
 * @throws Error when the build fails
 */
export async function findOpenTofu(report: (line: string) => void): Promise<string | undefined> {
  if ((await readEngineVersion({ name: "tofu" }, tmpdir())) === (await requiredVersion())) return "tofu";
  return buildGoProgram(program, report);
}

/** The version that `go.mod` requires. */
export function requiredVersion(): Promise<string> {
  return requiredVersionOf(program);
}
