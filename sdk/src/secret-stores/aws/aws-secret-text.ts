import { hasInexactNumbers, jsonText, parseJsonObject } from "../json-object.ts";
import { SecretStoreError } from "../secret-store-error.ts";

/** The members of a JSON object that a secret holds. */
export type SecretMembers = Readonly<Record<string, unknown>>;

/** What a secret holds while nothing is in it. AWS keeps no empty text. */
export const emptyText = jsonText({});
/** The longest text of a secret, in UTF-8 bytes. */
const maxBytes = 65_536;

/** The text of a secret as one place sees it: the whole of it, or one key of a JSON object beside the keys of others. */
export class SecretText {
  readonly #destination: string;
  readonly #key: string | undefined;

  constructor(destination: string, key: string | undefined) {
    this.#destination = destination;
    this.#key = key;
  }

  /** The place's secret in a text; undefined when the text has none. */
  secretIn(text: string): string | undefined {
    if (this.#key === undefined) return text === emptyText ? undefined : text;
    const held = parseJsonObject(text) ?? {};
    const value = Object.hasOwn(held, this.#key) ? held[this.#key] : undefined;
    return typeof value === "string" ? value : undefined;
  }

  /** Whether a text of somebody else leaves the place free. */
  isFreeIn(text: string): boolean {
    const held = parseJsonObject(text);
    return held !== undefined && this.#key !== undefined && !Object.hasOwn(held, this.#key);
  }

  /**
   * The keys of others.
   * @throws SecretStoreError `secret_store_occupied` when the text has no keys, or could not be kept as it is.
   */
  othersIn(text: string): SecretMembers {
    const held = parseJsonObject(text);
    if (held === undefined)
      throw this.#occupied("is no JSON object, so it has no keys. Choose another one, or leave the key out.");
    if (hasInexactNumbers(text))
      throw this.#occupied(
        "holds numbers of more than 15 digits, which could not be kept as they are. Choose another one.",
      );
    return Object.fromEntries(Object.entries(held).filter(([name]) => name !== this.#key));
  }

  /**
   * The text with the place's secret in it.
   * @throws SecretStoreError `secret_store_invalid_argument` when it is longer than AWS keeps.
   */
  compose(secret: string, others: SecretMembers): string {
    if (this.#key === undefined) return secret;
    const text = jsonText({ ...others, [this.#key]: secret });
    if (Buffer.byteLength(text) <= maxBytes) return text;
    const message = `With its other keys, ${this.#destination} would be longer than the ${maxBytes} bytes that AWS keeps.`;
    throw new SecretStoreError("secret_store_invalid_argument", this.#destination, message);
  }

  #occupied(why: string): SecretStoreError {
    const message = `The secret of ${this.#destination} ${why}`;
    return new SecretStoreError("secret_store_occupied", this.#destination, message);
  }
}
