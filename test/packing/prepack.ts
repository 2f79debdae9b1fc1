// What npm runs before it packs a workspace: compiles `src` into `dist`, and puts the manifest to publish in the place of package.json.
import process from "node:process";
import { readJson } from "../check/tree.ts";
import { compilePackage } from "./compile-package.ts";
import { publishedManifest } from "./published-manifest.ts";
import { replaceManifest, restoreManifest } from "./source-manifest.ts";

const folder = process.cwd();
await restoreManifest(folder);
const manifest = publishedManifest(await readJson(folder, "package.json"));
await compilePackage(folder);
await replaceManifest(folder, manifest);
