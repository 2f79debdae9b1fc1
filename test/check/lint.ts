import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Finding } from "./check.ts";
import { runTool } from "./run-tool.ts";

const rules = fileURLToPath(new URL(".", import.meta.url));

/** Lints and holds the format of every file against `biome.json` beside this file. `npm run format` repairs what it can. */
export async function checkLint(root: string): Promise<readonly Finding[]> {
  const words = ["check", `--config-path=${rules}`, "--reporter=github", "--max-diagnostics=none", "--colors=off"];
  const { status, stdout, stderr } = await runTool("@biomejs/biome", "biome", words, { folder: root });
  const findings: Finding[] = [];
  for (const line of stdout.split("\n")) {
    const match = /^::(?<severity>error|warning|notice) (?<fields>[^:]*(?::[^:]+)*?)::(?<text>.*)$/u.exec(line);
    if (match?.groups === undefined || match.groups["severity"] === "notice") continue;
    const fields = new Map((match.groups["fields"] ?? "").split(",").map((field) => splitOnce(field, "=")));
    const path = relative(root, resolve(root, fields.get("file") ?? "?"));
    const title = fields.get("title") ?? "";
    const repair = `repair by: npm run format -- ${path}`;
    findings.push({
      place: title === "format" ? path : `${path}:${fields.get("line") ?? 1}`,
      message:
        title === "format"
          ? `is not formatted; ${repair}`
          : `${title}: ${decodeURIComponent(match.groups["text"] ?? "")}`,
    });
  }
  if (status !== 0 && findings.length === 0) throw new Error(`biome failed: ${stdout}${stderr}`);
  return findings;
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
