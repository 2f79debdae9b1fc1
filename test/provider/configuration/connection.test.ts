import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { apiToken } from "../../support/edge.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { startProvider } from "./configure-provider.ts";
import { proxyEdge, tlsEdge } from "./tls-edge.ts";

const authority = createHostCertificate();
const issued = createHostCertificate(authority);
const clientAuthority = createHostCertificate();
const client = createHostCertificate(clientAuthority);
const once = { max_retries: 0 };

async function pemFile(pem: string): Promise<string> {
  const file = join(await temporaryFolder(), "it.pem");
  await writeFile(file, pem);
  return file;
}

test("an authority of one's own is trusted when it is named, as file or text, in the block or the environment", async () => {
  const { port, requests } = await tlsEdge(issued);
  const block = { endpoint: `https://localhost:${port}`, api_token: apiToken };
  const file = await pemFile(authority.certificatePem);
  const { certificatePem } = authority;
  for (const [more, environment] of [
    [{ ca_cert_file: file }, {}],
    [{ ca_cert_pem: certificatePem }, {}],
    [{}, { ORGTOKENS_CA_CERT_FILE: file }],
    [{}, { ORGTOKENS_CA_CERT_PEM: certificatePem }],
    [{ ca_cert_pem: certificatePem }, { ORGTOKENS_CA_CERT_FILE: "/nowhere" }],
  ] as const) {
    expect((await startProvider({ ...environment }).configure({ ...block, ...more })).said).toBe("");
  }
  expect(requests).toHaveLength(5);
  const untrusted = await startProvider().configure({ ...block, ...once });
  expect(untrusted.said).toMatch(/^error endpoint: .*does not answer.*(?:UNABLE_TO|SELF_SIGNED).*"ca_cert_file"/);
  const otherAuthority = await startProvider().configure({ ...block, ...once, ca_cert_pem: client.certificatePem });
  expect(otherAuthority.said).toContain('"ca_cert_file"');
  expect(requests).toHaveLength(5);
});

test("a certificate for another name, an expired one, and a port without TLS are named, with what helps", async () => {
  const { port } = await tlsEdge(issued);
  const trusted = { api_token: apiToken, ca_cert_pem: authority.certificatePem, ...once };
  const otherName = await startProvider().configure({ ...trusted, endpoint: `https://127.0.0.1:${port}` });
  expect(otherName.said).toMatch(/^error endpoint: .*ALTNAME.*another name\. Set "endpoint"/);
  const past = createHostCertificate(authority, Date.now() - 7_200_000);
  const expired = await tlsEdge(past);
  const old = await startProvider().configure({ ...trusted, endpoint: `https://localhost:${expired.port}` });
  expect(old.said).toMatch(/^error endpoint: .*CERT_HAS_EXPIRED.*Renew it on the server/);
  const plain = await proxyEdge(1);
  const noTls = await startProvider().configure({ ...trusted, endpoint: `https://localhost:${plain.port}` });
  expect(noTls.said).toMatch(/^error endpoint: .*does not speak TLS/);
});

test("a client certificate is presented to a server that asks for one, and missed with the options to set", async () => {
  const { port, presented } = await tlsEdge(issued, clientAuthority);
  const block = { endpoint: `https://localhost:${port}`, api_token: apiToken, ca_cert_pem: authority.certificatePem };
  const [cert, key] = [await pemFile(client.certificatePem), await pemFile(client.privateKeyPem)];
  for (const [more, environment] of [
    [{ client_cert_pem: client.certificatePem, client_key_pem: client.privateKeyPem }, {}],
    [{ client_cert_file: cert, client_key_file: key }, {}],
    [{}, { ORGTOKENS_CLIENT_CERT_FILE: cert, ORGTOKENS_CLIENT_KEY_PEM: client.privateKeyPem }],
  ] as const) {
    expect((await startProvider({ ...environment }).configure({ ...block, ...more })).said).toBe("");
  }
  expect(presented).toEqual(Array(3).fill("issued by host"));
  const without = await startProvider().configure({ ...block, ...once });
  expect(without.said).toMatch(/^error endpoint: .*"client_cert_file" and "client_key_file"/);
  const foreign = createHostCertificate();
  const refused = await startProvider().configure({
    ...block,
    ...once,
    client_cert_pem: foreign.certificatePem,
    client_key_pem: foreign.privateKeyPem,
  });
  expect(refused.said).toMatch(/^error endpoint: .*"client_cert_file" and "client_key_file"/);
  expect(presented).toHaveLength(3);
});

test("a proxy carries everything to the server, with its user and password, by block or environment", async () => {
  const { port, requests } = await tlsEdge(issued);
  const proxy = await proxyEdge(port, "user:pass-word");
  // A name that only the proxy knows: no request can have gone another way.
  const block = { endpoint: "https://localhost", api_token: apiToken, ca_cert_pem: authority.certificatePem, ...once };
  const url = `http://user:pass-word@127.0.0.1:${proxy.port}`;
  expect((await startProvider().configure({ ...block, proxy_url: url })).said).toBe("");
  expect((await startProvider({ ORGTOKENS_PROXY_URL: url }).configure(block)).said).toBe("");
  expect(requests).toHaveLength(2);
  expect(proxy.asked.map(({ target }) => target)).toEqual(["localhost:443", "localhost:443"]);
  const wrong = await startProvider().configure({ ...block, proxy_url: url.replace("pass-word", "wrong-word") });
  expect(wrong.said).toMatch(/^error endpoint: .*"proxy_url"/);
  expect(wrong.said).not.toContain("wrong-word");
  const dead = await startProvider().configure({ ...block, proxy_url: "http://127.0.0.1:9" });
  expect(dead.said).toMatch(/^error endpoint: .*ECONNREFUSED/);
  expect(requests).toHaveLength(2);
});

test("the usual variables of a proxy count, and not for a loopback address", async () => {
  const { port } = await tlsEdge(issued);
  const proxy = await proxyEdge(port);
  const trusted = { api_token: apiToken, ca_cert_pem: authority.certificatePem, ...once };
  const variables = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  const reached = await startProvider(variables).configure({ ...trusted, endpoint: "https://tokens.test" });
  expect(proxy.asked).toMatchObject([{ target: "tokens.test:443" }]);
  expect(reached.said).toContain("another name");
  const direct = await startProvider(variables).configure({ ...trusted, endpoint: `https://localhost:${port}` });
  expect(direct.said).toBe("");
  expect(proxy.asked).toHaveLength(1);
});

test.each([
  [
    "a file that is not there",
    { ca_cert_file: "/nowhere/ca.pem" },
    /^error ca_cert_file: .*\/nowhere\/ca\.pem cannot be read \(ENOENT\)\. Correct "ca_cert_file" in the provider block/,
  ],
  ["a file without certificate", { ca_cert_file: "/dev/null" }, /^error ca_cert_file: .*holds no certificate/],
  [
    "a broken certificate",
    { ca_cert_pem: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" },
    /^error ca_cert_pem: .*not well-formed/,
  ],
  ["text that is no PEM", { ca_cert_pem: "ca.pem" }, /^error ca_cert_pem: .*must be PEM/],
  [
    "file and text",
    { ca_cert_file: "/ca.pem", ca_cert_pem: authority.certificatePem },
    /^error .*Conflicting attributes/,
  ],
  [
    "a certificate without key",
    { client_cert_pem: client.certificatePem },
    /^error client_key_file: Missing client_key.*ORGTOKENS_CLIENT_KEY_FILE/,
  ],
  [
    "a key without certificate",
    { client_key_pem: client.privateKeyPem },
    /^error client_cert_file: Missing client_cert/,
  ],
  [
    "the key of another certificate",
    { client_cert_pem: client.certificatePem, client_key_pem: issued.privateKeyPem },
    /^error client_key_pem: .*not the key of the certificate/,
  ],
  [
    "a certificate as key",
    { client_cert_pem: client.certificatePem, client_key_pem: client.certificatePem },
    /^error client_key_pem: .*no private key/,
  ],
  ["a proxy without scheme", { proxy_url: "proxy:3128" }, /^error proxy_url: .*http or https URL/],
  ["a timeout of nothing", { request_timeout: "0s" }, /^error request_timeout: .*from 1s to 10m/],
  ["half a retry", { max_retries: 0.5 }, /^error max_retries: .*whole number/],
  ["too many retries", { max_retries: 11 }, /^error max_retries: .*between 0 and 10/],
])("%s is refused at its attribute before anything is sent", async (_, wrong, message) => {
  const { said } = await startProvider().configure({ endpoint: "https://localhost:9", api_token: apiToken, ...wrong });
  expect(said).toMatch(message);
  expect(said).not.toContain("PRIVATE KEY");
});

test.each([
  ["ORGTOKENS_CA_CERT_FILE", "/nowhere/ca.pem", /cannot be read/],
  ["ORGTOKENS_CA_CERT_PEM", "ca.pem", /must be PEM/],
  ["ORGTOKENS_CLIENT_CERT_FILE", "/nowhere/cert.pem", /cannot be read/],
  ["ORGTOKENS_PROXY_URL", "proxy:3128", /http or https URL/],
  ["ORGTOKENS_REQUEST_TIMEOUT", "soon", /not a duration/],
  ["ORGTOKENS_MAX_RETRIES", "many", /whole number from 0 to 10/],
  ["ORGTOKENS_MANAGED_BY", "täglich", /printable ASCII/],
  ["ORGTOKENS_ENDPOINT", "tokens.example.com", /http or https URL/],
  ["ORGTOKENS_API_TOKEN", "tok_with line feed\n", /API token/],
])("a wrong %s is named as the variable it is", async (variable, value, message) => {
  const usable = { ORGTOKENS_ENDPOINT: "https://localhost:9", ORGTOKENS_API_TOKEN: apiToken };
  const { said } = await startProvider({ ...usable, [variable]: value }).configure();
  expect(said).toMatch(message);
  expect(said).toContain(`Correct the environment variable ${variable}.`);
  expect(said).toContain(`error ${variable.replace("ORGTOKENS_", "").toLowerCase()}: `);
  expect(said).not.toContain("line feed");
});
