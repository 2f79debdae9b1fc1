// What Terraform starts: the provider is loaded after the handshake, while Terraform connects.
import process from "node:process";
import { serveProvider } from "@orgtokens/provider/serve";

await serveProvider({
  environment: process.env,
  loadProvider: async () => (await import("./notes.ts")).createServer(),
  ...(process.argv.includes("--debug") && { debug: { source: "example/notes" } }),
});
