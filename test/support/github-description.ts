/** What GitHub's own description of its REST API says of the operations that the double has: requests and answers. */
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { asObject, type JsonObject } from "../check/tree.ts";
import { cached } from "./cache.ts";
import { runCommand } from "./commands.ts";

/** The package that carries the description, by its version and content. It unpacks to 400 MB, of which we keep what we need. */
const version = "23.0.2";
const integrity = "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==";
const file = "package/generated/api.github.com.json";
/** Paths of what the double has. */
const wanted = [
  /^\/repos\/\{owner\}\/\{repo\}\/actions\/(secrets|variables)/,
  /^\/repos\/\{owner\}\/\{repo\}\/environments\/\{environment_name\}\/(secrets|variables)/,
  /^\/orgs\/\{org\}\/actions\/(secrets|variables)/,
  /^\/app\/installations\/\{installation_id\}\/access_tokens$/,
];

/** A request, held against the description. */
export type DescribedOperation = {
  /** Such as `/orgs/{org}/actions/secrets/{secret_name}`. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What is wrong with a body; undefined when nothing is. */
  readonly fault: (body: unknown) => string | undefined;
  /** What is wrong with an answer of ours; undefined when nothing is. */
  readonly answerFault: (status: number, body: unknown) => string | undefined;
};

/** Finds the operation of a request; undefined when the description has none. */
export type GitHubDescription = (method: string, path: string) => DescribedOperation | undefined;

/** Reads the description, after fetching it once per machine. */
export async function readGitHubDescription(): Promise<GitHubDescription> {
  const folder = await cached(`github-description-${version}`, fetchDescription);
  const document: unknown = JSON.parse(await readFile(join(folder, "description.json"), "utf8"));
  const ajv = new Ajv2020({ strict: false, logger: false });
  addFormats.default(ajv);
  ajv.addSchema(asObject(document), "github");
  const paths = asObject(asObject(document)["paths"]);
  const routes = Object.keys(paths).map((path) => ({ path, form: formOf(path) }));
  return (method, requested) => {
    // A name goes before a parameter: `public-key` is no secret.
    const found = routes.filter(({ form }) => form.test(requested)).toSorted(byParameters)[0];
    const operation = found && asObject(paths[found.path])[method.toLowerCase()];
    if (found === undefined || operation === undefined) return undefined;
    const parameters = Object.entries(found.form.exec(requested)?.groups ?? {});
    const place = ["paths", found.path, method.toLowerCase()];
    return {
      path: found.path,
      parameters: Object.fromEntries(parameters.map(([name, value]) => [name, decodeURIComponent(value)])),
      fault: (body) => bodyFault(ajv, asObject(operation), place, body),
      answerFault: (status, body) => answerFault(ajv, asObject(operation), place, status, body),
    };
  };
}

function formOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
}

function byParameters(one: { readonly path: string }, other: { readonly path: string }): number {
  return one.path.split("{").length - other.path.split("{").length;
}

function bodyFault(ajv: Ajv2020, operation: JsonObject, place: readonly string[], body: unknown): string | undefined {
  const { requestBody } = operation;
  if (requestBody === undefined) return body === undefined ? undefined : "this takes no body";
  const { required, content } = asObject(requestBody);
  if (body === undefined) return required === true ? "a body is required" : undefined;
  const known = Object.keys(
    asObject(asObject(asObject(asObject(content)["application/json"])["schema"])["properties"]),
  );
  const stranger = Object.keys(asObject(body)).find((name) => !known.includes(name));
  if (stranger !== undefined) return `there is no ${stranger}`;
  const check = compile(ajv, [...place, "requestBody", "content", "application/json", "schema"]);
  return check(body) ? undefined : ajv.errorsText(check.errors);
}

function answerFault(
  ajv: Ajv2020,
  operation: JsonObject,
  place: readonly string[],
  status: number,
  body: unknown,
): string | undefined {
  const response = asObject(operation["responses"])[String(status)];
  if (response === undefined) return "the status is not described";
  const { content } = asObject(response);
  if (content === undefined) return body === undefined ? undefined : "this has no body";
  const check = compile(ajv, [...place, "responses", String(status), "content", "application/json", "schema"]);
  return check(body) ? undefined : ajv.errorsText(check.errors);
}

function compile(ajv: Ajv2020, place: readonly string[]): ValidateFunction {
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
  const compiled = ajv.getSchema(`github#/${pointer}`);
  if (compiled === undefined) throw new Error(`GitHub's description has no schema at ${pointer}`);
  return compiled;
}

async function fetchDescription(folder: string): Promise<void> {
  const run = async (program: string, args: readonly string[]) => {
    const result = await runCommand(program, args, { cwd: folder, environment: process.env, timeoutMs: 300_000 });
    if (result.exitCode !== 0) throw new Error(`GitHub's description could not be fetched:\n${result.output}`);
  };
  await run("npm", ["pack", "--silent", `@octokit/openapi@${version}`]);
  const archive = join(folder, `octokit-openapi-${version}.tgz`);
  const found = `sha512-${createHash("sha512")
    .update(await readFile(archive))
    .digest("base64")}`;
  if (found !== integrity) throw new Error(`GitHub's description is another one than expected: ${found}`);
  await run("tar", ["-xzf", archive, file]);
  const document = asObject(JSON.parse(await readFile(join(folder, file), "utf8")));
  await writeFile(join(folder, "description.json"), JSON.stringify(excerptOf(document)));
  await Promise.all([rm(archive), rm(join(folder, "package"), { recursive: true })]);
}

/** The wanted paths, and what they refer to. */
function excerptOf(document: JsonObject): JsonObject {
  const paths = Object.entries(asObject(document["paths"])).filter(([path]) => wanted.some((one) => one.test(path)));
  const components: Record<string, Record<string, unknown>> = {};
  const take = (value: unknown): void => {
    for (const [, kind = "", name = ""] of JSON.stringify(value).matchAll(/"#\/components\/([\w-]+)\/([\w-]+)"/g)) {
      const ofKind = components[kind] ?? {};
      components[kind] = ofKind;
      if (ofKind[name] !== undefined) continue;
      ofKind[name] = asObject(asObject(document["components"])[kind])[name];
      take(ofKind[name]);
    }
  };
  take(paths);
  return { paths: Object.fromEntries(paths), components };
}
