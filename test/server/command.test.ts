import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/clock.ts";
import { initialiseDatabase, isListening, runServerCommand, startServerProcess } from "../support/server-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const names = ["--organization", "Test Ltd", "--admin-email", "ada@test.example"];

test("init creates a database only its owner can read and prints organizationId, adminEmail and token, once", async () => {
  const folder = await temporaryFolder();
  const database = join(folder, "orgtokens.sqlite");
  const first = await runServerCommand(folder, ["init", "--database", database, ...names, "--json"]);
  expect(first.exitCode).toBe(0);
  expect(JSON.parse(first.stdout)).toEqual({
    organizationId: expect.stringMatching(/^[0-9a-f]{24}$/),
    adminEmail: "ada@test.example",
    token: expect.stringMatching(/^tok_[0-9A-Za-z]{36}$/),
  });
  expect(statSync(database).mode & 0o777).toBe(0o600);
  const second = await runServerCommand(folder, ["init", "--database", database, ...names, "--json"]);
  expect(second.exitCode).toBe(1);
  expect(second.stdout).toBe("");
  expect(second.output).toContain("already has an organization");
});

test("init for people shows the token and what to do next", async () => {
  const folder = await temporaryFolder();
  const { stdout } = await runServerCommand(folder, ["init", "--database", "a.sqlite", ...names]);
  expect(stdout).toMatch(/Organization Test Ltd \([0-9a-f]{24}\)[\s\S]*tok_\w{36}[\s\S]*orgtokens-server start/);
});

test("two inits at once create one organization", async () => {
  const folder = await temporaryFolder();
  const args = ["init", "--database", "a.sqlite", ...names, "--json"];
  const results = await Promise.all([runServerCommand(folder, args), runServerCommand(folder, args)]);
  expect(results.map(({ exitCode }) => exitCode).sort(), results.map(({ output }) => output).join("")).toEqual([0, 1]);
});

test("--help names each setting, with its variable", async () => {
  const root = new URL("../../server/", import.meta.url);
  const sources = globSync("*config.ts", { cwd: root }).map((name) => readFileSync(new URL(name, root), "utf8"));
  const settings = [...sources.join("").matchAll(/flag: "(--[a-z-]+)",\s+variable: "(\w+)"/g)];
  expect(settings.length).toBeGreaterThan(30);
  const folder = await temporaryFolder();
  const helps = await Promise.all(
    [["init"], ["start"], ["audit", "verify"]].map((words) => runServerCommand(folder, [...words, "--help"])),
  );
  const help = helps.map(({ stdout }) => stdout).join("\n");
  for (const [, flag = "", variable = ""] of settings) {
    expect(help).toMatch(new RegExp(`^ +${flag} `, "m"));
    expect(help).toContain(variable);
  }
});

test.for([
  ["a bad setting", ["start", "--database", "a", "--port", "http"], /--port \(or ORGTOKENS_PORT\) must be a port/],
  ["an unknown flag", ["start", "--database", "a", "--prot", "1"], /prot/],
  ["an unknown command", ["serve"], /serve/],
  ["no command", [], /Name a command/],
] as const)(
  "%s ends the command with code 2, says so on standard error, and creates nothing",
  async ([, args, message]) => {
    const folder = await temporaryFolder();
    const { exitCode, stdout, output } = await runServerCommand(folder, args);
    expect(exitCode, output).toBe(2);
    expect(stdout).toBe("");
    expect(output).toMatch(message);
    expect(existsSync(join(folder, "a"))).toBe(false);
  },
);

test("another organization is created beside the first, with an Admin token that sees nothing of the first", async () => {
  const folder = await temporaryFolder();
  const flags = [
    "--database",
    "a.sqlite",
    "--organization",
    "Other Ltd",
    "--admin-email",
    "eve@other.example",
    "--json",
  ];
  const missing = await runServerCommand(folder, ["organization", "create", ...flags]);
  expect(missing.exitCode).toBe(1);
  expect(missing.output).toContain("Run orgtokens-server init first");
  const first = await initialiseDatabase(folder, "a.sqlite");
  const created = await runServerCommand(folder, ["organization", "create", ...flags]);
  expect(created.exitCode, created.output).toBe(0);
  const { token, adminEmail } = JSON.parse(created.stdout);
  expect(adminEmail).toBe("eve@other.example");
  const server = await startServerProcess(["--database", join(folder, "a.sqlite"), "--port", "0"]);
  const names = await Promise.all([first, token].map((each) => server.send("GET", "/v2/organization", each)));
  expect(names.map(({ text }) => JSON.parse(text).name)).toEqual(["Test Ltd", "Other Ltd"]);
  const list = await server.send("GET", "/v2/api-tokens", token);
  expect(JSON.parse(list.text).tokens).toMatchObject([{ label: "First Admin token", createdBy: "eve@other.example" }]);
});

test("environment variables stand for every flag, and a flag counts before its variable", async () => {
  const folder = await temporaryFolder();
  const ORGTOKENS_DATABASE = join(folder, "a.sqlite");
  const initialised = await runServerCommand(folder, ["init"], {
    ORGTOKENS_DATABASE,
    ORGTOKENS_ORGANIZATION: "Test Ltd",
    ORGTOKENS_ADMIN_EMAIL: "ada@test.example",
    ORGTOKENS_JSON: "true",
  });
  const { token } = JSON.parse(initialised.stdout);
  const server = await startServerProcess(["--port", "0"], {
    ORGTOKENS_DATABASE,
    ORGTOKENS_PORT: "1",
    ORGTOKENS_HOST: "127.0.0.1",
    ORGTOKENS_JSON_LOGS: "1",
  });
  expect((await server.send("GET", "/v2/me", token)).status).toBe(200);
  const line = await eventually(() =>
    server
      .log()
      .split("\n")
      .find((text) => text.includes('"getMe"')),
  );
  expect(JSON.parse(line)).toMatchObject({ operationId: "getMe", status: 200, apiTokenLabel: "First Admin token" });
});

test.for([
  [
    "a file that is not there",
    () => undefined,
    /Cannot open the database .*a\.sqlite.*Run orgtokens-server init first/,
  ],
  [
    "a file that is no database",
    (path: string) => writeFileSync(path, "x".repeat(5000)),
    /Cannot open the database .*not a database/,
  ],
  ["an empty file", (path: string) => writeFileSync(path, ""), /no organization yet. Run orgtokens-server init/],
] as const)("start with %s says so and ends with code 1", async ([, prepare, message]) => {
  const folder = await temporaryFolder();
  const path = join(folder, "a.sqlite");
  prepare(path);
  const { exitCode, output } = await runServerCommand(folder, ["start", "--database", path, "--port", "0"]);
  expect(exitCode).toBe(1);
  expect(output).toMatch(message);
  if (prepare.length === 0) expect(existsSync(path)).toBe(false);
});

test("start on a port that is taken says so and ends with code 1", async () => {
  const folder = await temporaryFolder();
  await initialiseDatabase(folder, "a.sqlite");
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const { exitCode, output } = await runServerCommand(folder, [
    "start",
    "--database",
    "a.sqlite",
    "--port",
    String(port),
  ]);
  other.close();
  expect(exitCode).toBe(1);
  expect(output).toContain(`Cannot listen on 127.0.0.1:${port}: listen EADDRINUSE`);
});

test.for(["SIGTERM", "SIGINT"] as const)(
  "%s lets a request under way finish, then the server exits with 0",
  async (signal) => {
    const folder = await temporaryFolder();
    const database = join(folder, "a.sqlite");
    const token = await initialiseDatabase(folder, database);
    const server = await startServerProcess(["--database", database, "--port", "0"]);
    const body = JSON.stringify({ label: "Late", role: "developer" });
    const socket = connect(Number(new URL(server.endpoint).port), "127.0.0.1");
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString();
    });
    socket.write(
      `POST /v2/api-tokens HTTP/1.1\r\nHost: a\r\nX-API-KEY: ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.slice(0, 5));
    await eventually(async () => ((await server.send("GET", "/v2/me", token)).status === 200 ? true : undefined));
    const began = performance.now();
    const ended = server.end(signal);
    await eventually(async () => ((await isListening(server.endpoint)) ? undefined : true));
    socket.write(body.slice(5));
    expect(await ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(received).toMatch(/^HTTP\/1\.1 201 /);
    const again = await startServerProcess(["--database", database, "--port", "0"]);
    const { tokens } = JSON.parse((await again.send("GET", "/v2/api-tokens?label=Late", token)).text);
    expect(tokens).toHaveLength(1);
  },
);

test("a caller who is revoked while its request is still coming in does not get through with it", async () => {
  const folder = await temporaryFolder();
  const database = join(folder, "a.sqlite");
  const admin = await initialiseDatabase(folder, database);
  const server = await startServerProcess(["--database", database, "--port", "0"]);
  const created = JSON.parse(
    (await server.send("POST", "/v2/api-tokens", admin, { label: "Thief", role: "admin" })).text,
  );
  const body = JSON.stringify({ label: "Loot", role: "admin" });
  const socket = connect(Number(new URL(server.endpoint).port), "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString();
  });
  socket.write(
    `POST /v2/api-tokens HTTP/1.1\r\nHost: a\r\nX-API-KEY: ${created.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body.slice(0, 5));
  // It was let in: its first use is noted.
  await eventually(
    async () =>
      JSON.parse((await server.send("GET", `/v2/api-tokens/${created.id}`, admin)).text).lastUsed ?? undefined,
  );
  expect((await server.send("DELETE", `/v2/api-tokens/${created.id}`, admin)).status).toBe(204);
  socket.write(body.slice(5));
  await eventually(() => (received.includes("requestId") ? true : undefined));
  expect(received).toMatch(/^HTTP\/1\.1 401 [\s\S]*"code":"authentication_revoked"/);
  expect(JSON.parse((await server.send("GET", "/v2/api-tokens?label=Loot", admin)).text).total).toBe(0);
});
