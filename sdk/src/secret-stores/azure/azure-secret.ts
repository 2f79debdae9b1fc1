import type { SecretProperties } from "@azure/keyvault-secrets";
import { AzureCallFailure, type AzureConnection, type AzureFailure } from "./azure-connection.ts";
import type { AzureVersion } from "./azure-entry.ts";

/** What a new version gets besides the secret. */
export type NewAzureVersion = {
  readonly tags: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly expiresOn: Date | undefined;
};

/** One name in a vault: each method is one call of the API, or what belongs together. */
export class AzureSecret {
  readonly #connection: AzureConnection;
  readonly #name: string;

  constructor(connection: AzureConnection, name: string) {
    this.#connection = connection;
    this.#name = name;
  }

  /** All of its versions, in no order; none when there is no such secret, or it was deleted. */
  async listVersions(signal: AbortSignal): Promise<readonly AzureVersion[]> {
    const call = { action: "readMetadata/action", expected: ["not_found"] as const, signal };
    const run = () =>
      this.#connection.call(call, async (client, options) => {
        const versions: AzureVersion[] = [];
        for await (const page of client.listPropertiesOfSecretVersions(this.#name, options).byPage())
          versions.push(...page.map(parseVersion));
        return versions;
      });
    return (await unless(["not_found"], run)) ?? [];
  }

  /** Adds a version and gives its id; undefined while the name is deleted. */
  addVersion(
    text: string,
    { expiresOn, ...version }: NewAzureVersion,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const settings = { ...version, tags: { ...version.tags }, ...(expiresOn === undefined ? {} : { expiresOn }) };
    return unless(["deleted"], () =>
      this.#connection.call({ action: "setSecret/action", expected: ["deleted"], signal }, async (client, options) => {
        const { properties } = await client.setSecret(this.#name, text, { ...settings, ...options });
        return properties.version ?? "";
      }),
    );
  }

  /** Lets a version no longer be read. */
  async disableVersion({ id }: AzureVersion, signal: AbortSignal): Promise<void> {
    await this.#connection.call({ action: "update/action", expected: [], signal }, (client, options) =>
      client.updateSecretProperties(this.#name, id, { enabled: false, ...options }),
    );
  }

  /** Deletes the secret with every version. */
  async delete(signal: AbortSignal): Promise<"deleted" | "absent"> {
    const call = { action: "delete", expected: ["not_found", "deleted"] as const, signal };
    const deleted = await unless(["not_found", "deleted"], () =>
      this.#connection.call(call, (client, options) => client.beginDeleteSecret(this.#name, options)),
    );
    return deleted === undefined ? "absent" : "deleted";
  }

  /**
   * The newest version of the name that was deleted; undefined when there is none. Asking for one name needs the right to
   * read secrets, for whatever reason; without it, all deleted ones are listed.
   */
  async findDeleted(signal: AbortSignal): Promise<AzureVersion | undefined> {
    const expected = ["not_found", "forbidden"] as const;
    try {
      return await this.#connection.call({ action: "getSecret/action", expected, signal }, async (client, options) =>
        parseVersion((await client.getDeletedSecret(this.#name, options)).properties),
      );
    } catch (error) {
      if (!(error instanceof AzureCallFailure)) throw error;
      return error.failure === "forbidden" ? this.#findAmongDeleted(signal) : undefined;
    }
  }

  #findAmongDeleted(signal: AbortSignal): Promise<AzureVersion | undefined> {
    return this.#connection.call({ action: "readMetadata/action", expected: [], signal }, async (client, options) => {
      for await (const page of client.listDeletedSecrets(options).byPage()) {
        const found = page.find(({ name }) => name.toLowerCase() === this.#name);
        if (found !== undefined) return parseVersion(found.properties);
      }
      return undefined;
    });
  }

  /** Takes back that the name was deleted, which Azure does in its own time. */
  async recover(signal: AbortSignal): Promise<void> {
    const call = { action: "recover/action", expected: ["not_found", "deleted"] as const, signal };
    await unless(["not_found", "deleted"], () =>
      this.#connection.call(call, (client, options) => client.beginRecoverDeletedSecret(this.#name, options)),
    );
  }

  /** What the newest version holds; undefined when there is none that can be read. */
  read(signal: AbortSignal): Promise<string | undefined> {
    return unless(["not_found", "disabled"], () =>
      this.#connection.call(
        { action: "getSecret/action", expected: ["not_found", "disabled"], signal },
        async (client, options) => (await client.getSecret(this.#name, options)).value,
      ),
    );
  }
}

async function unless<T>(failures: readonly AzureFailure[], run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AzureCallFailure && failures.includes(error.failure)) return undefined;
    throw error;
  }
}

function parseVersion({ version, createdOn, enabled, contentType, tags }: SecretProperties): AzureVersion {
  return {
    id: version ?? "",
    createdAtMs: createdOn?.getTime() ?? 0,
    isEnabled: enabled !== false,
    contentType,
    tags: tags ?? {},
  };
}
