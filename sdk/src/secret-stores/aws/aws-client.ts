import { untilAborted } from "../until-aborted.ts";
import { awsErrorName, explainAwsCredentialsError, explainAwsError } from "./aws-error.ts";

/** What is used of every client of AWS. */
type SdkClient = { readonly config: { readonly credentials: () => Promise<unknown> }; destroy(): void };

/** Sends one call. */
type Send<Client, T> = (client: Client, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** The official client of one service of AWS. It is made by the first call, and its failures are explained. */
export class AwsClient<Client extends SdkClient> {
  readonly #service: string;
  readonly #destination: string;
  readonly #make: () => Promise<Client>;
  #client: Promise<Client> | undefined;

  /** `service` as policies call it, such as `secretsmanager`. */
  constructor(service: string, destination: string, make: () => Promise<Client>) {
    this.#service = service;
    this.#destination = destination;
    this.#make = make;
  }

  /**
   * Makes a call, which ends with the signal. Undefined for the errors of AWS that the caller deals with, by their names.
   * @throws SecretStoreError
   */
  async call<T>(
    operation: string,
    signal: AbortSignal,
    expected: readonly string[],
    send: Send<Client, T>,
  ): Promise<T | undefined> {
    const client = await this.#withCredentials(signal);
    try {
      return await send(client, { abortSignal: signal });
    } catch (error) {
      if (expected.includes(awsErrorName(error) ?? "")) return undefined;
      throw explainAwsError(error, {
        action: `${this.#service}:${operation}`,
        destination: this.#destination,
        signal,
      });
    }
  }

  /** Gives up the connection. */
  async close(): Promise<void> {
    (await this.#client?.catch(() => undefined))?.destroy();
  }

  /** The client keeps its credentials; asked for here, what refuses them is told from what refuses the call. */
  async #withCredentials(signal: AbortSignal): Promise<Client> {
    try {
      this.#client ??= this.#make();
      const client = await untilAborted(this.#client, signal);
      await untilAborted(client.config.credentials(), signal);
      return client;
    } catch (error) {
      throw explainAwsCredentialsError(error, { destination: this.#destination, signal });
    }
  }
}
