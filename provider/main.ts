// The provider's process: Terraform starts it, several times per command.
import process from "node:process";
import { serveProvider } from "./protocol/serve-provider.ts";

await serveProvider({
  environment: process.env,
  ...(process.argv.includes("--debug") && { debug: { source: "orgtokens/orgtokens" } }),
  async loadProvider(log) {
    const [{ createProvider }, { createProviderServer }, { dropRevealingVariables }] = await Promise.all([
      import("./provider.ts"),
      import("./framework/index.ts"),
      import("@orgtokens/sdk/secret-stores"),
    ]);
    dropRevealingVariables(process.env);
    return createProviderServer(createProvider(process.env), { log });
  },
});
