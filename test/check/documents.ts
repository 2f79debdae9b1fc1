import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Finding } from "./check.ts";
import { asObject, listFiles, readJson } from "./tree.ts";

const ourFolders = /^(?:server|sdk|provider|examples|test|\.ci)\/[\w./@-]*$/u;

/** Proves that what the documents point to exists: linked files and headings, paths in code, scripts of package.json. */
export async function checkDocuments(root: string): Promise<readonly Finding[]> {
  const paths = await listFiles(root, (path) => path.endsWith(".md"));
  const scripts = Object.keys(asObject((await readJson(root, "package.json"))["scripts"]));
  const findings: Finding[] = [];
  for (const path of paths) {
    const text = await readFile(join(root, path), "utf8");
    for (const [index, line] of text.split("\n").entries()) {
      const add = (message: string) => findings.push({ place: `${path}:${index + 1}`, message });
      for (const target of linksOf(line)) {
        const message = await explainBrokenLink(root, path, target);
        if (message !== undefined) add(message);
      }
      for (const named of pathsOf(line)) if (!existsSync(join(root, named))) add(`${named} does not exist`);
      for (const script of scriptsOf(line)) {
        if (!scripts.includes(script)) add(`package.json has no script ${script}`);
      }
    }
  }
  return findings;
}

function linksOf(line: string): readonly string[] {
  return [...line.matchAll(/\]\((?<target>[^)\s]+)\)/gu)].map(({ groups }) => groups?.["target"] ?? "");
}

function pathsOf(line: string): readonly string[] {
  const spans = [...line.matchAll(/`(?<code>[^`]+)`/gu)].map(({ groups }) => groups?.["code"] ?? "");
  return spans.filter((code) => ourFolders.test(code));
}

function scriptsOf(line: string): readonly string[] {
  return [...line.matchAll(/npm run (?<script>[a-z][\w:-]*)/gu)].map(({ groups }) => groups?.["script"] ?? "");
}

async function explainBrokenLink(root: string, path: string, target: string): Promise<string | undefined> {
  if (/^[a-z][a-z0-9+.-]*:/iu.test(target)) return undefined;
  const [file = "", heading] = target.split("#");
  const linked = file === "" ? path : posix.join(posix.dirname(path), file);
  if (!existsSync(join(root, linked))) return `links to ${linked}, which does not exist`;
  if (heading === undefined || !linked.endsWith(".md")) return undefined;
  const anchors = anchorsOf(await readFile(join(root, linked), "utf8"));
  return anchors.includes(heading) ? undefined : `links to #${heading}, which ${linked} does not have`;
}

/** The anchors that a Markdown text names itself, and those its headings have on the usual code hosts. */
function anchorsOf(text: string): readonly string[] {
  const named = [...text.matchAll(/<a id="(?<anchor>[^"]+)">/gu)].map(({ groups }) => groups?.["anchor"] ?? "");
  const headings = [...text.matchAll(/^#+ +(?<title>.+)$/gmu)].map(({ groups }) => groups?.["title"] ?? "");
  const ofHeadings = headings.map((title) =>
    title
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/gu, "-"),
  );
  return [...named, ...ofHeadings];
}
