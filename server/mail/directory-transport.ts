import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { MailError, type MailTransport } from "./mail-transport.ts";

/**
 * Writes each mail to a file that any mail program opens, readable by its owner only: for development, and until a mail
 * server is set up. A mail that is written twice is one file.
 *
 * @param directory made when it is not there, readable by its owner only.
 * @param onWritten told each file's path.
 */
export function createDirectoryTransport(directory: string, onWritten: (path: string) => void): MailTransport {
  const composer = createTransport({
    streamTransport: true,
    buffer: true,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ from, to, subject, text, html, messageId, date, headers, fileName }) {
      const mail = { from, to: { name: "", address: to }, subject, text, html, messageId, date, headers };
      const { message } = await composer.sendMail({ ...mail, xMailer: false });
      const path = join(directory, `${fileName}.eml`);
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const draft = `${path}.part`;
        await writeFile(draft, message, { mode: 0o600 });
        await chmod(draft, 0o600);
        await rename(draft, path);
      } catch (error) {
        throw new MailError("unavailable", "The mail could not be written to the mail directory.", error);
      }
      onWritten(path);
    },
  };
}
