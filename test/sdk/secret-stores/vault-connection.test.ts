/** The way to Vault: TLS, proxies, and answers that say "not now". */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openVaultSecretStore, type VaultAccess } from "@orgtokens/sdk/secret-stores";
import { expect, test } from "vitest";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { refusal } from "../../conformance/secret-stores.ts";
import { proxyEdge, tlsEdge } from "../../provider/configuration/tls-edge.ts";
import { edge, json } from "../../support/edge.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const authority = createHostCertificate();
const issued = createHostCertificate(authority);
const clientAuthority = createHostCertificate();
const client = createHostCertificate(clientAuthority);

function open(access: Partial<VaultAccess> & { readonly address: string }) {
  return openVaultSecretStore({ token: "hvs.it", mount: "kv", path: "ci", key: "token", ...access });
}

async function file(text: string, name = "it.pem"): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, text);
  return path;
}

test("authorities of one's own are trusted as text, file or folder, and nothing else is", async () => {
  const { port, requests } = await tlsEdge(issued);
  const address = `https://localhost:${port}`;
  const folder = join(await temporaryFolder(), "ca");
  await mkdir(folder);
  await writeFile(join(folder, "one.pem"), authority.certificatePem);
  await writeFile(join(folder, "notes.txt"), "no certificate");
  for (const tls of [
    { caPem: authority.certificatePem },
    { caFile: await file(authority.certificatePem) },
    { caFolder: folder },
    { skipVerify: true },
  ]) {
    const store = open({ address, tls });
    expect(await store.read()).toBeUndefined();
    await store.close();
  }
  expect(requests).toHaveLength(4);
  for (const tls of [{ caPem: client.certificatePem }, { caPem: authority.certificatePem, serverName: "other.test" }]) {
    const error = await refusal(() => open({ address, tls }).describe());
    expect(error).toMatchObject({ code: "secret_store_unreachable" });
    expect(error.message).toMatch(/certificate of its authority/);
  }
  expect((await refusal(() => open({ address }).describe())).code).toBe("secret_store_unreachable");
  expect(requests).toHaveLength(4);
});

test("a client certificate is presented; files that cannot be used are named", async () => {
  const { port, presented } = await tlsEdge(issued, clientAuthority);
  const address = `https://localhost:${port}`;
  const [certificateFile, keyFile] = [await file(client.certificatePem), await file(client.privateKeyPem)];
  const store = open({ address, tls: { caPem: authority.certificatePem, certificateFile, keyFile } });
  expect(await store.read()).toBeUndefined();
  await store.close();
  expect(presented).toHaveLength(1);
  const missing = await refusal(() => open({ address, tls: { caFile: "/nowhere/ca.pem" } }).describe());
  expect(missing).toMatchObject({ code: "secret_store_invalid_argument", retryable: false });
  expect(missing.message).toContain("/nowhere/ca.pem cannot be read (ENOENT)");
  const wrong = await refusal(() =>
    open({ address, tls: { certificateFile, keyFile: certificateFile, caPem: authority.certificatePem } }).describe(),
  );
  expect(wrong).toMatchObject({ code: "secret_store_invalid_argument" });
});

test("a proxy that the environment names carries everything", async () => {
  const { port, requests } = await tlsEdge(issued);
  const proxy = await proxyEdge(port);
  const store = open({
    address: "https://localhost",
    tls: { caPem: authority.certificatePem },
    proxyEnvironment: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
  });
  expect(await store.read()).toBeUndefined();
  await store.close();
  expect(proxy.asked.map(({ target }) => target)).toEqual(["localhost:443"]);
  expect(requests).toHaveLength(1);
});

test.each([408, 412, 429, 472, 473, 500, 502, 503, 504])(
  "the status %i means that Vault cannot answer now, which is retryable",
  async (status) => {
    const { endpoint } = await edge(json(status, { errors: ["Vault is sealed"] }));
    const error = await refusal(() => open({ address: endpoint }).describe());
    expect(error).toMatchObject({ code: "secret_store_unreachable", retryable: true });
    expect(error.message).toContain(`(${status})`);
    const login = { method: "approle", roleId: "r", secretId: "s" } as const;
    const { token: _, ...access } = { token: "", address: endpoint, login };
    const refused = await refusal(() =>
      openVaultSecretStore({ ...access, mount: "kv", path: "ci", key: "token" }).describe(),
    );
    expect(refused).toMatchObject({ code: "secret_store_unreachable", retryable: true });
  },
);

test("a request that takes longer than its time is given up, and the place can be tried again", async () => {
  const { endpoint } = await edge(() => undefined);
  const error = await refusal(() => open({ address: endpoint, timeoutMs: 50 }).describe());
  expect(error).toMatchObject({ code: "secret_store_unreachable", retryable: true });
});
