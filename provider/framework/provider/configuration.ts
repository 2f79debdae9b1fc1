import type { DiagnosticCollector } from "../diagnostics/diagnostic-collector.ts";
import type { Log } from "../diagnostics/log.ts";
import { secretsIn } from "../schema/attribute-values.ts";
import { isWhollyKnown, type Value } from "../values/value.ts";
import type { Provider } from "./provider.ts";

/** Whether resource handlers have a client, and if not, why. */
export type Configuration<Client> =
  | { readonly status: "configured"; readonly client: Client }
  /** The provider block depends on something not yet applied. */
  | { readonly status: "unknown" }
  /** configureProvider was not called, or failed. */
  | { readonly status: "none" };

/** What a provider's `configure` is called with, besides its diagnostics. */
interface ConfigureValues {
  readonly config: Value;
  readonly terraformVersion: string;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** A provider's configuration over its life: set by configureProvider, read by every call after it. */
export class ProviderConfiguration<Client> {
  readonly #provider: Provider<Client>;
  #current: Configuration<Client> = { status: "none" };
  #secrets: readonly string[] = [];

  constructor(provider: Provider<Client>) {
    this.#provider = provider;
  }

  get current(): Configuration<Client> {
    return this.#current;
  }

  /** The secrets of the provider block, which no diagnostic may show. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  /** Runs the provider's `configure` on a conformed configuration. */
  async configure(request: ConfigureValues, diagnostics: DiagnosticCollector): Promise<void> {
    const { config, terraformVersion, signal, log } = request;
    this.#current = { status: "none" };
    this.#secrets = secretsIn(this.#provider.schema.attributes, config);
    for (const secret of this.#secrets) diagnostics.redact(secret);
    const client = await this.#provider.configure({ config, terraformVersion, signal, log, diagnostics });
    if (diagnostics.hasErrors) return;
    if (client !== undefined) {
      this.#current = { status: "configured", client };
    } else if (isWhollyKnown(config)) {
      const detail = "Its configuration is known, but it made nothing of it. This is a bug in the provider.";
      diagnostics.error("The provider did not configure itself", detail);
    } else {
      this.#current = { status: "unknown" };
    }
  }

  /** The client, or undefined with an error diagnostic that says why there is none. */
  require(diagnostics: DiagnosticCollector, action: string): { readonly client: Client } | undefined {
    if (this.#current.status === "configured") return this.#current;
    const detail =
      this.#current.status === "unknown"
        ? "The provider block depends on values that are not known yet. Apply what they come from first, for example with -target."
        : "The provider was not configured, so it cannot reach its server.";
    diagnostics.error(`Could not ${action}`, detail);
    return undefined;
  }

  /** Closes the client, if there is one. */
  async close(): Promise<void> {
    const { current } = this;
    this.#current = { status: "none" };
    if (current.status === "configured") await this.#provider.close?.(current.client);
  }
}
