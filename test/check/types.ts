import type { Finding } from "./check.ts";
import { runTool } from "./run-tool.ts";

/** Type-checks the project of `tsconfig.json`. */
export async function checkTypes(root: string): Promise<readonly Finding[]> {
  const { status, stdout, stderr } = await runTool("typescript", "tsc", ["-p", "tsconfig.json", "--pretty", "false"], {
    folder: root,
  });
  const findings: Finding[] = [];
  for (const line of stdout.split("\n")) {
    const match = /^(?<path>.+?)\((?<line>\d+),\d+\): error (?<text>TS\d+: .*)$/u.exec(line);
    if (match?.groups !== undefined) {
      findings.push({ place: `${match.groups["path"]}:${match.groups["line"]}`, message: match.groups["text"] ?? "" });
    } else if (line.startsWith("error ")) {
      findings.push({ place: "tsconfig.json", message: line.slice("error ".length) });
    }
  }
  if (status !== 0 && findings.length === 0) throw new Error(`tsc failed: ${stdout}${stderr}`);
  return findings;
}
