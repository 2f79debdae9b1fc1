import type { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SecretStoreError } from "../secret-store-error.ts";
import type { AwsAccess } from "./aws-access.ts";
import { AwsClient } from "./aws-client.ts";
import { awsClientConfig, loadAwsPackage } from "./aws-client-config.ts";

/** A secret as it is without its value. */
export type DescribedSecret = {
  /** The version that is `AWSCURRENT`; undefined when there is none. */
  readonly currentVersion: string | undefined;
  /** Whether it is scheduled for deletion. */
  readonly isScheduled: boolean;
  /** The region of the secret that this one is a replica of; undefined when it is none. */
  readonly primaryRegion: string | undefined;
  /** Whether AWS keeps replicas of it in other regions, and so does not delete it. */
  readonly hasReplicas: boolean;
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
  readonly #client: AwsClient<SecretsManager>;

  constructor(access: AwsAccess, region: string, name: string, destination: string) {
    this.#access = access;
    this.#region = region;
    this.#name = name;
    this.#destination = destination;
    this.#client = new AwsClient("secretsmanager", destination, async () => {
      const load = () => import("@aws-sdk/client-secrets-manager");
      const { SecretsManager } = await loadAwsPackage(load, "@aws-sdk/client-secrets-manager", destination);
      return new SecretsManager(await awsClientConfig(access, region, destination));
    });
  }

  /** Needs `secretsmanager:DescribeSecret` only. */
  async describe(signal: AbortSignal): Promise<DescribedSecret | undefined> {
    const described = await this.#client.call(
      "DescribeSecret",
      signal,
      ["ResourceNotFoundException"],
      (client, options) => client.describeSecret({ SecretId: this.#name }, options),
    );
    if (described === undefined) return undefined;
    const { VersionIdsToStages = {}, PrimaryRegion = this.#region, ReplicationStatus = [] } = described;
    const versions = Object.entries(VersionIdsToStages);
    return {
      currentVersion: versions.find(([, stages]) => stages.includes("AWSCURRENT"))?.[0],
      isScheduled: described.DeletedDate !== undefined,
      primaryRegion: PrimaryRegion === this.#region ? undefined : PrimaryRegion,
      hasReplicas: ReplicationStatus.length > 0,
      tags: new Map((described.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    };
  }

  /** Makes the secret with its first version and its tags in one step; false when there is one already. */
  async create({ version, text }: SecretVersion, tags: Tags, signal: AbortSignal): Promise<boolean> {
    const { kmsKeyId } = this.#access;
    const created = await this.#client.call("CreateSecret", signal, ["ResourceExistsException"], (client, options) =>
      client.createSecret(
        {
          Name: this.#name,
          SecretString: text,
          ClientRequestToken: version,
          Tags: tagList(tags),
          ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
        },
        options,
      ),
    );
    return created !== undefined;
  }

  /** Adds a version beside the current one; of a secret without any it becomes the current one at once. */
  async put({ version, text }: SecretVersion, signal: AbortSignal): Promise<void> {
    await this.#client.call("PutSecretValue", signal, [], (client, options) =>
      client.putSecretValue(
        { SecretId: this.#name, SecretString: text, ClientRequestToken: version, VersionStages: [pendingStage] },
        options,
      ),
    );
  }

  /** Makes a version the current one if `from` still is. False when it is not, or when AWS refuses the move otherwise. */
  async moveCurrent(from: string, to: string, signal: AbortSignal): Promise<boolean> {
    const refused = ["InvalidParameterException", "InvalidRequestException", "ResourceNotFoundException"];
    const moved = await this.#client.call("UpdateSecretVersionStage", signal, refused, (client, options) =>
      client.updateSecretVersionStage(
        { SecretId: this.#name, VersionStage: "AWSCURRENT", RemoveFromVersionId: from, MoveToVersionId: to },
        options,
      ),
    );
    return moved !== undefined;
  }

  /** Takes `AWSPREVIOUS` from a version that may have it; AWS drops versions without a label. */
  async forget(version: string, signal: AbortSignal): Promise<void> {
    const refused = ["InvalidParameterException", "InvalidRequestException", "ResourceNotFoundException"];
    await this.#client.call("UpdateSecretVersionStage", signal, refused, (client, options) =>
      client.updateSecretVersionStage(
        { SecretId: this.#name, VersionStage: "AWSPREVIOUS", RemoveFromVersionId: version },
        options,
      ),
    );
  }

  async tag(tags: Tags, signal: AbortSignal): Promise<void> {
    await this.#client.call("TagResource", signal, [], (client, options) =>
      client.tagResource({ SecretId: this.#name, Tags: tagList(tags) }, options),
    );
  }

  async untag(names: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#client.call("UntagResource", signal, [], (client, options) =>
      client.untagResource({ SecretId: this.#name, TagKeys: [...names] }, options),
    );
  }

  async delete(signal: AbortSignal): Promise<void> {
    const { recoveryWindowDays: days = 30 } = this.#access;
    const absent = ["ResourceNotFoundException", "InvalidRequestException"];
    const deleted = await this.#client.call("DeleteSecret", signal, absent, (client, options) =>
      client.deleteSecret(
        {
          SecretId: this.#name,
          ...(days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days }),
        },
        options,
      ),
    );
    // A request whose answer got lost is sent again, and then the secret is scheduled already.
    if (deleted !== undefined || (await this.describe(signal))?.isScheduled !== false) return;
    throw new SecretStoreError("secret_store_failed", this.#destination, "AWS does not delete the secret now.");
  }

  async restore(signal: AbortSignal): Promise<void> {
    await this.#client.call("RestoreSecret", signal, [], (client, options) =>
      client.restoreSecret({ SecretId: this.#name }, options),
    );
  }

  /** The text of a version, or of the current one; undefined when there is none, or the secret is scheduled for deletion. */
  async value(version: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const which = version === undefined ? { VersionStage: "AWSCURRENT" } : { VersionId: version };
    const none = ["ResourceNotFoundException", "InvalidRequestException"];
    const answer = await this.#client.call("GetSecretValue", signal, none, (client, options) =>
      client.getSecretValue({ SecretId: this.#name, ...which }, options),
    );
    return answer?.SecretString;
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

type Tags = Readonly<Record<string, string>>;

function tagList(tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
