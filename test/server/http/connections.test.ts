/** What reaches the server as bytes and is no request, or no whole one, on real connections. */
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { refuseConnection } from "../../../server/http/refused-connection.ts";
import { checkAnswer } from "../../support/answer-check.ts";
import { parseProblem, type TestAnswer } from "../../support/app.ts";
import { eventually } from "../../support/clock.ts";
import {
  initialiseDatabase,
  isListening,
  type RunningServer,
  startServerProcess,
} from "../../support/server-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const someToken = "tok_0123456789abcdefghijABCDEFGHIJ000000";
const me = "GET /v2/me HTTP/1.1\r\n";

async function startServer(): Promise<RunningServer> {
  const folder = await temporaryFolder();
  const database = join(folder, "a.sqlite");
  await initialiseDatabase(folder, database);
  return startServerProcess(["--database", database, "--port", "0"]);
}

/** A connection, and everything that came back until its end. */
function open({ endpoint }: Pick<RunningServer, "endpoint">) {
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  return { socket, answer: readAnswer(socket) };
}

async function readAnswer(socket: Socket): Promise<TestAnswer> {
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString();
  });
  await once(socket, "close");
  const [head = "", text = ""] = received.split("\r\n\r\n");
  const [first = "", ...fields] = head.split("\r\n");
  const headers = fields.map((field) => /^(.+?): (.*)$/.exec(field)?.slice(1) ?? []);
  return {
    status: Number(first.split(" ")[1]),
    headers: Object.fromEntries(headers.map(([name = "", value = ""]) => [name.toLowerCase(), value])),
    text,
  };
}

test.for([
  ["no HTTP", "hello\r\n\r\n", "http_malformed"],
  ["a header field without colon", `${me}Host: a\r\nX-API-KEY ${someToken}\r\n\r\n`, "http_malformed"],
  [
    "two lengths of one body",
    `POST /v2/api-tokens HTTP/1.1\r\nHost: a\r\nX-API-KEY: ${someToken}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
    "http_malformed",
  ],
  ["no Host", `${me}X-API-KEY: ${someToken}\r\nConnection: close\r\n\r\n`, "http_malformed"],
  ["a header of 20 KB", `${me}Host: a\r\nX-API-KEY: ${"x".repeat(20_000)}\r\n\r\n`, "header_too_large"],
] as const)("%s is refused with a problem, and the log does not tell what came", async ([, bytes, code]) => {
  const server = await startServer();
  const { socket, answer } = open(server);
  socket.write(bytes);
  const refused = await answer;
  checkAnswer(undefined, refused);
  expect(parseProblem(refused).code).toBe(code);
  const { requestId } = parseProblem(refused);
  await eventually(() => (server.log().includes(requestId) ? true : undefined));
  expect(server.log()).not.toMatch(/tok_|xxx/);
});

test("a request whose header is still coming in when the end begins is answered as the contract says", async () => {
  const server = await startServer();
  const { socket, answer } = open(server);
  socket.write(`${me}Host: a\r\n`);
  const other = open(server);
  other.socket.write("GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  // Answered after the bytes above have arrived.
  expect((await other.answer).status).toBe(200);
  const ended = server.end("SIGTERM");
  await eventually(async () => ((await isListening(server.endpoint)) ? undefined : true));
  socket.write("\r\n");
  const refused = await answer;
  checkAnswer("getMe", refused);
  expect(parseProblem(refused).code).toBe("authentication_missing");
  expect(refused.headers["connection"]).toBe("close");
  expect(await ended).toBe(0);
});

test("a request that does not arrive in time is refused with a problem that says to send it again", async () => {
  const timeouts = { requestTimeout: 100, headersTimeout: 100, connectionsCheckingInterval: 20 };
  const server = createServer(timeouts).listen(0, "127.0.0.1");
  server.on("clientError", (error, socket) => {
    if (socket instanceof Socket) refuseConnection(error, socket, { info: () => {} });
  });
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { socket, answer } = open({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  socket.write(me);
  const refused = await answer;
  checkAnswer(undefined, refused);
  expect(parseProblem(refused)).toMatchObject({ code: "request_incomplete", status: 408 });
});
