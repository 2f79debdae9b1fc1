import { builtinModules } from "node:module";
import type { Finding } from "./check.ts";
import { listImports, parseSource } from "./source-imports.ts";
import { asList, asObject, type JsonObject, readJson, readSources, type SourceText } from "./tree.ts";

/** A package.json of this repository. `folder` is empty for the root. */
export interface Workspace {
  readonly folder: string;
  readonly manifest: JsonObject;
}

/** Proves that every package a source imports is declared where the source lies, exactly pinned, and that none is declared in vain. */
export async function checkDependencies(root: string): Promise<readonly Finding[]> {
  const manifest = await readJson(root, "package.json");
  const folders = asList(manifest["workspaces"]).filter((folder) => typeof folder === "string");
  const workspaces = await Promise.all(
    folders.map(async (folder) => ({ folder, manifest: await readJson(root, `${folder}/package.json`) })),
  );
  return findDependencyFaults([{ folder: "", manifest }, ...workspaces], await readSources(root));
}

/** The faults of these package.json files, given every source of the repository. */
export function findDependencyFaults(
  workspaces: readonly Workspace[],
  sources: readonly SourceText[],
): readonly Finding[] {
  const findings: Finding[] = [];
  const imported = new Map<Workspace, Set<string>>(workspaces.map((workspace) => [workspace, new Set()]));
  const declared = new Map(workspaces.map((workspace) => [workspace, declaredBy(workspace.manifest)]));
  const everywhere = new Set([...declared.values()].flatMap((names) => [...names]));
  for (const workspace of workspaces) everywhere.add(nameOf(workspace));
  for (const source of sources) {
    const workspace = ownerOf(source.path, workspaces);
    if (workspace === undefined) continue;
    for (const { specifier, line } of listImports(parseSource(source))) {
      const name = packageOf(specifier);
      if (name === undefined) continue;
      imported.get(workspace)?.add(name);
      // Tests belong to the root and look into every workspace, so they may use what any of them declares.
      const known = workspace.folder === "" ? everywhere : declared.get(workspace);
      if (known?.has(name) === true || name === nameOf(workspace)) continue;
      findings.push({
        place: `${source.path}:${line}`,
        message: `${name} is not declared in ${manifestOf(workspace)}`,
      });
    }
  }
  const texts = sources.filter(({ path }) => path.startsWith("test/")).map(({ text }) => text);
  for (const workspace of workspaces) {
    const used = new Set([...(imported.get(workspace) ?? []), ...peersOf(workspace, workspaces)]);
    findings.push(...findUnpinned(workspace), ...findUnused(workspace, used, texts));
  }
  return findings;
}

function ownerOf(path: string, workspaces: readonly Workspace[]): Workspace | undefined {
  const owners = workspaces.filter(({ folder }) => folder === "" || path.startsWith(`${folder}/`));
  return owners.toSorted((left, right) => right.folder.length - left.folder.length)[0];
}

/** The package a specifier belongs to, or undefined for files and for modules of Node. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || specifier === "(computed)") return undefined;
  if (builtinModules.includes(specifier)) return undefined;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function declaredBy(manifest: JsonObject): ReadonlySet<string> {
  const kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
  return new Set(kinds.flatMap((kind) => Object.keys(asObject(manifest[kind]))));
}

/** What the workspaces that this one depends on leave to it to install. */
function peersOf({ manifest }: Workspace, workspaces: readonly Workspace[]): readonly string[] {
  const names = Object.keys(asObject(manifest["dependencies"]));
  return workspaces
    .filter((workspace) => names.includes(nameOf(workspace)))
    .flatMap((workspace) => Object.keys(asObject(workspace.manifest["peerDependencies"])));
}

function findUnpinned(workspace: Workspace): readonly Finding[] {
  return ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
    Object.entries(asObject(workspace.manifest[kind])).flatMap(([name, version]) => {
      const pinned = typeof version === "string" && /^\d+\.\d+\.\d+(?:-[\w.]+)?$/u.test(version);
      return pinned
        ? []
        : [{ place: manifestOf(workspace), message: `${name}: ${String(version)} is not one exact version` }];
    }),
  );
}

function findUnused(workspace: Workspace, imported: ReadonlySet<string>, texts: readonly string[]): readonly Finding[] {
  const { manifest, folder } = workspace;
  const names = Object.keys(asObject(folder === "" ? manifest["devDependencies"] : manifest["dependencies"]));
  return names.flatMap((name) => {
    // A tool is not imported but run: by a script of package.json, or by name from a test or a check.
    const run = texts.some((text) => text.includes(`"${name}"`)) || name.startsWith("@types/");
    if (imported.has(name) || (folder === "" && run)) return [];
    return [{ place: manifestOf(workspace), message: `${name} is declared but nothing imports it` }];
  });
}

function nameOf({ manifest }: Workspace): string {
  return String(manifest["name"]);
}

function manifestOf({ folder }: Workspace): string {
  return folder === "" ? "package.json" : `${folder}/package.json`;
}
