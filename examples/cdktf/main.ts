// Declares tokens in TypeScript. `node main.ts` writes Terraform's JSON to cdktf.out/stacks/tokens; apply it there.
import { ApiToken, OrgtokensProvider, RotationSchedule, SecretStore } from "@orgtokens/cdktf";
import { App, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/** The tokens of one team, each with its secret in a file. */
class TokenStack extends TerraformStack {
  constructor(scope: Construct, id: string, secrets: string) {
    super(scope, id);
    new OrgtokensProvider(this, "orgtokens", { managedBy: "examples/cdktf" });
    const ci = new ApiToken(this, "ci", {
      label: "CI build",
      role: "developer",
      expiresIn: "180d",
      rotation: RotationSchedule.every("90d").orWhenChanged({ quarter: "2026-Q4" }).withGracePeriod("2h"),
      secretStore: SecretStore.file({ path: `${secrets}/ci-build` }),
    });
    new TerraformOutput(this, "fingerprint", { value: ci.fingerprint });
  }
}

const app = new App();
new TokenStack(app, "tokens", process.argv[2] ?? "secrets");
app.synth();
