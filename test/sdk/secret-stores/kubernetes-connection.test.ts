/** What answers at the address of an API server, and how a store of Kubernetes takes it. The real one is in kubernetes.test.ts. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { inspect } from "node:util";
import {
  type KubernetesSecretStoreOptions,
  openKubernetesSecretStore,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { describe, expect, onTestFinished, test } from "vitest";
import { buildSecret, put, refusal } from "../../conformance/secret-stores.ts";

const token = "service-account-token";

function open(host: string, options: Partial<KubernetesSecretStoreOptions> = {}): SecretStore {
  return openKubernetesSecretStore({ host, token, namespace: "ci", name: "x", key: "token", ...options });
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  return `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
}

const answer = (status: number, body: string, headers = {}) =>
  serve((request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  });

const secretMissing = JSON.stringify({ kind: "Status", reason: "NotFound", details: { name: "x", kind: "secrets" } });

describe("an API server", () => {
  test("that nothing answers at, that cannot answer now or cuts its answer off, is retryable", async () => {
    const cutOff = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 100 }).write('{"metadata"');
      setImmediate(() => response.destroy());
    });
    for (const host of ["http://127.0.0.1:1", await answer(503, "<html>"), await answer(429, "{}"), cutOff]) {
      for (const act of [
        (store: SecretStore) => store.checkWritable(),
        (store: SecretStore) => put(store, buildSecret()),
      ]) {
        const error = await refusal(() => act(open(host)));
        expect(error, host).toMatchObject({ code: "secret_store_unreachable", retryable: true });
        expect(inspect(error, { depth: 9 })).not.toContain(token);
      }
    }
  });

  test("that never answers is waited for no longer than the caller wants", async () => {
    const host = await serve(() => undefined);
    const reason = new Error("enough");
    const controller = new AbortController();
    const described = open(host).describe({ signal: controller.signal });
    controller.abort(reason);
    await expect(described).rejects.toBe(reason);
  });

  test("that redirects is refused, and its target never sees the token", async () => {
    const seen: unknown[] = [];
    const target = await serve((request, response) => {
      seen.push(request.headers);
      response.end("{}");
    });
    const host = await answer(307, "", { location: target });
    expect((await refusal(() => put(open(host), buildSecret()))).code).toBe("secret_store_unreachable");
    expect(seen).toEqual([]);
  });

  test("that is none is told apart from one without the Secret, and nothing of its answer is quoted", async () => {
    const { text } = buildSecret();
    for (const host of [
      await answer(200, text),
      await answer(200, `{"data":{"token":"${text}"`),
      await answer(200, `{"kind":"${text}"}`),
      await answer(404, text),
      await answer(404, `{"kind":"${text}"}`),
    ]) {
      const error = await refusal(() => open(host).describe());
      expect(error.code).toBe("secret_store_failed");
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(text.slice(0, 8));
    }
    expect(await open(await answer(404, secretMissing)).describe()).toBeUndefined();
  });

  test("whose answer never ends is not read on", async () => {
    const host = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    expect((await refusal(() => open(host).read())).code).toBe("secret_store_failed");
  });

  test("is asked for metadata only, so that a plan never fetches the value, and gets the token with each request", async () => {
    const seen: unknown[] = [];
    const host = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers.accept, request.headers.authorization]);
      response.writeHead(request.method === "GET" ? 403 : 404).end(secretMissing);
    });
    expect(await open(`${host}/`).describe()).toBeUndefined();
    const path = "/api/v1/namespaces/ci/secrets/x";
    const metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    expect(seen).toEqual([
      ["GET", path, metadata, `Bearer ${token}`],
      ["PATCH", `${path}?dryRun=All`, metadata, `Bearer ${token}`],
    ]);
  });

  test("must have an https address, and the token must be printable; neither is quoted", async () => {
    for (const wrong of [
      { host: "http://10.0.0.1" },
      { host: "k8s:6443" },
      { host: "" },
      { token: "two words" },
      { token: "" },
    ]) {
      const error = await refusal(() => open("https://127.0.0.1:1", wrong));
      expect(error.code).toBe("secret_store_invalid_argument");
      expect(inspect(error)).not.toContain("two words");
    }
  });

  test("is not spoken to with certificates that are none, or when nothing trusts its own", async () => {
    const error = await refusal(() =>
      open("https://127.0.0.1:1", { caCertificate: "-----BEGIN CERTIFICATE-----\nAA" }).describe(),
    );
    expect(["secret_store_invalid_argument", "secret_store_unreachable"]).toContain(error.code);
  });
});
