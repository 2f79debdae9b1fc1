import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { isSignedByGithub, parseGithubKeys } from "../../../server/domain/github-signature.ts";

/** GitHub's documented example: key, body and signature. */
const documented = {
  identifier: "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c",
  key: "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n-----END PUBLIC KEY-----\n",
  signature: "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==",
  body: '[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]',
};

test("GitHub's documented example verifies, with a key file as GitHub answers it", () => {
  const { identifier: key_identifier, key, signature, body } = documented;
  const keys = parseGithubKeys(JSON.stringify({ public_keys: [{ key_identifier, key, is_current: true }] }));
  const headers = { "github-public-key-identifier": key_identifier, "github-public-key-signature": signature };
  expect(isSignedByGithub(keys, headers, Buffer.from(body))).toBe(true);
  expect(isSignedByGithub(keys, headers, Buffer.from(`${body}\n`))).toBe(false);
});

test.for([
  ["no JSON", "x"],
  ["no keys", '{"public_keys":[]}'],
  ["a key that is none", '{"public_keys":[{"key_identifier":"a","key":"x"}]}'],
  ["a key without a name", JSON.stringify({ public_keys: [{ key: documented.key }] })],
  [
    "a key of another curve",
    JSON.stringify({
      public_keys: [
        {
          key_identifier: "a",
          key: generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ type: "spki", format: "pem" }),
        },
      ],
    }),
  ],
])("a key file with %s is refused", ([, text]) => {
  expect(() => parseGithubKeys(text ?? "")).toThrow();
});
