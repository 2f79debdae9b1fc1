import type { ParameterMetadata, ParameterTier, SSM } from "@aws-sdk/client-ssm";
import type { AwsAccess } from "./aws-access.ts";
import { AwsClient } from "./aws-client.ts";
import { awsClientConfig, loadAwsPackage } from "./aws-client-config.ts";

/** A parameter as it is without its value. */
export type DescribedParameter = {
  readonly version: number;
  readonly keyId: string | undefined;
  readonly tier: ParameterTier | undefined;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
};

type Tags = Readonly<Record<string, string>>;

/** Speaks with Parameter Store about one parameter, by the official client. */
export class SsmConnection {
  readonly #access: AwsAccess;
  readonly #name: string;
  readonly #client: AwsClient<SSM>;

  constructor(access: AwsAccess, place: { readonly region: string; readonly path: string }, destination: string) {
    this.#access = access;
    this.#name = place.path;
    this.#client = new AwsClient("ssm", destination, async () => {
      const { SSM } = await loadAwsPackage(() => import("@aws-sdk/client-ssm"), "@aws-sdk/client-ssm", destination);
      return new SSM(await awsClientConfig(access, place.region, destination));
    });
  }

  /** Needs `ssm:DescribeParameters` and `ssm:ListTagsForResource` only. */
  async describe(signal: AbortSignal): Promise<DescribedParameter | undefined> {
    const found = await this.#find(signal);
    if (found?.Version === undefined) return undefined;
    const about = { ResourceType: "Parameter", ResourceId: this.#name } as const;
    const tags = await this.#client.call("ListTagsForResource", signal, ["InvalidResourceId"], (client, options) =>
      client.listTagsForResource(about, options),
    );
    // The parameter went away between the two calls.
    if (tags === undefined) return undefined;
    return {
      version: found.Version,
      keyId: found.KeyId,
      tier: found.Tier,
      description: found.Description,
      allowedPattern: found.AllowedPattern,
      tags: new Map((tags.TagList ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    };
  }

  /** Makes the parameter with its tags in one step; false when there is one already. */
  async create(secret: string, tags: Tags, signal: AbortSignal): Promise<boolean> {
    const created = await this.#client.call("PutParameter", signal, ["ParameterAlreadyExists"], (client, options) =>
      client.putParameter(
        { ...this.#parameter(secret, this.#access.kmsKeyId), ...tierOf(this.#access.tier), Tags: tagList(tags) },
        options,
      ),
    );
    return created !== undefined;
  }

  /** Puts a version in the place of the one before, whatever that is; says which one it became. */
  async overwrite(secret: string, before: DescribedParameter, signal: AbortSignal): Promise<number> {
    const { kmsKeyId, tier } = this.#access;
    const { description, allowedPattern } = before;
    const answer = await this.#client.call("PutParameter", signal, [], (client, options) =>
      client.putParameter(
        {
          ...this.#parameter(secret, kmsKeyId ?? before.keyId),
          // A parameter cannot go back to the lower tier, and without one AWS takes the account's for it.
          ...tierOf(before.tier === "Advanced" || tier === undefined ? before.tier : tier),
          ...(description === undefined ? {} : { Description: description }),
          ...(allowedPattern === undefined ? {} : { AllowedPattern: allowedPattern }),
          Overwrite: true,
        },
        options,
      ),
    );
    return answer?.Version ?? 0;
  }

  async tag(tags: Tags, signal: AbortSignal): Promise<void> {
    const about = { ResourceType: "Parameter", ResourceId: this.#name } as const;
    await this.#client.call("AddTagsToResource", signal, [], (client, options) =>
      client.addTagsToResource({ ...about, Tags: tagList(tags) }, options),
    );
  }

  async delete(signal: AbortSignal): Promise<void> {
    await this.#client.call("DeleteParameter", signal, ["ParameterNotFound"], (client, options) =>
      client.deleteParameter({ Name: this.#name }, options),
    );
  }

  async value(signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#client.call("GetParameter", signal, ["ParameterNotFound"], (client, options) =>
      client.getParameter({ Name: this.#name, WithDecryption: true }, options),
    );
    return answer?.Parameter?.Value;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #parameter(secret: string, keyId: string | undefined) {
    const own = { Name: this.#name, Value: secret, Type: "SecureString" } as const;
    return { ...own, ...(keyId === undefined ? {} : { KeyId: keyId }) };
  }

  /** AWS answers with as many as it has found so far, which can be none though there are more pages. */
  async #find(signal: AbortSignal): Promise<ParameterMetadata | undefined> {
    const ParameterFilters = [{ Key: "Name", Option: "Equals", Values: [this.#name] }];
    let NextToken: string | undefined;
    do {
      const request = { ParameterFilters, ...(NextToken === undefined ? {} : { NextToken }) };
      const answer = await this.#client.call("DescribeParameters", signal, [], (client, options) =>
        client.describeParameters(request, options),
      );
      const found = answer?.Parameters?.[0];
      if (found !== undefined) return found;
      signal.throwIfAborted();
      NextToken = answer?.NextToken;
    } while (NextToken !== undefined);
    return undefined;
  }
}

const tiers: readonly ParameterTier[] = ["Standard", "Advanced", "Intelligent-Tiering"];

function tierOf(name: string | undefined): { readonly Tier?: ParameterTier } {
  const tier = tiers.find((known) => known === name);
  return tier === undefined ? {} : { Tier: tier };
}

function tagList(tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
