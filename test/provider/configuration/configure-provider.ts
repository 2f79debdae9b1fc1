/** Configures the provider as Terraform does, without Terraform. */
import { createProviderServer, type Diagnostic, formatPath, type Value } from "../../../provider/framework/index.ts";
import { createProvider } from "../../../provider/provider.ts";

/** A provider that was told its block. */
export type ConfiguredProvider = {
  readonly diagnostics: readonly Diagnostic[];
  /** The diagnostics as text: "severity path: summary. detail" each. */
  readonly said: string;
};

/** Starts a provider; `configure` tells it a block, in which everything else is left out. */
export function startProvider(environment: Readonly<Record<string, string>> = {}) {
  const provider = createProvider(environment);
  const server = createProviderServer(provider);
  const absent = Object.fromEntries(Object.keys(provider.schema.attributes).map((name) => [name, null]));
  return {
    server,
    async configure(block: { readonly [name: string]: Value } = {}): Promise<ConfiguredProvider> {
      const request = {
        terraformVersion: "1.11.4",
        config: { ...absent, ...block },
        clientCapabilities: { deferralAllowed: false, writeOnlyAttributesAllowed: true },
      };
      const validated = await server.validateProviderConfig({ config: request.config }, new AbortController().signal);
      const configured =
        validated.diagnostics.length > 0
          ? validated
          : await server.configureProvider(request, new AbortController().signal);
      const { diagnostics } = configured;
      return { diagnostics, said: diagnostics.map(describe).join("\n") };
    },
  };
}

function describe({ severity, attribute = [], summary, detail }: Diagnostic): string {
  return `${severity} ${formatPath(attribute)}: ${summary}. ${detail}`;
}
