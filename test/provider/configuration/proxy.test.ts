import { expect, test } from "vitest";
import { proxyFromEnvironment } from "../../../provider/configuration/proxy.ts";

const proxy = "http://proxy.test:3128";

test.each([
  ["https://tokens.test", { HTTPS_PROXY: proxy }, proxy],
  ["https://tokens.test", { https_proxy: proxy }, proxy],
  ["https://tokens.test", { HTTPS_PROXY: "" }, undefined],
  ["https://tokens.test", { HTTP_PROXY: proxy }, undefined],
  ["http://tokens.test", { HTTP_PROXY: proxy }, proxy],
  ["https://localhost:8443", { HTTPS_PROXY: proxy }, undefined],
  ["https://127.1.2.3", { HTTPS_PROXY: proxy }, undefined],
  ["https://[::1]:8443", { HTTPS_PROXY: proxy }, undefined],
])("%s with %o is reached by the proxy %s", (url, environment, expected) => {
  expect(proxyFromEnvironment(new URL(url), environment)).toBe(expected);
});

test.each([
  ["*", "https://tokens.test", true],
  ["tokens.test", "https://tokens.test", true],
  ["TOKENS.test", "https://tokens.test", true],
  ["other.test, tokens.test", "https://tokens.test", true],
  ["test", "https://tokens.test", true],
  [".test", "https://tokens.test", true],
  ["*.test", "https://tokens.test", true],
  ["okens.test", "https://tokens.test", false],
  ["tokens.test:443", "https://tokens.test", true],
  ["tokens.test:8443", "https://tokens.test", false],
  ["tokens.test:8443", "https://tokens.test:8443", true],
  ["10.1.2.3", "https://10.1.2.3", true],
  ["10.0.0.0/8", "https://10.1.2.3", true],
  ["10.0.0.0/8", "https://11.1.2.3", false],
  ["10.0.0.0/99", "https://10.1.2.3", false],
  ["fd00::/8", "https://[fd00::1]", true],
  ["fd00::1", "https://[fd00::1]:8443", true],
  ["3", "https://10.1.2.3", false],
  ["", "https://tokens.test", false],
])("NO_PROXY=%s for %s: %s", (exceptions, url, isExcepted) => {
  const found = proxyFromEnvironment(new URL(url), { HTTPS_PROXY: proxy, NO_PROXY: exceptions });
  expect(found).toBe(isExcepted ? undefined : proxy);
});
