/** How a cluster is found: by explicit settings, by kubeconfig files, by a credential plugin, or as a pod. */

import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import { type KubernetesAccess, openKubernetesSecretStore, openSecretStore } from "@orgtokens/sdk/secret-stores";
import { describe, expect, onTestFinished, test } from "vitest";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { refusal } from "../../conformance/secret-stores.ts";
import { tlsEdge } from "../../provider/configuration/tls-edge.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** An API server without the Secret, the credentials it was given, and those that it accepts no more. */
async function startApiServer() {
  const seen: (string | undefined)[] = [];
  const rejected = new Set<string | undefined>();
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response
      .writeHead(rejected.has(request.headers.authorization) ? 401 : 404)
      .end(JSON.stringify({ kind: "Status", details: { kind: "secrets" } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  return { host: `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`, seen, rejected };
}

const describePlace = (access: KubernetesAccess) =>
  openKubernetesSecretStore({ ...access, namespace: "ci", name: "x", key: "token" }).describe();

const encode = (text: string) => Buffer.from(text).toString("base64");
const userOf = (name: string, user: object) => ({ name, user });

function kubeconfig(host: string, user: object, more: object = {}): string {
  return JSON.stringify({
    "current-context": "one",
    contexts: [
      { name: "one", context: { cluster: "c", user: "one" } },
      { name: "two", context: { cluster: "c", user: "two" } },
    ],
    clusters: [{ name: "c", cluster: { server: host, ...more } }],
    users: [userOf("one", user), userOf("two", { token: "two" })],
  });
}

async function write(folder: string, name: string, text: string): Promise<string> {
  await mkdir(join(folder, name, ".."), { recursive: true });
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe("a kubeconfig", () => {
  test("gives the server and the token of its current context, or of the one that is named", async () => {
    const { host, seen } = await startApiServer();
    const path = await write(await temporaryFolder(), "config", kubeconfig(host, { token: "one" }));
    await describePlace({ kubeconfig: path });
    await describePlace({ kubeconfig: path, context: "two" });
    expect(seen).toEqual(["Bearer one", "Bearer two"]);
  });

  test("written as people write YAML is read, and token files beside it by relative paths", async () => {
    const { host, seen } = await startApiServer();
    const folder = await temporaryFolder();
    await write(folder, "secrets/token", "from-file\n");
    const text = `# staging
apiVersion: v1
kind: Config
current-context: staging
contexts:
  - {name: staging, context: {cluster: s, user: u}}
clusters:
  - name: s
    cluster:
      server: ${host}
users:
  - name: u
    user:
      tokenFile: secrets/token
`;
    await describePlace({ kubeconfig: await write(folder, "config", text) });
    expect(seen).toEqual(["Bearer from-file"]);
  });

  test("with certificates trusts the cluster's authority and nobody else's, and shows the client's certificate", async () => {
    const [authority, clientAuthority] = [createHostCertificate(), createHostCertificate()];
    const client = createHostCertificate(clientAuthority);
    const edge = await tlsEdge(createHostCertificate(authority), clientAuthority);
    const user = {
      "client-certificate-data": encode(client.certificatePem),
      "client-key-data": encode(client.privateKeyPem),
    };
    const folder = await temporaryFolder();
    const ask = async (name: string, more: object) => {
      const text = kubeconfig(`https://localhost:${edge.port}`, user, more);
      return refusal(async () => describePlace({ kubeconfig: await write(folder, name, text) }));
    };
    expect((await ask("untrusted", {})).code).toBe("secret_store_unreachable");
    expect(edge.presented).toEqual([]);
    await write(folder, "ca.crt", authority.certificatePem);
    // It answers, and is no API server.
    expect((await ask("trusted", { "certificate-authority": "ca.crt" })).code).toBe("secret_store_failed");
    expect(edge.presented).toEqual(["issued by host"]);
  });

  test("gives the name that the server's certificate is checked for, or says that nothing is checked", async () => {
    const [authority, clientAuthority] = [createHostCertificate(), createHostCertificate()];
    const edge = await tlsEdge(createHostCertificate(authority), clientAuthority);
    const client = createHostCertificate(clientAuthority);
    const user = {
      "client-certificate-data": encode(client.certificatePem),
      "client-key-data": encode(client.privateKeyPem),
    };
    const folder = await temporaryFolder();
    const ask = async (more: object) => {
      const text = kubeconfig(`https://127.0.0.1:${edge.port}`, user, more);
      return (await refusal(async () => describePlace({ kubeconfig: await write(folder, "config", text) }))).code;
    };
    const ca = { "certificate-authority-data": encode(authority.certificatePem) };
    // What answers there is no API server: who gets that far has accepted its certificate.
    expect(await ask({ ...ca, "tls-server-name": "localhost" })).toBe("secret_store_failed");
    expect(await ask({ ...ca, "tls-server-name": "other.example" })).toBe("secret_store_unreachable");
    expect(await ask({})).toBe("secret_store_unreachable");
    expect(await ask({ "insecure-skip-tls-verify": true })).toBe("secret_store_failed");
  });

  test("may be missing where several are named, and not where it is the only one", async () => {
    const { host, seen } = await startApiServer();
    const folder = await temporaryFolder();
    const [missing, present] = [
      join(folder, "missing"),
      await write(folder, "present", kubeconfig(host, { token: "one" })),
    ];
    await describePlace({ kubeconfig: `${missing}:${present}` });
    expect(seen).toEqual(["Bearer one"]);
    for (const kubeconfig of [missing, `${missing}:${missing}`]) {
      expect((await refusal(() => describePlace({ kubeconfig }))).code).toBe("secret_store_invalid_argument");
    }
  });

  test("of several files the first that names something counts", async () => {
    const { host, seen } = await startApiServer();
    const folder = await temporaryFolder();
    const users = await write(folder, "users", JSON.stringify({ users: [userOf("two", { token: "first" })] }));
    const rest = await write(folder, "rest", kubeconfig(host, { token: "one" }));
    await describePlace({ kubeconfig: `${users}:${rest}`, context: "two" });
    expect(seen).toEqual(["Bearer first"]);
  });

  test("with a credential plugin gets its token from there; the plugin is told of the cluster and gets its own variables", async () => {
    const { host, seen } = await startApiServer();
    const folder = await temporaryFolder();
    const plugin = await write(
      folder,
      "bin/plugin",
      `#!/bin/sh\nprintf '{"kind":"ExecCredential","status":{"token":"%s-%s-%s"}}' "$1" "$COLOUR" "$(printf %s "$KUBERNETES_EXEC_INFO" | grep -c '"server":"${host}"')"\n`,
    );
    await chmod(plugin, 0o755);
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "./bin/plugin",
      args: ["word"],
      env: [{ name: "COLOUR", value: "red" }],
      provideClusterInfo: true,
    };
    await describePlace({ kubeconfig: await write(folder, "config", kubeconfig(host, { exec })) });
    expect(seen).toEqual(["Bearer word-red-1"]);
  });

  test("has its plugin run once for all stores of a process, and again when its credential expires or is rejected", async () => {
    const { host, seen, rejected } = await startApiServer();
    const folder = await temporaryFolder();
    const script = (answer: string) =>
      `#!/bin/sh\n[ -z "$(cat)" ] || exit 9\necho >>runs\nprintf '{"status":{"token":"t%s"${answer}}}' "$(wc -l <runs)"\n`;
    const plugin = async (name: string, answer: string) => {
      await chmod(await write(folder, name, script(answer).replaceAll("runs", join(folder, `${name}-runs`))), 0o755);
      const exec = { apiVersion: "client.authentication.k8s.io/v1", command: `./${name}` };
      return write(folder, `${name}.yaml`, kubeconfig(host, { exec }));
    };
    const lasting = await plugin("lasting", "");
    await Promise.all(Array.from({ length: 20 }, () => describePlace({ kubeconfig: lasting })));
    expect(new Set(seen.splice(0))).toEqual(new Set(["Bearer t1"]));
    rejected.add("Bearer t1");
    await describePlace({ kubeconfig: lasting });
    await describePlace({ kubeconfig: lasting });
    expect(seen.splice(0)).toEqual(["Bearer t1", "Bearer t2", "Bearer t2"]);
    const short = await plugin("short", `,"expirationTimestamp":"${new Date(Date.now() + 5000).toISOString()}"`);
    rejected.clear();
    await describePlace({ kubeconfig: short });
    await describePlace({ kubeconfig: short });
    expect(seen).toEqual(["Bearer t1", "Bearer t2"]);
  });

  test("whose plugin fails, or says nothing usable, is refused without its output", async () => {
    const { host } = await startApiServer();
    for (const script of ["echo canary; echo canary >&2; exit 3", "echo canary", "echo '{}'"]) {
      const folder = await temporaryFolder();
      await chmod(await write(folder, "plugin", `#!/bin/sh\n${script}\n`), 0o755);
      const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "./plugin" };
      const path = await write(folder, "config", kubeconfig(host, { exec }));
      const error = await refusal(() => describePlace({ kubeconfig: path }));
      expect(error.code).toBe("secret_store_invalid_argument");
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
    }
  });

  test("that says something which would be ignored is refused, and so is one that names nothing or is none", async () => {
    const { host, seen } = await startApiServer();
    const broken = {
      "proxy-url": kubeconfig(host, { token: "t" }, { "proxy-url": "http://proxy:3128" }),
      '"as"': kubeconfig(host, { token: "t", as: "somebody" }),
      '"username"': kubeconfig(host, { username: "u", password: "p" }),
      interactiveMode: kubeconfig(host, { exec: { apiVersion: "v1", command: "./x", interactiveMode: "Always" } }),
      '"auth-provider"': kubeconfig(host, { "auth-provider": { name: "oidc" } }),
      "cannot be read": kubeconfig(host, { tokenFile: "nowhere" }),
      "no current context": "{}",
      'no context "gone"': '{"current-context":"gone"}',
      "is not YAML": "{ canary",
      "https URL": kubeconfig("http://10.0.0.1", { token: "t" }),
    };
    for (const [reason, text] of Object.entries(broken)) {
      const path = await write(await temporaryFolder(), "config", text);
      const error = await refusal(() => describePlace({ kubeconfig: path }));
      expect(error.code, reason).toBe("secret_store_invalid_argument");
      expect(error.message).toContain(reason);
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
    }
    expect(seen).toEqual([]);
  });
});

describe("where nothing is named", () => {
  test("the kubeconfig in the home folder counts, and without one the service account of the pod", async () => {
    const { host, seen } = await startApiServer();
    const [homeFolder, serviceAccountFolder] = [await temporaryFolder(), await temporaryFolder()];
    const usualPlaces = { homeFolder, serviceAccountFolder, serviceAccountHost: host };
    const unknown = await refusal(() => describePlace({ usualPlaces }));
    expect(unknown.code).toBe("secret_store_invalid_argument");
    expect(unknown.message).toContain(join(homeFolder, ".kube", "config"));
    await write(serviceAccountFolder, "token", "pod\n");
    await write(serviceAccountFolder, "ca.crt", "");
    await describePlace({ usualPlaces });
    await write(homeFolder, ".kube/config", kubeconfig(host, { token: "home" }));
    await describePlace({ usualPlaces });
    await describePlace({ usualPlaces, kubeconfig: "~/.kube/config", context: "two" });
    await describePlace({ usualPlaces, host, token: "explicit" });
    expect(seen).toEqual(["Bearer pod", "Bearer home", "Bearer two", "Bearer explicit"]);
  });

  test("the service account's token is read again when it was changed while the store is open", async () => {
    const { host, seen, rejected } = await startApiServer();
    const [homeFolder, serviceAccountFolder] = [await temporaryFolder(), await temporaryFolder()];
    await write(serviceAccountFolder, "token", "first\n");
    await write(serviceAccountFolder, "ca.crt", "");
    const usualPlaces = { homeFolder, serviceAccountFolder, serviceAccountHost: host };
    const store = openKubernetesSecretStore({ usualPlaces, namespace: "ci", name: "x", key: "token" });
    await store.describe();
    await write(serviceAccountFolder, "token", "second\n");
    await store.describe();
    rejected.add("Bearer first");
    await store.describe();
    await store.describe();
    rejected.add("Bearer second");
    expect((await refusal(() => store.describe())).message).toContain("(401)");
    expect(seen).toEqual(["first", "first", "first", "second", "second", "second"].map((token) => `Bearer ${token}`));
  });

  test("a pod's API server is where Kubernetes says in the environment, so that no name needs to be known", async () => {
    const [homeFolder, serviceAccountFolder] = [await temporaryFolder(), await temporaryFolder()];
    await write(serviceAccountFolder, "token", "pod");
    await write(serviceAccountFolder, "ca.crt", "");
    const place = { kubernetes: { namespace: "ci", name: "x", key: "token" } };
    const addressOf = async (environment: Readonly<Record<string, string>>) => {
      const kubernetes = { usualPlaces: { homeFolder, serviceAccountFolder } };
      const error = await refusal(() => openSecretStore(place, { kubernetes, environment }).describe());
      return /https:\/\/\S+/.exec(error.message)?.[0];
    };
    const port = { KUBERNETES_SERVICE_PORT: "9" };
    expect(await addressOf({ KUBERNETES_SERVICE_HOST: "127.0.0.1", ...port })).toBe("https://127.0.0.1:9");
    expect(await addressOf({ KUBERNETES_SERVICE_HOST: "::1", ...port })).toBe("https://[::1]:9");
  });
});
