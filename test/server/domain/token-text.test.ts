import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createTokenIssuer, digestToken, isWellFormedToken } from "../../../server/domain/token-text.ts";

test("a token is tok_, 30 random characters of base62 and 6 of its CRC-32, the same as computed on its own", () => {
  const { text } = createTokenIssuer(() => new Uint8Array(30).fill(0))();
  expect(text.slice(0, 34)).toBe(`tok_${"0".repeat(30)}`);
  expect(text.slice(34)).toBe(toBase62(crc32Bitwise(text.slice(0, 34))));
});

test("a digest is the SHA-256 of the full text, its first 16 characters, and 8 characters of the text", () => {
  const { text, ...digest } = createTokenIssuer(randomBytes)();
  const sha256 = createHash("sha256").update(text).digest("hex");
  expect(digest).toEqual({ sha256, fingerprint: sha256.slice(0, 16), obfuscated: `${text.slice(0, 8)}****` });
  expect(digestToken(text)).toEqual(digest);
});

test("no change of one character, anywhere, leaves a token well-formed", () => {
  const { text } = createTokenIssuer(randomBytes)();
  expect(isWellFormedToken(text)).toBe(true);
  for (let index = 0; index < text.length; index += 1) {
    for (const other of ["0", "A", "z", "-", " ", "é"].filter((character) => character !== text[index])) {
      expect(isWellFormedToken(text.slice(0, index) + other + text.slice(index + 1)), `${index} ${other}`).toBe(false);
    }
  }
  for (const other of ["", text.slice(1), `${text}\n`, ` ${text}`, text.toLowerCase(), text + text]) {
    expect(isWellFormedToken(other)).toBe(false);
  }
});

test("every character of the alphabet is as likely as any other", () => {
  const counts = new Map<string, number>();
  const issue = createTokenIssuer(randomBytes);
  for (let index = 0; index < 2000; index += 1) {
    for (const character of issue().text.slice(4, 34)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  expect(counts.size).toBe(62);
  const expected = (2000 * 30) / 62;
  // The statistic exceeds 130 in one run of a million or so.
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(chiSquare).toBeLessThan(130);
});

test("bytes that would favour some characters are drawn again", () => {
  const draws = [new Uint8Array(30).fill(255), new Uint8Array(30).fill(247)];
  const { text } = createTokenIssuer(() => draws.shift() ?? new Uint8Array(30))();
  expect(text.slice(4, 34)).toBe("z".repeat(30));
});

function crc32Bitwise(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function toBase62(value: number): string {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const digits = Array.from({ length: 6 }, (_, index) => Math.floor(value / 62 ** (5 - index)) % 62);
  return digits.map((digit) => alphabet[digit]).join("");
}
