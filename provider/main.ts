// The provider's process: Terraform starts it, several times per command.
import { enableCompileCache } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";

// Before the first import of our own: what was compiled in an earlier run is not compiled again.
enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/orgtokens-provider", import.meta.url)));
const { serveProvider } = await import("./protocol/serve-provider.ts");

await serveProvider({
  environment: process.env,
  ...(process.argv.includes("--debug") && { debug: { source: "orgtokens/orgtokens" } }),
  async loadProvider(log) {
    const [{ createProvider }, { createProviderServer }] = await Promise.all([
      import("./provider.ts"),
      import("./framework/index.ts"),
    ]);
    return createProviderServer(createProvider(process.env), { log });
  },
});
