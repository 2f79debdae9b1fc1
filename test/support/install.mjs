// Installs what a script of package.json needs: the locked dependencies, the Node they bring along, and the admin page. Does
// nothing when all are there. Plain JavaScript without dependencies, because it runs before anything is installed, on any Node from 18.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const windows = process.platform === "win32";
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

function installDependencies(reason) {
  say(`Installing the locked dependencies (${reason}). This happens once and takes about half a minute.`);
  const startedAtMs = Date.now();
  runNpm("ci", "--no-audit", "--no-fund", "--include=dev", "--include=optional");
  say(`Installed in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s.`);
}

/** Runs the npm, and the Node, that run us: those in node_modules may be about to be replaced. */
function runNpm(...words) {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const options = { cwd: root, stdio: "inherit" };
  const all = [...words, "--loglevel=error"];
  const { status, error } =
    npm !== undefined && /\.c?js$/u.test(npm)
      ? spawnSync(node ?? process.execPath, [npm, ...all], options)
      : spawnSync("npm", all, { ...options, shell: windows });
  if (error !== undefined) fail(`npm could not be started: ${error.message}`);
  if (status !== 0) fail(`npm ${words[0]} failed; its message is above. Is the package registry reachable?`);
}

/** Proves that `node` in the scripts of package.json is the Node this code is written for. */
function checkNode() {
  const wantedByName = readJson("package.json").optionalDependencies;
  const platform = `${windows ? "win" : process.platform}-${process.arch}`;
  const name = Object.keys(wantedByName).find((candidate) => candidate.endsWith(platform));
  const [wanted] = Object.values(wantedByName);
  const command = join(root, "node_modules", ".bin", windows ? "node.cmd" : "node");
  // npm 10 unpacks the package and forgets its command.
  if (!existsSync(command) && existsSync(join(root, "node_modules", name ?? platform))) runNpm("rebuild", name);
  if (!existsSync(command)) {
    // The Node that runs us is then the one the scripts find.
    if (major(process.version) >= major(wanted)) return;
    const missing =
      name === undefined ? `there is no Node package for ${platform}` : `the package ${name} is not installed`;
    fail(
      `This needs Node ${major(wanted)}, and ${missing}. Install that Node yourself, or let npm install optional dependencies.`,
    );
  }
  const options = { encoding: "utf8", shell: windows };
  const { stdout, stderr, error } = spawnSync(windows ? `"${command}"` : command, ["--version"], options);
  if (major(stdout ?? "") === major(wanted)) return;
  const answer = error?.message ?? (stdout.trim() || stderr.trim());
  fail(`node_modules/.bin/node, from ${name ?? "some package"}, must be Node ${wanted} on ${platform}, but: ${answer}`);
}

/** Builds the admin page unless it is current, with the Node just proven: the shell that runs us may remember another. */
function buildPage() {
  const program = join(root, "server", "build-page.ts");
  if (!existsSync(program)) return;
  const installed = join(root, "node_modules", ".bin", windows ? "node.cmd" : "node");
  const node = existsSync(installed) ? installed : process.execPath;
  const quoted = (path) => (windows ? `"${path}"` : path);
  const { status } = spawnSync(quoted(node), [quoted(program)], { cwd: root, stdio: "inherit", shell: windows });
  if (status !== 0) fail("The admin page could not be built; the message is above.");
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
buildPage();
