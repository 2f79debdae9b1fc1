import type { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { type AwsAccess, awsClientConfig, loadAwsPackage } from "./aws-access.ts";
import { awsErrorName, explainAwsError } from "./aws-error.ts";

/** A secret as it is without its value. */
export type DescribedSecret = {
  /** The version that is `AWSCURRENT`; undefined when there is none. */
  readonly currentVersion: string | undefined;
  /** Whether it is scheduled for deletion. */
  readonly isScheduled: boolean;
  readonly tags: ReadonlyMap<string, string>;
};

/** A new version of a secret. */
export type SecretVersion = { readonly version: string; readonly text: string };

/** The label of a version that is not `AWSCURRENT` yet. */
const pendingStage = "ORGTOKENS_PENDING";

/** Speaks with Secrets Manager about one secret, by the official client. */
export class SecretsManagerConnection {
  readonly #access: AwsAccess;
  readonly #region: string;
  readonly #name: string;
  readonly #destination: string;
  #client: Promise<SecretsManager> | undefined;

  constructor(access: AwsAccess, region: string, name: string, destination: string) {
    this.#access = access;
    this.#region = region;
    this.#name = name;
    this.#destination = destination;
  }

  /** Needs `secretsmanager:DescribeSecret` only. */
  async describe(signal: AbortSignal): Promise<DescribedSecret | undefined> {
    const described = await this.#call("DescribeSecret", signal, ["ResourceNotFoundException"], (client, abortSignal) =>
      client.describeSecret({ SecretId: this.#name }, { abortSignal }),
    );
    if (described === undefined) return undefined;
    const versions = Object.entries(described.VersionIdsToStages ?? {});
    return {
      currentVersion: versions.find(([, stages]) => stages.includes("AWSCURRENT"))?.[0],
      isScheduled: described.DeletedDate !== undefined,
      tags: new Map((described.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    };
  }

  /** Makes the secret with its first version and its tags in one step; false when there is one already. */
  async create({ version, text }: SecretVersion, tags: Tags, signal: AbortSignal): Promise<boolean> {
    const { kmsKeyId } = this.#access;
    const created = await this.#call("CreateSecret", signal, ["ResourceExistsException"], (client, abortSignal) =>
      client.createSecret(
        {
          Name: this.#name,
          SecretString: text,
          ClientRequestToken: version,
          Tags: tagList(tags),
          ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
        },
        { abortSignal },
      ),
    );
    return created !== undefined;
  }

  /** Adds a version beside the current one; of a secret without any it becomes the current one at once. */
  async put({ version, text }: SecretVersion, signal: AbortSignal): Promise<void> {
    await this.#call("PutSecretValue", signal, [], (client, abortSignal) =>
      client.putSecretValue(
        { SecretId: this.#name, SecretString: text, ClientRequestToken: version, VersionStages: [pendingStage] },
        { abortSignal },
      ),
    );
  }

  /** Makes a version the current one if `from` still is. False when it is not, or when AWS refuses the move otherwise. */
  async moveCurrent(from: string, to: string, signal: AbortSignal): Promise<boolean> {
    const refused = ["InvalidParameterException", "InvalidRequestException", "ResourceNotFoundException"];
    const moved = await this.#call("UpdateSecretVersionStage", signal, refused, (client, abortSignal) =>
      client.updateSecretVersionStage(
        { SecretId: this.#name, VersionStage: "AWSCURRENT", RemoveFromVersionId: from, MoveToVersionId: to },
        { abortSignal },
      ),
    );
    return moved !== undefined;
  }

  async tag(tags: Tags, signal: AbortSignal): Promise<void> {
    await this.#call("TagResource", signal, [], (client, abortSignal) =>
      client.tagResource({ SecretId: this.#name, Tags: tagList(tags) }, { abortSignal }),
    );
  }

  async untag(names: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#call("UntagResource", signal, [], (client, abortSignal) =>
      client.untagResource({ SecretId: this.#name, TagKeys: [...names] }, { abortSignal }),
    );
  }

  async delete(signal: AbortSignal): Promise<void> {
    const { recoveryWindowDays: days = 30 } = this.#access;
    await this.#call("DeleteSecret", signal, ["ResourceNotFoundException"], (client, abortSignal) =>
      client.deleteSecret(
        {
          SecretId: this.#name,
          ...(days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days }),
        },
        { abortSignal },
      ),
    );
  }

  async restore(signal: AbortSignal): Promise<void> {
    await this.#call("RestoreSecret", signal, [], (client, abortSignal) =>
      client.restoreSecret({ SecretId: this.#name }, { abortSignal }),
    );
  }

  /** The text of a version, or of the current one; undefined when there is none, or the secret is scheduled for deletion. */
  async value(version: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const which = version === undefined ? { VersionStage: "AWSCURRENT" } : { VersionId: version };
    const none = ["ResourceNotFoundException", "InvalidRequestException"];
    const answer = await this.#call("GetSecretValue", signal, none, (client, abortSignal) =>
      client.getSecretValue({ SecretId: this.#name, ...which }, { abortSignal }),
    );
    return answer?.SecretString;
  }

  async close(): Promise<void> {
    (await this.#client?.catch(() => undefined))?.destroy();
  }

  /** Undefined for the errors that the caller deals with. */
  async #call<T>(
    operation: string,
    signal: AbortSignal,
    expected: readonly string[],
    send: (client: SecretsManager, signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      this.#client ??= this.#connect();
      return await send(await this.#client, signal);
    } catch (error) {
      if (expected.includes(awsErrorName(error) ?? "")) return undefined;
      throw explainAwsError(error, { action: `secretsmanager:${operation}`, destination: this.#destination, signal });
    }
  }

  async #connect(): Promise<SecretsManager> {
    const { SecretsManager } = await loadAwsPackage(
      () => import("@aws-sdk/client-secrets-manager"),
      "@aws-sdk/client-secrets-manager",
      this.#destination,
    );
    return new SecretsManager(await awsClientConfig(this.#access, this.#region, this.#destination));
  }
}

type Tags = Readonly<Record<string, string>>;

function tagList(tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
