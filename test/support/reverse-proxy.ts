import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { eventually } from "./clock.ts";
import { makeFolder } from "./temporary-folder.ts";
import { unusedPort } from "./unused-port.ts";

/** A reverse proxy of a kind that `examples/integrations` has a configuration for. */
export type ProxyKind = "nginx" | "caddy";

/** A service that notes the requests which reach it, and the proxy before it that asks `orgtokens` first. */
export type ProtectedService = {
  readonly endpoint: string;
  /** The header fields of every request that reached the service. */
  readonly reached: readonly IncomingHttpHeaders[];
};

const integrations = fileURLToPath(new URL("../../examples/integrations", import.meta.url));

/** Starts a service, and before it a proxy with the configuration of the examples; both end with the test. */
export async function startProtectedService(
  kind: ProxyKind,
  program: string,
  orgtokens: string,
): Promise<ProtectedService> {
  const reached: IncomingHttpHeaders[] = [];
  const service = createServer((request, response) => {
    reached.push(request.headers);
    response.end(`served ${request.method} ${request.url}`);
  }).listen(0, "127.0.0.1");
  await once(service, "listening");
  onTestFinished(() => void service.close());
  const at = service.address();
  const port = await unusedPort();
  const replaced = {
    "127.0.0.1:8080": new URL(orgtokens).host,
    "127.0.0.1:9000": `127.0.0.1:${typeof at === "object" ? at?.port : 0}`,
    "127.0.0.1:8088": `127.0.0.1:${port}`,
  };
  const folder = await makeFolder();
  await chmod(folder, 0o755);
  const args = kind === "nginx" ? await configureNginx(folder, replaced) : await configureCaddy(folder, replaced);
  const child = spawn(program, args, {
    cwd: folder,
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
  onTestFinished(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`${kind} ended:\n${log}`);
    return fetch(endpoint).then(
      () => true,
      () => undefined,
    );
  }, 20_000);
  return { endpoint, reached };
}

async function configureNginx(folder: string, replaced: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const site = await readExample("nginx/orgtokens.conf", replaced);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const main = `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events { }
http {
  access_log off;
  ${paths.join("\n  ")}
  ${site}
}
`;
  await writeFile(join(folder, "nginx.conf"), main);
  return ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")];
}

async function configureCaddy(folder: string, replaced: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await writeFile(join(folder, "Caddyfile"), await readExample("caddy/Caddyfile", replaced));
  return ["run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")];
}

async function readExample(path: string, replaced: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(join(integrations, path), "utf8");
  return Object.entries(replaced).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`${path} does not name ${from}`);
    return changed.replaceAll(from, to);
  }, text);
}
