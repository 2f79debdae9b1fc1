import { expect, test } from "vitest";
import { parseStartConfig } from "../../server/config.ts";

const from = { name: "Example tokens", address: "tokens@test.example" };
const given = { database: "a", mailFrom: "Example tokens <tokens@test.example>" };

test.for([
  [
    "smtp://mail.test.example",
    { host: "mail.test.example", port: 587, encryption: "starttls", credentials: undefined },
  ],
  [
    "smtp://user%40a:p%2Fw@mail.test.example:2525/",
    {
      host: "mail.test.example",
      port: 2525,
      encryption: "starttls",
      credentials: { user: "user@a", password: "p/w" },
    },
  ],
  ["smtps://mail.test.example", { host: "mail.test.example", port: 465, encryption: "tls", credentials: undefined }],
  ["smtp://[::1]:25", { host: "::1", port: 25, encryption: "opportunistic", credentials: undefined }],
  ["smtp://127.0.0.1", { host: "127.0.0.1", port: 587, encryption: "opportunistic", credentials: undefined }],
] as const)("mail goes to %s, encrypted unless that is this machine", ([smtpUrl, smtp]) => {
  expect(parseStartConfig({ ...given, smtpUrl }, {}).mail).toEqual({ from, smtp });
});

test("a mail server elsewhere may go without encryption when that was allowed, and one with TLS still has it", () => {
  const encryption = (smtpUrl: string) => {
    const { mail } = parseStartConfig({ ...given, smtpUrl, smtpAllowUnencrypted: true }, {});
    return "smtp" in mail ? mail.smtp.encryption : undefined;
  };
  expect(encryption("smtp://mail.test.example")).toBe("opportunistic");
  expect(encryption("smtps://mail.test.example")).toBe("tls");
});

test.for([
  "mail.test.example",
  "https://mail.test.example",
  "smtp://",
  "smtp://user-canary@mail.test.example",
  "smtp://:canary@mail.test.example",
  "smtp://user:canary%zz@mail.test.example",
  "smtp://user:canary@mail.test.example/path",
  "smtp://user:canary@mail.test.example?tls=no",
  "",
])("a mail server of '%s' is refused without repeating it", (smtpUrl) => {
  const refuse = () => parseStartConfig({ ...given, smtpUrl }, {});
  expect(refuse).toThrow(/^--smtp-url \(or ORGTOKENS_SMTP_URL\) must be a mail server, such as/);
  expect(refuse).not.toThrow(/canary/);
});

test.for(["ada", "ada@", "a@b.example, c@d.example", "Ada\r\nBcc: e@f.example <a@b.example>", "<a@b.example>", ""])(
  "a sender of %j is refused",
  (mailFrom) => {
    expect(() => parseStartConfig({ database: "a", mailFrom }, {})).toThrow(
      /^--mail-from \(or ORGTOKENS_MAIL_FROM\) must be the sender's address/,
    );
  },
);

test("a mail server needs a sender, and cannot be given together with a folder", () => {
  const smtpUrl = "smtp://mail.test.example";
  expect(() => parseStartConfig({ database: "a", smtpUrl }, {})).toThrow(/^--mail-from .* --smtp-url needs it\.$/);
  expect(() => parseStartConfig({ ...given, smtpUrl, mailDirectory: "b" }, {})).toThrow(
    /^--mail-directory .* cannot be given together with --smtp-url\.$/,
  );
});

test("without a mail server mail goes to files beside the database, or where the folder says", () => {
  const folder = (flags: Readonly<Record<string, string>>) => parseStartConfig(flags, {}).mail;
  expect(folder({ database: "data/a.sqlite" })).toMatchObject({ directory: "data/a.sqlite-mail", isDefault: true });
  expect(folder({ database: "a", mailDirectory: "b" })).toMatchObject({ directory: "b", isDefault: false });
});
