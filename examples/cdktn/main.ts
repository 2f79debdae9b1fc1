// Declares a token for each service and environment. `node main.ts` writes Terraform's JSON to cdktf.out/stacks/services; apply it there.
import { OrgtokensProvider, RotationSchedule, SecretStore, TokenSet } from "@orgtokens/cdktn";
import { App, TerraformOutput, TerraformStack } from "cdktn";
import type { Construct } from "constructs";

/** The tokens that services call each other with, each with its secret in a file of its environment. */
class ServiceTokens extends TerraformStack {
  constructor(scope: Construct, id: string, secrets: string) {
    super(scope, id);
    new OrgtokensProvider(this, "orgtokens", { managedBy: "examples/cdktn" });
    const tokens = new TokenSet(this, "tokens", {
      services: ["billing", "search"],
      environments: ["staging", "production"],
      token: ({ service, environment }) => ({
        role: "developer",
        rotation: RotationSchedule.every(environment === "production" ? "30d" : "90d"),
        secretStore: SecretStore.file({ path: `${secrets}/${environment}/${service}` }),
      }),
    });
    new TerraformOutput(this, "billing", { value: tokens.get("billing", "production").fingerprint });
  }
}

const app = new App();
new ServiceTokens(app, "services", process.argv[2] ?? "secrets");
app.synth();
