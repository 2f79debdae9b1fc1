import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDirectoryTransport } from "../../../server/mail/directory-transport.ts";
import type { OutgoingMail } from "../../../server/mail/mail-transport.ts";
import { readHeader, readParts } from "../../support/mail.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const mail: OutgoingMail = {
  from: { name: "orgtokens", address: "orgtokens@localhost" },
  to: "ada@test.example",
  subject: "Subject",
  text: "Text\n",
  html: "<p>Text</p>\n",
  messageId: "<1@localhost>",
  date: new Date("2026-11-23T09:00:00.000Z"),
  headers: {},
  fileName: "0199f3a1b2c40d5e6f708192-sign-in-link",
};
const signal = new AbortController().signal;

test("a mail is a file that only its owner can read, in a folder that only its owner can enter", async () => {
  const folder = join(await temporaryFolder(), "a", "mail");
  const written: string[] = [];
  await createDirectoryTransport(folder, (path) => written.push(path)).send(mail, signal);
  const [path = ""] = written;
  expect(path).toBe(join(folder, "0199f3a1b2c40d5e6f708192-sign-in-link.eml"));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const raw = readFileSync(path, "utf8");
  expect(readHeader(raw, "To")).toBe("ada@test.example");
  expect(readParts(raw).text.trim()).toBe("Text");
});

test("a mail that is written twice is one file", async () => {
  const folder = await temporaryFolder();
  const transport = createDirectoryTransport(folder, () => undefined);
  await transport.send(mail, signal);
  await transport.send(mail, signal);
  expect(readdirSync(folder)).toEqual(["0199f3a1b2c40d5e6f708192-sign-in-link.eml"]);
});

test("a folder that cannot be one is unavailable, in words without the path", async () => {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  mkdirSync(join(folder, "other"));
  const sending = createDirectoryTransport(join(folder, "file"), () => undefined).send(mail, signal);
  await expect(sending).rejects.toMatchObject({
    reason: "unavailable",
    message: "The mail could not be written to the mail directory.",
  });
});
