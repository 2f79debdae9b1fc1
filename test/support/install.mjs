// Installs what a script of package.json needs: the locked dependencies and the Node they bring along. Does nothing when both
// are there. Plain JavaScript without dependencies, because it runs before anything is installed, on any Node from 18.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readJson = (path) =>
  existsSync(join(root, path)) ? JSON.parse(readFileSync(join(root, path), "utf8")) : undefined;

/**
 * Tells why node_modules is not what package-lock.json says, or undefined when it is. npm writes the second file only
 * after it has put everything in its place, so an interrupted installation counts as none.
 */
function explainOutdated() {
  const installed = readJson("node_modules/.package-lock.json")?.packages;
  if (installed === undefined) return "nothing is installed yet";
  const locked = readJson("package-lock.json").packages;
  for (const [path, entry] of Object.entries(locked)) {
    if (path === "" || (installed[path] === undefined && entry.optional === true)) continue;
    if (fingerprint(installed[path]) !== fingerprint(entry)) return `${path} is not the locked one`;
  }
  const extraneous = Object.keys(installed).find((path) => locked[path] === undefined);
  return extraneous === undefined ? undefined : `${extraneous} is not locked`;
}

function fingerprint(entry) {
  const { version, integrity, link, resolved } = entry ?? {};
  return JSON.stringify([version, integrity, link, link === true ? resolved : undefined]);
}

/** Runs `npm ci` with the npm, and the Node, that runs us: the one in node_modules is about to be replaced. */
function installDependencies(reason) {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const words = ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--include=dev", "--include=optional"];
  say(`Installing the locked dependencies (${reason}). This happens once and takes about half a minute.`);
  const startedAtMs = Date.now();
  const options = { cwd: root, stdio: "inherit" };
  const { status, error } =
    npm !== undefined && /\.c?js$/u.test(npm)
      ? spawnSync(node ?? process.execPath, [npm, ...words], options)
      : spawnSync("npm", words, { ...options, shell: process.platform === "win32" });
  if (error !== undefined) fail(`npm could not be started: ${error.message}`);
  if (status !== 0) fail("npm ci failed; its message is above. Is the package registry reachable?");
  say(`Installed in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s.`);
}

/** Proves that `node` in the scripts of package.json is the Node this code is written for. */
function checkNode() {
  const names = Object.entries(readJson("package.json").optionalDependencies);
  const [, wanted] = names[0];
  const platform = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const name = names.map(([candidate]) => candidate).find((candidate) => candidate.endsWith(platform));
  const windows = process.platform === "win32";
  const command = join(root, "node_modules", ".bin", windows ? "node.cmd" : "node");
  if (!existsSync(command)) {
    // No binary for this platform: the Node that runs us is then the one the scripts will find.
    if (major(process.version) >= major(wanted)) return;
    const missing =
      name === undefined ? `there is no Node package for ${platform}` : `the package ${name} is not installed`;
    fail(
      `This needs Node ${major(wanted)}, and ${missing}. Install Node ${major(wanted)} yourself, or check that npm installs optional dependencies.`,
    );
  }
  const { stdout, error, stderr } = spawnSync(windows ? `"${command}"` : command, ["--version"], {
    encoding: "utf8",
    shell: windows,
  });
  if (major(stdout ?? "") !== major(wanted)) {
    const found = error?.message ?? (stdout.trim() || stderr.trim());
    fail(
      `node_modules/.bin/node, from ${name ?? "an unknown package"}, must be Node ${wanted} but does not answer so on ${platform}: ${found}`,
    );
  }
}

function major(version) {
  return Number.parseInt(version.replace(/^v/u, ""), 10);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(`orgtokens: ${text}`);
  process.exit(1);
}

const reason = explainOutdated();
if (reason !== undefined) installDependencies(reason);
checkNode();
