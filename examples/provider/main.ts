// What Terraform starts. The provider itself is loaded after the handshake, which keeps every command quick.
import process from "node:process";
import { serveProvider } from "@orgtokens/provider/serve";

await serveProvider({
  environment: process.env,
  async loadProvider() {
    const [{ createProviderServer }, { notes }] = await Promise.all([
      import("@orgtokens/provider"),
      import("./notes.ts"),
    ]);
    return createProviderServer(notes);
  },
});
