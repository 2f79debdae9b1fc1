import { expect, test } from "vitest";
import { unknown } from "../../../provider/framework/index.ts";
import { apiToken, type EdgeAnswer, edge, json } from "../../support/edge.ts";
import { startProvider } from "./configure-provider.ts";
import { adminMe } from "./tls-edge.ts";

const problem = (status: number, code: string, title: string): EdgeAnswer =>
  json(status, { type: `/problems/${code}`, title, status, detail: "Say more.", code, requestId: "r-7" });

/** What the provider says to a server that answers like this. */
async function configured(
  answer: EdgeAnswer,
  block: Parameters<ReturnType<typeof startProvider>["configure"]>[0] = {},
) {
  const { endpoint, requests } = await edge(answer);
  const { said } = await startProvider().configure({ endpoint, api_token: apiToken, max_retries: 0, ...block });
  expect(said).not.toContain(apiToken);
  return { said, requests, endpoint };
}

test.each([
  [
    "a revoked token",
    problem(401, "authentication_revoked", "The token is revoked"),
    /^error api_token: .*The token is revoked.*request r-7.*live Admin token/,
  ],
  [
    "an expired token",
    problem(401, "authentication_expired", "The token has expired"),
    /^error api_token: .*has expired.*live Admin token/,
  ],
  [
    "an unknown token",
    problem(401, "authentication_unknown", "The token is unknown"),
    /^error api_token: .*is unknown.*live Admin token/,
  ],
  [
    "a Developer token",
    json(200, { ...adminMe, apiToken: { role: "developer" } }),
    /^error api_token: .*may not administer.*Developer token.*Admin token/,
  ],
  [
    "a page that answers 200",
    (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>"),
    /^error endpoint: .*Something else than an orgtokens server.*text\/html instead of JSON.*ORGTOKENS_ENDPOINT/,
  ],
  [
    "a page that answers 404",
    (_, response) => void response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not found</h1>"),
    /^error endpoint: .*Something else.*status 404.*ORGTOKENS_ENDPOINT/,
  ],
  [
    "a page that answers 401",
    (_, response) => void response.writeHead(401, { "content-type": "text/html" }).end("<h1>Who?</h1>"),
    /^error endpoint: .*Something else.*status 401.*ORGTOKENS_ENDPOINT/,
  ],
  [
    "404 JSON of something else",
    json(404, { message: "no Route matched" }),
    /^error endpoint: .*Something else.*status 404.*ORGTOKENS_ENDPOINT/,
  ],
  [
    "200 JSON of something else",
    json(200, { hello: "world" }),
    /^error endpoint: .*Something else.*nothing about an API token.*ORGTOKENS_ENDPOINT/,
  ],
  [
    "a redirect",
    json(302, {}, { location: "https://login.example.com/" }),
    /^error endpoint: .*redirects to https:\/\/login\.example\.com\/.*ORGTOKENS_ENDPOINT/,
  ],
  [
    "a server that cannot now",
    problem(503, "service_unavailable", "The service is unavailable"),
    /^error endpoint: .*unavailable.*request r-7/,
  ],
  [
    "a connection that is closed",
    (request) => void request.socket.destroy(),
    /^error endpoint: .*closed without an answer.*nothing is lost/,
  ],
] satisfies readonly (readonly [string, EdgeAnswer, RegExp])[])(
  "%s is told at the attribute to correct, with what to do",
  async (_, answer, message) => {
    expect((await configured(answer)).said).toMatch(message);
  },
);

test("a clock that is far off is told with both times; one that is a little off is corrected in silence", async () => {
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toUTCString();
  const answer = (date: string): EdgeAnswer => json(200, adminMe, { date });
  expect((await configured(answer(inMinutes(14)))).said).toBe("");
  for (const minutes of [-20, 20]) {
    const { said } = await configured(answer(inMinutes(minutes)));
    expect(said).toMatch(
      /^error : The clocks are too far apart\. This machine says it is 20\d\d-\S+Z, the orgtokens server says 20\d\d-\S+Z\./,
    );
    const [ours = "", servers = ""] = said.match(/20\d\d-\S+Z/g) ?? [];
    expect(Math.abs(Date.parse(servers) - Date.parse(ours) - minutes * 60_000)).toBeLessThan(60_000);
  }
});

test("the caller says in User-Agent who it is, with what the environment appends", async () => {
  const { endpoint, requests } = await edge(json(200, adminMe));
  const environment = { TF_APPEND_USER_AGENT: " ci-run/7\n(team a) " };
  expect((await startProvider(environment).configure({ endpoint, api_token: apiToken })).said).toBe("");
  expect(requests[0]?.headers["user-agent"]).toMatch(
    /^terraform-provider-orgtokens\/\S+ Terraform\/1\.11\.4 ci-run\/7 \(team a\) orgtokens-sdk\/\S+$/,
  );
});

test("a server that does not answer is given up after request_timeout, and asked as often as max_retries says", async () => {
  const startedAtMs = Date.now();
  const silent = await configured(() => {}, { request_timeout: "1s" });
  expect(silent.said).toMatch(/^error endpoint: .*before the deadline/);
  expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(999);
  const { requests } = await configured((request) => void request.socket.destroy(), { max_retries: 3 });
  expect(requests).toHaveLength(4);
});

test("a stop ends a request that is not answered", async () => {
  const { endpoint, requests } = await edge(() => {});
  const { server, configure } = startProvider();
  const asking = configure({ endpoint, api_token: apiToken });
  await expect.poll(() => requests.length).toBe(1);
  await server.stop();
  expect((await asking).said).toContain("cancelled");
});

test.each(["endpoint", "api_token", "managed_by", "ca_cert_file", "proxy_url", "max_retries", "secret_stores"])(
  "while %s is unknown nothing is asked, and that is no error",
  async (name) => {
    const { said, requests } = await configured(json(200, adminMe), { [name]: unknown });
    expect(said).toBe("");
    expect(requests).toEqual([]);
  },
);

test("what is missing is named, with the variable that stands in for it", async () => {
  expect((await startProvider().configure()).said).toMatch(/^error endpoint: Missing endpoint.*ORGTOKENS_ENDPOINT/);
  const { said } = await startProvider({ ORGTOKENS_ENDPOINT: "https://localhost:9" }).configure();
  expect(said).toMatch(/^error api_token: Missing api_token.*ORGTOKENS_API_TOKEN/);
});
