// The provider's process: Terraform starts it, several times per command.
import process from "node:process";
import { serveProvider } from "./protocol/serve-provider.ts";

await serveProvider({
  environment: process.env,
  async loadProvider() {
    const [{ createProvider }, { createProviderServer }] = await Promise.all([
      import("./provider.ts"),
      import("./framework/index.ts"),
    ]);
    return createProviderServer(createProvider(process.env));
  },
});
