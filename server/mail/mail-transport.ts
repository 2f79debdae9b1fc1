/** A name and an e-mail address. */
export type MailAddress = { readonly name: string; readonly address: string };

/** A mail, ready to be sent. */
export type OutgoingMail = {
  readonly from: MailAddress;
  /** One e-mail address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** With its angle brackets. The same at every attempt. */
  readonly messageId: string;
  readonly date: Date;
  /** Header fields beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** What a file with the mail is called, without its ending. */
  readonly fileName: string;
};

/** Hands mail to whoever delivers it. */
export interface MailTransport {
  /**
   * Resolves when the mail was accepted.
   * @param signal ends the attempt; whether the mail was accepted is then unknown.
   * @throws MailError
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
}

/**
 * Why a mail was not accepted. `message` is in words that an admin may read: neither the mail's content nor what the
 * mail server wrote.
 */
export class MailError extends Error {
  override readonly name = "MailError";
  /** `refused`: this mail never will be accepted; `deferred`: not now; `unavailable`: no mail is accepted now. */
  readonly reason: "refused" | "deferred" | "unavailable";

  constructor(reason: "refused" | "deferred" | "unavailable", message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
