/** What Google's own description of Secret Manager, in its client, says of requests: the messages, what is required, the names. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fromJSON, type PackageDefinition } from "@grpc/proto-loader";
import { asObject, type JsonObject } from "../check/tree.ts";

/** The description: its services for gRPC, and what it demands of a request beyond its types. */
export type GoogleDescription = {
  readonly definition: PackageDefinition;
  /** What is wrong with a request of a method; undefined when nothing is. */
  readonly fault: (method: string, request: object) => string | undefined;
};

/** Reads the description. */
export async function readGoogleDescription(): Promise<GoogleDescription> {
  const path = createRequire(import.meta.url).resolve("@google-cloud/secret-manager/build/protos/protos.json");
  const json: JsonObject = asObject(JSON.parse(await readFile(path, "utf8")));
  const messages = ["google", "cloud", "secretmanager", "v1"].reduce(
    (scope, name) => asObject(asObject(scope["nested"])[name]),
    json,
  );
  const types = asObject(messages["nested"]);
  const methods = asObject(asObject(types["SecretManagerService"])["methods"]);
  return {
    definition: fromJSON(json, { longs: String, enums: String, defaults: false, oneofs: false }),
    fault(method, request) {
      const { requestType, parsedOptions } = asObject(methods[method]);
      return missingField(asObject(types[String(requestType)]), request) ?? wrongName(parsedOptions, request);
    },
  };
}

function missingField(type: JsonObject, request: object): string | undefined {
  for (const [name, field] of Object.entries(asObject(type["fields"]))) {
    const isRequired = asObject(asObject(field)["options"])["(google.api.field_behavior)"] === "REQUIRED";
    const value = asObject(request)[name];
    if (isRequired && (value === undefined || value === null || value === "")) return `${name} is required`;
  }
  return undefined;
}

/** The paths of HTTP say how names are built: `{parent=projects/*\/secrets/*}`. */
function wrongName(parsedOptions: unknown, request: object): string | undefined {
  const paths = [...JSON.stringify(parsedOptions ?? []).matchAll(/\{([\w.]+)=([^}"]+)\}/g)];
  const field = paths[0]?.[1];
  if (field === undefined) return undefined;
  const name = field.split(".").reduce<unknown>((value, part) => asObject(value)[part], request);
  const isKnown = paths.some(([, , form = ""]) => {
    const source = form
      .split("/")
      .map((part) => (part === "*" ? "[^/]+" : part === "**" ? ".+" : part))
      .join("/");
    return new RegExp(`^${source}$`).test(String(name));
  });
  return isKnown ? undefined : `${field} is no name of a resource`;
}
