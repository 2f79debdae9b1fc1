import { randomBytes } from "node:crypto";
import { fingerprintOf, isWellFormedToken, obfuscateToken } from "@orgtokens/sdk";
import { expect, test } from "vitest";
import * as server from "../../server/domain/token-text.ts";

/** Fixed, so that server and SDK cannot change the form together without anybody noticing. */
const vectors = [
  ["tok_0000000000000000000000000000003rFrBz", "tok_0000****"],
  ["tok_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz1STap2", "tok_zzzz****"],
] as const;

/** Every way in which somebody who copies a token gets it wrong. */
function damaged(text: string): readonly string[] {
  const swapped = text.slice(0, 10) + text.charAt(11) + text.charAt(10) + text.slice(12);
  const replaced = text.slice(0, 20) + (text.charAt(20) === "x" ? "y" : "x") + text.slice(21);
  return [text.slice(0, -1), `${text}x`, ` ${text}`, `${text}\n`, replaced, text.slice(4), "", "****"].concat(
    swapped === text ? [] : swapped,
  );
}

test("says of a thousand issued tokens and of damaged ones what the server says", async () => {
  const issue = server.createTokenIssuer(randomBytes);
  for (let round = 0; round < 1000; round += 1) {
    const { text, obfuscated, fingerprint } = issue();
    expect(isWellFormedToken(text)).toBe(true);
    expect(obfuscateToken(text)).toBe(obfuscated);
    expect(await fingerprintOf(text)).toBe(fingerprint);
    for (const wrong of damaged(text)) {
      expect(isWellFormedToken(wrong), JSON.stringify(wrong)).toBe(false);
      expect(server.isWellFormedToken(wrong)).toBe(false);
    }
  }
});

test.each(vectors)("%s is well-formed to server and SDK alike", (text, obfuscated) => {
  expect(server.isWellFormedToken(text)).toBe(true);
  expect(isWellFormedToken(text)).toBe(true);
  expect(obfuscateToken(text)).toBe(obfuscated);
});

test("a token of another prefix is one for those who name that prefix, and is obfuscated after it", () => {
  const text = "acme_ci_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz1BgKLX";
  expect(isWellFormedToken(text, "acme_ci_")).toBe(true);
  expect(isWellFormedToken(text)).toBe(false);
  expect(isWellFormedToken(text, "acme_")).toBe(false);
  expect(obfuscateToken(text)).toBe("acme_ci_zzzz****");
});

test("nothing is shown of a text that is no token", () => {
  for (const text of ["hunter2-and-a-long-password", "tok_", "my_secret_value_that_is_no_token", "", "tok_é"]) {
    expect(obfuscateToken(text)).toBe("****");
  }
});
