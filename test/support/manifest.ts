import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { asList, asObject, type JsonObject } from "../check/tree.ts";
import type { ContainerSettings } from "./container-settings.ts";

/** A container of a manifest, as far as what runs in it is concerned. */
export type ManifestContainer = ContainerSettings & {
  /** Of the startup, the liveness and the readiness probe, where they ask by HTTP. */
  readonly probePaths: readonly string[];
  readonly ports: Readonly<Record<string, number>>;
};

/** The objects of a manifest in `examples/kubernetes`, in order. */
export async function readManifest(name: string): Promise<readonly JsonObject[]> {
  const path = fileURLToPath(new URL(`../../examples/kubernetes/${name}`, import.meta.url));
  return parseAllDocuments(await readFile(path, "utf8")).map((document) => asObject(document.toJS()));
}

/** The member that a path of names leads to; an empty object when there is none. */
export function within(value: unknown, ...names: readonly string[]): JsonObject {
  return names.reduce((object, name) => asObject(object[name]), asObject(value));
}

/** The pod template of a Deployment or StatefulSet. */
export function podTemplateOf(object: JsonObject): JsonObject {
  return within(object, "spec", "template");
}

/** The containers of all objects of a kind. What a Secret gives is stood in for by an address of a mail server. */
export function containersOf(objects: readonly JsonObject[], kind: string): readonly ManifestContainer[] {
  return objects
    .filter((object) => object["kind"] === kind)
    .flatMap((object) => asList(within(podTemplateOf(object), "spec")["containers"]).map(asObject))
    .map((container) => ({
      args: asList(container["args"]).map(String),
      environment: Object.fromEntries(asList(container["env"]).map(asObject).map(parseVariable)),
      probePaths: ["startupProbe", "livenessProbe", "readinessProbe"].flatMap((name) => {
        const { path } = within(container, name, "httpGet");
        return path === undefined ? [] : [String(path)];
      }),
      ports: Object.fromEntries(
        asList(container["ports"])
          .map(asObject)
          .map(({ name, containerPort }) => [String(name), Number(containerPort)]),
      ),
    }));
}

function parseVariable({ name, value }: JsonObject): readonly [name: string, value: string] {
  return [String(name), value === undefined ? "smtps://user:password@mail.example.com" : String(value)];
}
