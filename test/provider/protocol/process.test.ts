import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeDynamicValue, encodeDynamicValue } from "../../../provider/protocol/dynamic-value.ts";
import { grpcStatus } from "../../../provider/protocol/grpc-status.ts";
import { healthCheck, tfplugin6 } from "../../../provider/protocol/messages.ts";
import { decodeMessage, encodeMessage } from "../../../provider/protocol/protobuf.ts";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { PluginConnection } from "../../../provider/testing/plugin-connection.ts";
import { isRunning } from "../../../provider/testing/running.ts";
import { cookie, startProcess, startProvider, until } from "./plugin-host.ts";

const host = createHostCertificate();
const secret = "tok_012345678901234567890123456789abcdef";
const provider = "/tfplugin6.Provider";

/** A create of an item called `one`. */
function applyRequest(attributes: { readonly [name: string]: string | number }): Buffer {
  const unset = { id: null, text: null, tags: null, misbehave: null, password: null, checksum: null };
  const item = { ...unset, name: "one", amount: 1, delay_ms: 0, ...attributes };
  return encodeMessage(tfplugin6["ApplyResourceChange.Request"], {
    type_name: "acme_item",
    prior_state: encodeDynamicValue(null),
    planned_state: encodeDynamicValue({ ...item, id: "x", checksum: "x" }),
    config: encodeDynamicValue(item),
  });
}

/** Connects and configures. */
async function configured(started: Awaited<ReturnType<typeof startProvider>>): Promise<PluginConnection> {
  const connection = await PluginConnection.open(started.handshake, host);
  const config = encodeDynamicValue({ token: secret });
  const request = encodeMessage(tfplugin6["ConfigureProvider.Request"], { terraform_version: "1.11.4", config });
  expect((await connection.call(`${provider}/ConfigureProvider`, request)).status).toBe(grpcStatus.ok);
  return connection;
}

/** An invocation that takes twice as long, whatever happens, and tells of it between. */
function shakeRequest(pause_ms: number): Buffer {
  const config = encodeDynamicValue({ times: 2, pause_ms });
  return encodeMessage(tfplugin6["InvokeAction.Request"], { action_type: "acme_shake", config });
}

function logLines(stderr: string): { readonly [name: string]: unknown }[] {
  return stderr
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe("a provider started by a person", () => {
  test("explains itself on standard error and exits with 1", async () => {
    await using started = startProcess({});
    expect(await started.ended).toEqual({ code: 1, signal: null });
    expect(started.output.stdout).toBe("");
    expect(started.output.stderr).toMatch(/^This program is a Terraform provider\./);
  });

  test("or by a host of another protocol says so and exits with 1", async () => {
    await using started = startProcess({ TF_PLUGIN_MAGIC_COOKIE: cookie, PLUGIN_PROTOCOL_VERSIONS: "5" });
    expect(await started.ended).toEqual({ code: 1, signal: null });
    expect(started.output.stdout).toBe("");
    expect(started.output.stderr).toContain("its host offers 5");
  });
});

test("a provider without a place for its socket says so and exits with 1", async () => {
  await using started = await startProvider(host, { TMPDIR: "/nowhere" });
  expect(await started.ended).toEqual({ code: 1, signal: null });
  expect(started.output.stdout).toBe("");
  expect(started.output.stderr).toContain("No socket can be made in /nowhere (ENOENT).");
});

test("a provider whose socket would have too long a path says so, leaving no folder", async () => {
  await using other = startProcess({});
  const parent = join(other.folder, "x".repeat(90));
  mkdirSync(parent);
  await using started = await startProvider(host, { PLUGIN_UNIX_SOCKET_DIR: parent });
  expect(await started.ended).toEqual({ code: 1, signal: null });
  expect(started.output.stderr).toContain("is too long");
  expect(readdirSync(parent)).toEqual([]);
});

describe("a provider started by Terraform", () => {
  test("prints one handshake line and listens where only its user gets in", async () => {
    await using started = await startProvider(host);
    expect(started.handshake.line).toMatch(/^1\|6\|unix\|\/[^|]+\|grpc\|[0-9A-Za-z+/]+\n$/);
    const { address } = started.handshake;
    expect(dirname(dirname(address))).toBe(started.folder);
    expect(statSync(address).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(address)).mode & 0o777).toBe(0o700);
  });

  test("listens in the host's folder when the host has one", async () => {
    await using other = startProcess({});
    await using started = await startProvider(host, { PLUGIN_UNIX_SOCKET_DIR: other.folder });
    expect(dirname(dirname(started.handshake.address))).toBe(other.folder);
  });

  test("lets nobody in but its host", async () => {
    await using started = await startProvider(host);
    await expect(PluginConnection.open(started.handshake)).rejects.toThrow();
    await expect(PluginConnection.open(started.handshake, createHostCertificate())).rejects.toThrow();
    await expect(PluginConnection.open(started.handshake, createHostCertificate(host))).rejects.toThrow();
    const connection = await PluginConnection.open(started.handshake, host);
    const request = encodeMessage(healthCheck.request, { service: "plugin" });
    const { body } = await connection.call("/grpc.health.v1.Health/Check", request);
    expect(decodeMessage(healthCheck.response, body)).toEqual({ status: healthCheck.serving });
    connection.close();
  });

  test("tells its schema, and answers UNIMPLEMENTED to what it has not", async () => {
    await using started = await startProvider(host);
    const connection = await PluginConnection.open(started.handshake, host);
    const { status, body } = await connection.call(`${provider}/GetProviderSchema`);
    expect(status).toBe(grpcStatus.ok);
    const schema = decodeMessage(tfplugin6["GetProviderSchema.Response"], body);
    expect([...schema.resource_schemas.keys()]).toEqual(["acme_item", "acme_old", "acme_setting"]);
    expect(schema.server_capabilities).toMatchObject({ plan_destroy: true, get_provider_schema_optional: true });
    for (const name of ["ReadStateBytes", "Nonsense"]) {
      expect((await connection.call(`${provider}/${name}`)).status, name).toBe(grpcStatus.unimplemented);
    }
    expect((await connection.call(`${provider}/PlanResourceChange`, Buffer.from("0aff", "hex"))).status).toBe(
      grpcStatus.internal,
    );
    connection.close();
  });

  test("ends promptly when the host shuts it down, leaving no file", async () => {
    await using started = await startProvider(host);
    const connection = await configured(started);
    void connection.call("/plugin.GRPCStdio/StreamStdio").catch(() => {});
    void connection.call("/plugin.GRPCBroker/StartStream").catch(() => {});
    const before = performance.now();
    await connection.call("/plugin.GRPCController/Shutdown");
    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(1500);
    expect(existsSync(dirname(started.handshake.address))).toBe(false);
    expect(existsSync(join(started.folder, "events", "closed"))).toBe(true);
  });

  test("ends promptly even when the provider does not want to close", async () => {
    await using started = await startProvider(host, { ACME_MISBEHAVE: "close" });
    const connection = await configured(started);
    const before = performance.now();
    await connection.call("/plugin.GRPCController/Shutdown");
    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(1900);
  });

  test("ends when asked to although the provider never finishes loading", async () => {
    await using started = await startProvider(host, { ACME_MISBEHAVE: "hang" });
    const connection = await PluginConnection.open(started.handshake, host);
    void connection.call(`${provider}/GetProviderSchema`).catch(() => {});
    await connection.call("/plugin.GRPCController/Shutdown");
    expect(await started.ended).toEqual({ code: 0, signal: null });
  });

  test("ends calls early when the host says stop, and still answers them", async () => {
    await using started = await startProvider(host);
    const connection = await configured(started);
    const answer = connection.call(`${provider}/ApplyResourceChange`, applyRequest({ misbehave: "wait" }));
    await until(() => existsSync(join(started.folder, "events", "creating-one")));
    expect((await connection.call(`${provider}/StopProvider`)).status).toBe(grpcStatus.ok);
    const { status, body } = await answer;
    expect(status).toBe(grpcStatus.ok);
    const { new_state } = decodeMessage(tfplugin6["ApplyResourceChange.Response"], body);
    expect(decodeDynamicValue(new_state)).toMatchObject({ id: "item-one" });
    connection.close();
  });

  test("ends when its host's connection has closed for good, after finishing the call under way", async () => {
    await using started = await startProvider(host);
    const connection = await configured(started);
    void connection.call(`${provider}/ApplyResourceChange`, applyRequest({ delay_ms: 500 })).catch(() => {});
    await until(() => existsSync(join(started.folder, "events", "creating-one")));
    connection.close();
    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(join(started.folder, "events", "created-one"))).toBe(true);
    expect(readdirSync(started.folder).filter((name) => name.startsWith("plugin-"))).toEqual([]);
  });

  type Leave = (started: Awaited<ReturnType<typeof startProvider>>, connection: PluginConnection) => void;
  // The first is noticed after 3 seconds: the action outlasts that.
  test.each<[string, number, Leave]>([
    ["its host's connection has closed", 2500, (_, connection) => connection.close()],
    ["it was told to by SIGTERM", 500, ({ child }) => void child.kill("SIGTERM")],
  ])("ends when %s, after finishing the action under way", async (_, pauseMs, leave) => {
    await using started = await startProvider(host);
    const connection = await configured(started);
    const answer = connection.call(`${provider}/InvokeAction`, shakeRequest(pauseMs)).catch(() => undefined);
    await until(() => existsSync(join(started.folder, "events", "shaking")));
    leave(started, connection);
    await answer;
    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(join(started.folder, "events", "shaken"))).toBe(true);
  });

  test("ends when its host dies before it connects", async () => {
    const shell = ["sh", "-c", '"$@" & echo $! >&2; wait', "sh"];
    await using started = await startProvider(host, {}, shell);
    const [line = ""] = started.output.stderr.split("\n");
    started.child.kill("SIGKILL");
    await until(() => !isRunning(Number(line)));
    expect(existsSync(started.handshake.address)).toBe(false);
  });

  test("ends by SIGTERM after finishing the call under way, and not by SIGINT", async () => {
    await using started = await startProvider(host);
    const connection = await configured(started);
    const answer = connection.call(`${provider}/ApplyResourceChange`, applyRequest({ delay_ms: 500 }));
    await until(() => existsSync(join(started.folder, "events", "creating-one")));
    started.child.kill("SIGINT");
    started.child.kill("SIGTERM");
    expect((await answer).status).toBe(grpcStatus.ok);
    expect(await started.ended).toEqual({ code: 0, signal: null });
  });
});

describe("the output of a provider", () => {
  test("is the handshake and log lines, whatever is printed; names and durations, no values", async () => {
    await using started = await startProvider(host);
    const connection = await configured(started);
    await connection.call(`${provider}/ApplyResourceChange`, applyRequest({ misbehave: "print", text: "hunter2" }));
    await connection.call("/plugin.GRPCController/Shutdown");
    await started.ended;
    expect(started.output.stdout).toBe(started.handshake.line);
    const lines = logLines(started.output.stderr);
    expect(lines).toContainEqual(expect.objectContaining({ "@level": "warn", text: "Hello, tok_0123****" }));
    expect(lines).toContainEqual(
      expect.objectContaining({
        tf_rpc: "ApplyResourceChange",
        tf_resource_type: "acme_item",
        tf_req_duration_ms: expect.any(Number),
      }),
    );
    expect(started.output.stderr).not.toContain(secret.slice(8));
    expect(started.output.stderr).not.toContain("hunter2");
  });

  test.each(["throw", "reject"])(
    "after an error nobody caught (%s) is one line without its text, and exit code 1",
    async (misbehave) => {
      await using started = await startProvider(host, { TF_LOG_PROVIDER: "error" });
      const connection = await configured(started);
      void connection.call(`${provider}/ApplyResourceChange`, applyRequest({ misbehave })).catch(() => {});
      expect(await started.ended).toEqual({ code: 1, signal: null });
      const lines = logLines(started.output.stderr);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({
        "@level": "error",
        "@module": "provider",
        error_type: misbehave === "throw" ? "Error" : "TypeError",
      });
      expect(lines[0]?.["error_at"]).toContain("acme-provider.ts");
      expect(started.output.stderr).not.toMatch(/panic|hunter2|tok_/);
      expect(existsSync(dirname(started.handshake.address))).toBe(false);
    },
  );

  test("names no value when the provider cannot be loaded, and each call says where to look", async () => {
    await using started = await startProvider(host, {
      ACME_MISBEHAVE: "load",
      ACME_SECRET: "hunter2",
      TF_LOG_PROVIDER: "error",
    });
    const connection = await PluginConnection.open(started.handshake, host);
    const answer = await connection.call(`${provider}/GetProviderSchema`);
    expect(answer.status).toBe(grpcStatus.internal);
    expect(answer.message).toContain("could not be loaded");
    await connection.call("/plugin.GRPCController/Shutdown");
    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(logLines(started.output.stderr)[0]).toMatchObject({ "@level": "error", error_type: "Error" });
    expect(started.output.stderr).not.toContain("hunter2");
  });
});

test("a provider asked for TCP listens on the loopback interface, in the host's range", async () => {
  await using started = await startProvider(host, {
    ACME_NETWORK: "tcp",
    PLUGIN_MIN_PORT: "23000",
    PLUGIN_MAX_PORT: "24000",
  });
  const [, port] = /^127\.0\.0\.1:(\d+)$/.exec(started.handshake.address) ?? [];
  expect(Number(port)).toBeGreaterThanOrEqual(23_000);
  expect(Number(port)).toBeLessThanOrEqual(24_000);
  const connection = await configured(started);
  await connection.call("/plugin.GRPCController/Shutdown");
  expect((await started.ended).code).toBe(0);
});
