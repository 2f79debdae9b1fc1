/** How a cluster is found: by explicit settings, by kubeconfig files, by a credential plugin, or as a pod. */

import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import { type KubernetesAccess, openKubernetesSecretStore } from "@orgtokens/sdk/secret-stores";
import { describe, expect, onTestFinished, test } from "vitest";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { refusal } from "../../conformance/secret-stores.ts";
import { tlsEdge } from "../../provider/configuration/tls-edge.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** An API server without the Secret, and the credentials it was given. */
async function startApiServer() {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end(JSON.stringify({ kind: "Status", details: { kind: "secrets" } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  return { host: `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`, seen };
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
});
