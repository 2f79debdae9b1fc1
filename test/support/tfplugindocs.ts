import { installGoProgram } from "./installed-go-program.ts";

/**
 * The program that says whether a provider's documentation is what Terraform's registry expects, built once per machine.
 * Undefined where there is no Go.
 */
export function findTfplugindocs(): Promise<string | undefined> {
  const packagePath = "github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs";
  return installGoProgram({ name: "tfplugindocs", packagePath, version: "0.25.0" });
}
