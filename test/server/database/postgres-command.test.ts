import { writeFile } from "node:fs/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import { createServerCertificate } from "../../../provider/protocol/certificate.ts";
import { eventually } from "../../support/clock.ts";
import { emptyLocation, queryDatabase } from "../../support/database.ts";
import { startCluster } from "../../support/postgres-cluster.ts";
import { initialiseDatabase, runServerCommand, startServerProcess } from "../../support/server-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { unusedPort } from "../../support/unused-port.ts";

/** These tests start several processes, each for about a second on a busy machine. */
const slow = { timeout: 90_000 };
const names = ["--organization", "Test Ltd", "--admin-email", "ada@test.example"];
const password = "hunter2";
const withPassword = (url: string) => url.replace("orgtokens@", `orgtokens:${password}@`);

test("init and start take a URL, show it without its password, and log it nowhere", slow, async () => {
  const folder = await temporaryFolder();
  const url = withPassword(await emptyLocation());
  const early = await runServerCommand(folder, ["start", "--database", url, "--port", "0"]);
  expect([early.exitCode, early.output]).toEqual([1, expect.stringContaining("no organization yet")]);
  const { exitCode, stdout, output } = await runServerCommand(folder, ["init", ...names], { ORGTOKENS_DATABASE: url });
  expect(exitCode, output).toBe(0);
  expect(stdout).toMatch(/tok_\w{36}[\s\S]*start --database postgres:\/\/orgtokens:\*\*\*@127\.0\.0\.1:\d+\/test_/);
  const token = /tok_\w{36}/.exec(stdout)?.[0] ?? "";
  const server = await startServerProcess(["--port", "0"], { ORGTOKENS_DATABASE: url });
  expect((await server.send("GET", "/v2/me", token)).status).toBe(200);
  const terminate = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'orgtokens'";
  await queryDatabase(url, terminate);
  await eventually(() => (server.log().includes("an idle database connection was lost") ? true : undefined));
  expect((await server.send("GET", "/v2/me", token)).status).toBe(200);
  expect(await server.end("SIGTERM")).toBe(0);
  expect(early.output + output + server.log()).not.toContain(password);
});

test.for([
  ["a server that is not there", async (_url: URL) => `127.0.0.1:${await unusedPort()}/a`, /ECONNREFUSED/],
  ["a name with several addresses", async (_url: URL) => `localhost:${await unusedPort()}/a`, /ECONNREFUSED/],
  ["a database that is not there", async (url: URL) => `${url.host}/nowhere`, /database "nowhere" does not exist/],
  ["a parameter it does not know", async (url: URL) => `${url.host}/a?sslmod=require`, /parameter sslmod is not known/],
] as const)("start with %s says so without the password and ends with code 1", slow, async ([, place, message]) => {
  const url = `postgres://orgtokens:${password}@${await place(new URL(await emptyLocation()))}`;
  const { exitCode, output } = await runServerCommand(await temporaryFolder(), ["start", "--database", url]);
  expect(exitCode).toBe(1);
  expect(output).toMatch(/^Cannot open the database postgres:\/\/orgtokens:\*\*\*@.*correct --database\.\n$/);
  expect(output).toMatch(message);
  expect(output).not.toContain(password);
});

test("two inits at once create one organization", slow, async () => {
  const folder = await temporaryFolder();
  const args = ["init", "--database", await emptyLocation(), ...names, "--json"];
  const results = await Promise.all([runServerCommand(folder, args), runServerCommand(folder, args)]);
  expect(results.map(({ exitCode }) => exitCode).toSorted(), results.map(({ output }) => output).join("")).toEqual([
    0, 1,
  ]);
  expect(results.map(({ output }) => output).join("")).toContain("already has an organization");
});

test(
  "servers that start at once serve the same, and what one revokes the others refuse from its answer on",
  slow,
  async () => {
    const url = await emptyLocation();
    const token = await initialiseDatabase(await temporaryFolder(), url);
    const args = ["--database", url, "--port", "0"];
    const servers = await Promise.all(Array.from({ length: 4 }, () => startServerProcess(args)));
    for (let round = 0; round < 8; round += 1) {
      const [one, ...others] = [...servers.slice(round % 4), ...servers.slice(0, round % 4)];
      const created = JSON.parse(
        (await one?.send("POST", "/v2/api-tokens", token, { label: "CI", role: "developer" }))?.text ?? "{}",
      );
      const before = await Promise.all(others.map((server) => server.send("GET", "/v2/me", created.token)));
      expect(before.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect((await one?.send("DELETE", `/v2/api-tokens/${created.id}`, token))?.status).toBe(204);
      const after = await Promise.all(others.map((server) => server.send("GET", "/v2/me", created.token)));
      expect(after.map(({ text }) => JSON.parse(text).code)).toEqual(
        Array.from({ length: 3 }, () => "authentication_revoked"),
      );
    }
  },
);

test("sslmode and sslrootcert mean what they mean to libpq", slow, async () => {
  const tested = inject("database");
  if (tested.dialect !== "postgres" || tested.binaries === undefined) throw new Error("This needs PostgreSQL.");
  const { certificatePem, certificateDer, privateKeyPem } = createServerCertificate(new Date());
  const lines = certificateDer
    .toString("base64")
    .match(/.{1,64}/g)
    ?.join("\n");
  const cluster = await startCluster({
    binaries: tested.binaries,
    settings: { ssl: "on" },
    files: {
      "server.crt": `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
      "server.key": privateKeyPem,
      "pg_hba.conf": "hostssl all app 127.0.0.1/32 trust\nhost all orgtokens 127.0.0.1/32 trust\n",
    },
  });
  onTestFinished(() => cluster.close());
  await cluster.query("create role app login");
  await cluster.query("create database tokens owner app");
  const folder = await temporaryFolder();
  const root = `${folder}/root.pem`;
  await writeFile(root, certificatePem);
  const start = async (host: string, parameters: string) => {
    const url = `postgres://app@${host}:${cluster.port}/tokens?${parameters}`;
    const { output } = await runServerCommand(folder, ["start", "--database", url, "--port", "0"]);
    return /no organization yet/.test(output) ? "connected" : output;
  };
  expect(await start("127.0.0.1", "sslmode=disable")).toMatch(/no encryption/);
  expect(await start("127.0.0.1", "sslmode=require")).toBe("connected");
  expect(await start("127.0.0.1", "sslmode=verify-full")).toMatch(/self-signed certificate/);
  expect(await start("127.0.0.1", `sslmode=verify-ca&sslrootcert=${root}`)).toBe("connected");
  expect(await start("localhost", `sslmode=verify-full&sslrootcert=${root}`)).toBe("connected");
  expect(await start("127.0.0.1", `sslmode=verify-full&sslrootcert=${root}`)).toMatch(/does not match certificate/);
});
