import { type ClaimedMail, type DigestedNotice, isNoticeKind } from "../domain/mail.ts";
import { digestText, type MailText, mailText } from "./mail-texts.ts";
import type { MailAddress, OutgoingMail } from "./mail-transport.ts";

/** The page that digests lead to; below it lies the one of each token. */
const tokensPage = "/organization/api-tokens";
/** How long a subject may be, in characters; and a value in the mail. */
const maxSubjectLength = 150;
const maxValueLength = 300;

/** What a mail is made with. */
export type RenderOptions = {
  /** What the one link of a mail starts with, such as `https://tokens.example.com`. */
  readonly publicUrl: string;
  readonly from: MailAddress;
};

/**
 * Makes a mail of what is in the queue: plain words in text and in HTML, one link, which leads to this server, and nothing
 * that is loaded or tells when it is read.
 *
 * @param notices what a digest lists; empty for any other mail.
 * @throws Error when a fact that the text needs is missing, the link would lead elsewhere, or the recipient is not one
 *   address.
 */
export function renderMail(
  mail: ClaimedMail,
  notices: readonly DigestedNotice[],
  { publicUrl, from }: RenderOptions,
): OutgoingMail {
  const link = linkOf(mail, publicUrl);
  const said = clean(textOf(mail, notices));
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  const isNotice = mail.oneTimeLink === null;
  return {
    from,
    to: oneAddress(mail.recipient),
    subject: shorten(said.subject, maxSubjectLength),
    text: toText(said, link),
    html: toHtml(said, link),
    messageId: `<${mail.id}@${domain}>`,
    date: mail.createdAt,
    headers: {
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
      ...(isNotice ? { "List-Id": `<api-tokens.${mail.organizationId}.${domain}>` } : {}),
    },
    fileName: `${mail.id}-${mail.kind.replaceAll("_", "-")}`,
  };
}

function textOf(mail: ClaimedMail, notices: readonly DigestedNotice[]): MailText {
  const { kind, organizationName: organization, oneTimeLink } = mail;
  if (kind === "digest") {
    const listed = notices.flatMap((notice) => (isNoticeKind(notice.kind) ? [{ ...notice, kind: notice.kind }] : []));
    return digestText(organization, Number(mail.facts["count"]), listed);
  }
  const facts =
    oneTimeLink === null ? mail.facts : { ...mail.facts, linkExpiresAt: oneTimeLink.expiresAt.toISOString() };
  return mailText(kind, { organization, facts });
}

/** Mail programs read a list, or a name and an address, out of one text. */
function oneAddress(recipient: string): string {
  if (!/^[^\s,;:<>()[\]"@\p{C}]+@[^\s,;:<>()"@\p{C}]+$/u.test(recipient))
    throw new Error("The recipient is not one address.");
  return recipient;
}

function linkOf({ kind, oneTimeLink, apiTokenId }: ClaimedMail, publicUrl: string): string {
  if (oneTimeLink === null) {
    if (kind === "sign_in_link" || kind === "invitation") throw new Error("The mail's link is gone.");
    return publicUrl + (apiTokenId === null ? tokensPage : `${tokensPage}/${apiTokenId}`);
  }
  const url = new URL(oneTimeLink.path, publicUrl);
  if (url.origin !== new URL(publicUrl).origin) throw new Error("A mail's link must lead to this server.");
  return url.href;
}

/**
 * Takes from every text what could pass for more than a text: control characters, line breaks, marks that turn the
 * direction of writing, and what mail programs make a link of by themselves.
 */
function clean({ subject, lead, rows, advice, reason }: MailText): MailText {
  const cleaned = (value: string) =>
    value
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu, " ")
      .replace(/:\/\//gu, ":\u2060//")
      .replace(/\bwww\./giu, "www\u2060.");
  return {
    subject: cleaned(subject),
    lead: cleaned(lead),
    rows: rows.map(([name, value]) => [name, shorten(cleaned(value), maxValueLength)]),
    advice,
    reason: cleaned(reason),
  };
}

function shorten(value: string, maxLength: number): string {
  const characters = [...value];
  return characters.length <= maxLength ? value : `${characters.slice(0, maxLength - 1).join("")}…`;
}

function toText({ lead, rows, advice, reason }: MailText, link: string): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`);
  return [lead, "", ...lines, "", advice, "", link, "", reason, ""].join("\n");
}

function toHtml({ subject, lead, rows, advice, reason }: MailText, link: string): string {
  const cells = rows.map(
    ([name, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;vertical-align:top;white-space:nowrap;opacity:.75">${escapeHtml(name)}</td><td style="padding:2px 0">${escapeHtml(value)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="font:15px/1.5 sans-serif;margin:24px">
<p>${escapeHtml(lead)}</p>
<table role="presentation" style="border-collapse:collapse">
${cells.join("\n")}
</table>
<p>${escapeHtml(advice)}<br><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p>
<p style="font-size:13px;opacity:.75">${escapeHtml(reason)}</p>
</body>
</html>
`;
}

function escapeHtml(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
