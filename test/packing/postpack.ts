// What npm runs after it has packed a workspace: puts the package.json of the repository back.
import process from "node:process";
import { restoreManifest } from "./source-manifest.ts";

await restoreManifest(process.cwd());
