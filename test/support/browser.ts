import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { cached } from "./cache.ts";
import { runCommand } from "./commands.ts";

const programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/** No sandbox, because tests may run as root; nothing that calls home. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of a Chromium on this machine, installed from Debian's package when there is none; undefined when it cannot be had. */
export async function findChromium(): Promise<string | undefined> {
  const found = onPath();
  if (found !== undefined) return found;
  try {
    await cached("chromium-from-apt", installByApt);
  } catch (error) {
    process.stderr.write(`NO BROWSER: Chromium is not installed and cannot be: ${String(error)}\n`);
  }
  return onPath();
}

function onPath(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.flatMap((folder) => programs.map((name) => join(folder, name))).find((path) => existsSync(path));
}

async function installByApt(): Promise<void> {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const words of [["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]]) {
    const options = { cwd: "/", environment, timeoutMs: 300_000 };
    const { exitCode, output } = await runCommand("apt-get", words, options);
    if (exitCode !== 0) throw new Error(`apt-get ${words[0]} failed:\n${output}`);
  }
}

/** Starts a browser. The caller closes it. */
export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: flags });
}

/** Starts a browser whose profile, with its storage and its cache, is kept in a folder. The caller closes it. */
export function launchProfile(executablePath: string, folder: string, baseURL: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath, args: flags, baseURL });
}

/** A tab that notes whatever a browser complains about. */
export type WatchedTab = {
  readonly tab: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the console, uncaught exceptions, and violations of the security policy, so far. */
  readonly complaints: string[];
};

/** Opens a tab in a profile of its own. `isExpected` names complaints that the test provokes. */
export async function openTab(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<WatchedTab> {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", ...options });
  context.setDefaultTimeout(30_000);
  const tab = await context.newPage();
  const complaints: string[] = [];
  tab.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.text()} ${message.location().url}`);
  });
  tab.on("pageerror", (error) => complaints.push(String(error)));
  await context.exposeFunction("noteViolation", (text: string) => void complaints.push(text));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) => {
      const { noteViolation } = globalThis as unknown as { noteViolation: (text: string) => void };
      noteViolation(`security policy: ${violatedDirective} ${blockedURI} in ${sourceFile}`);
    });
  });
  return { tab, context, complaints };
}

/** What axe finds wrong with what a tab shows now, one line per rule and place. */
export async function findBarriers(tab: Page): Promise<readonly string[]> {
  if (!(await tab.evaluate(() => "axe" in globalThis))) await tab.evaluate(axe.source);
  const violations = await tab.evaluate(async () => {
    const { axe: judge } = globalThis as unknown as { axe: typeof axe };
    const { violations: found, passes } = await judge.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    if (passes.length === 0) throw new Error("axe judged nothing");
    return found.map(({ id, nodes }) => ({
      id,
      places: nodes.map(({ target, failureSummary }) => [target, failureSummary]),
    }));
  });
  return violations.flatMap(({ id, places }) => places.map((place) => `${id}: ${JSON.stringify(place)}`));
}
