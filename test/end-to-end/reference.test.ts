/** The API reference, as a reader has it: in a browser, and by its commands in a shell. */
import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import { ContractDocument } from "../../server/reference/contract-document.ts";
import { curlCommand } from "../../server/reference/curl.ts";
import { findBarriers, findChromium, launchBrowser, openTab } from "../support/browser.ts";
import { runCommand } from "../support/commands.ts";
import { startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 180_000 });

test("the reference has no barriers and no sideways scrolling, in light and dark, from 360 px on", async ({
  skip,
  onTestFinished,
}) => {
  const program = await findChromium();
  skip(program === undefined, "Chromium is not installed");
  const server = await startServer(await temporaryFolder());
  onTestFinished(() => server.close());
  const browser = await launchBrowser(program ?? "");
  onTestFinished(() => browser.close());
  for (const [colorScheme, width] of [
    ["light", 360],
    ["dark", 1440],
  ] as const) {
    const { tab, context, complaints } = await openTab(browser, { colorScheme, viewport: { width, height: 900 } });
    const asked: string[] = [];
    tab.on("request", (request) => void asked.push(new URL(request.url()).pathname));
    await tab.goto(`${server.endpoint}/docs`);
    const details = await tab.locator("details.answer").all();
    expect(details.length).toBeGreaterThan(50);
    await tab.evaluate(() => {
      for (const each of document.querySelectorAll("details")) each.open = true;
    });
    expect(await findBarriers(tab)).toEqual([]);
    expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await tab.keyboard.press("Tab");
    expect(await tab.locator(":focus").textContent()).toBe("Skip to the reference");
    expect(asked.filter((path) => path !== "/favicon.ico")).toEqual(["/docs", "/docs/reference.css"]);
    expect(complaints.filter((text) => !text.includes("favicon"))).toEqual([]);
    const folder = process.env["ORGTOKENS_SCREENSHOTS"];
    if (folder !== undefined) await tab.screenshot({ path: `${folder}/reference-${colorScheme}-${width}.png` });
    await context.close();
  }
});

test("each command of the reference does what its operation is about, as it stands there", async ({
  onTestFinished,
}) => {
  const folder = await temporaryFolder();
  const server = await startServer(folder);
  onTestFinished(() => server.close());
  const document = new ContractDocument(await (await fetch(`${server.endpoint}/openapi.json`)).json());
  const page = (await (await fetch(`${server.endpoint}/docs`)).text())
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'");
  for (const operation of document.operations().filter(({ isOwnPageOnly }) => !isOwnPageOnly)) {
    const command = curlCommand(operation);
    expect(page).toContain(command);
    const label = randomBytes(4).toString("hex");
    const admin = await server.admin.createApiToken({ label, role: "admin", expiresInSeconds: 3600 });
    const script = `${command} --silent --output answer --write-out '%{http_code}'`;
    const { stdout } = await runCommand("bash", ["-euo", "pipefail", "-c", script], {
      cwd: folder,
      environment: {
        PATH: process.env["PATH"],
        ORGTOKENS_ENDPOINT: server.endpoint,
        ORGTOKENS_API_TOKEN: admin.token,
        ORGTOKENS_SESSION: "none",
        ORGTOKENS_CSRF_TOKEN: "none",
      },
    });
    const declared = operation.answers.map(({ status }) => status);
    expect(declared, command).toContain(stdout);
    expect(["400", "405", "413", "415", "429", "503"], command).not.toContain(stdout);
  }
});
