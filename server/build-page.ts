// Builds the admin page into server/web/dist/page, unless what lies there was built from these very sources. `npm run setup`
// runs it; so does publishing.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "server/web");
const output = join(source, "dist");
const page = join(output, "page");
const stamp = "built-from.txt";
/** Shorter files do not get smaller. */
const minCompressedBytes = 512;

async function main(): Promise<void> {
  const fingerprint = await fingerprintSources();
  if ((await readStamp()) === fingerprint) return;
  const startedAtMs = Date.now();
  await mkdir(output, { recursive: true });
  // Beside its place, which it takes when it is complete: a server that starts meanwhile finds the one before, or this one.
  const fresh = await mkdtemp(join(output, "building-"));
  try {
    await bundle(fresh);
    await compressFiles(fresh);
    await writeFile(join(fresh, stamp), fingerprint);
    // Whoever runs the server may read it, which a temporary folder does not allow.
    await chmod(fresh, 0o755);
    await rm(page, { recursive: true, force: true });
    await rename(fresh, page);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Somebody else built the same at the same time.
    if ((await readStamp()) !== fingerprint) throw error;
  }
  process.stderr.write(`Built the admin page in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s.\n`);
}

async function bundle(folder: string): Promise<void> {
  const { build } = await import("vite");
  await build({
    root: source,
    configFile: false,
    logLevel: "warn",
    base: "/",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: ["chrome120", "firefox121", "safari17"],
      assetsInlineLimit: 0,
      // It would be an inline script, which the page's security policy forbids.
      modulePreload: { polyfill: false },
    },
  });
}

/** Compressed once here, as well as it gets, and not again for each request. */
async function compressFiles(folder: string): Promise<void> {
  for (const path of await listFiles(folder)) {
    const bytes = await readFile(path);
    if (bytes.length < minCompressedBytes) continue;
    await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes));
    await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
  }
}

/** Everything the page is made of: its sources, the SDK's, and the locked packages. */
async function fingerprintSources(): Promise<string> {
  const files = [
    ...(await listFiles(source)).filter((path) => !path.startsWith(output)),
    ...(await listFiles(join(root, "sdk/src"))),
    ...["package-lock.json", "tsconfig.json"].map((name) => join(root, name)).filter(existsSync),
    fileURLToPath(import.meta.url),
  ];
  const hash = createHash("sha256");
  for (const path of files.sort()) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(await readFile(path))
      .update("\0");
  }
  return hash.digest("hex");
}

async function readStamp(): Promise<string | undefined> {
  const path = join(page, stamp);
  return existsSync(path) ? readFile(path, "utf8") : undefined;
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

await main();
