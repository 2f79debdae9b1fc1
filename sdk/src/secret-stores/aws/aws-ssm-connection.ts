import type { ParameterTier, SSM } from "@aws-sdk/client-ssm";
import { type AwsAccess, awsClientConfig, loadAwsPackage } from "./aws-access.ts";
import { awsErrorName, explainAwsError } from "./aws-error.ts";

/** A parameter as it is without its value. */
export type DescribedParameter = {
  readonly version: number;
  readonly keyId: string | undefined;
  readonly description: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
};

type Tags = Readonly<Record<string, string>>;

/** Speaks with Parameter Store about one parameter, by the official client. */
export class SsmConnection {
  readonly #access: AwsAccess;
  readonly #region: string;
  readonly #name: string;
  readonly #destination: string;
  #client: Promise<SSM> | undefined;

  constructor(access: AwsAccess, place: { readonly region: string; readonly path: string }, destination: string) {
    this.#access = access;
    this.#region = place.region;
    this.#name = place.path;
    this.#destination = destination;
  }

  /** Needs `ssm:DescribeParameters` and `ssm:ListTagsForResource` only. */
  async describe(signal: AbortSignal): Promise<DescribedParameter | undefined> {
    const ParameterFilters = [{ Key: "Name", Option: "Equals", Values: [this.#name] }];
    const answer = await this.#call("DescribeParameters", signal, [], (client, abortSignal) =>
      client.describeParameters({ ParameterFilters }, { abortSignal }),
    );
    const found = answer?.Parameters?.[0];
    if (found?.Version === undefined) return undefined;
    const about = { ResourceType: "Parameter", ResourceId: this.#name } as const;
    const tags = await this.#call("ListTagsForResource", signal, ["InvalidResourceId"], (client, abortSignal) =>
      client.listTagsForResource(about, { abortSignal }),
    );
    // The parameter went away between the two calls.
    if (tags === undefined) return undefined;
    return {
      version: found.Version,
      keyId: found.KeyId,
      description: found.Description,
      tags: new Map((tags.TagList ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    };
  }

  /** Makes the parameter with its tags in one step; false when there is one already. */
  async create(secret: string, tags: Tags, signal: AbortSignal): Promise<boolean> {
    const created = await this.#call("PutParameter", signal, ["ParameterAlreadyExists"], (client, abortSignal) =>
      client.putParameter(
        { ...this.#parameter(secret, this.#access.kmsKeyId), ...tierOf(this.#access.tier), Tags: tagList(tags) },
        { abortSignal },
      ),
    );
    return created !== undefined;
  }

  /** Puts a version in the place of the one before, whatever that is; says which one it became. */
  async overwrite(secret: string, before: DescribedParameter, signal: AbortSignal): Promise<number> {
    const { kmsKeyId, tier } = this.#access;
    const { description } = before;
    const answer = await this.#call("PutParameter", signal, [], (client, abortSignal) =>
      client.putParameter(
        {
          ...this.#parameter(secret, kmsKeyId ?? before.keyId),
          // A parameter cannot go back to the lower tier.
          ...(tier === "Standard" ? {} : tierOf(tier)),
          ...(description === undefined ? {} : { Description: description }),
          Overwrite: true,
        },
        { abortSignal },
      ),
    );
    return answer?.Version ?? 0;
  }

  async tag(tags: Tags, signal: AbortSignal): Promise<void> {
    const about = { ResourceType: "Parameter", ResourceId: this.#name } as const;
    await this.#call("AddTagsToResource", signal, [], (client, abortSignal) =>
      client.addTagsToResource({ ...about, Tags: tagList(tags) }, { abortSignal }),
    );
  }

  async delete(signal: AbortSignal): Promise<void> {
    await this.#call("DeleteParameter", signal, ["ParameterNotFound"], (client, abortSignal) =>
      client.deleteParameter({ Name: this.#name }, { abortSignal }),
    );
  }

  async value(signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#call("GetParameter", signal, ["ParameterNotFound"], (client, abortSignal) =>
      client.getParameter({ Name: this.#name, WithDecryption: true }, { abortSignal }),
    );
    return answer?.Parameter?.Value;
  }

  async close(): Promise<void> {
    (await this.#client?.catch(() => undefined))?.destroy();
  }

  #parameter(secret: string, keyId: string | undefined) {
    const own = { Name: this.#name, Value: secret, Type: "SecureString" } as const;
    return { ...own, ...(keyId === undefined ? {} : { KeyId: keyId }) };
  }

  /** Undefined for the errors that the caller deals with. */
  async #call<T>(
    operation: string,
    signal: AbortSignal,
    expected: readonly string[],
    send: (client: SSM, signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      this.#client ??= this.#connect();
      return await send(await this.#client, signal);
    } catch (error) {
      if (expected.includes(awsErrorName(error) ?? "")) return undefined;
      throw explainAwsError(error, { action: `ssm:${operation}`, destination: this.#destination, signal });
    }
  }

  async #connect(): Promise<SSM> {
    const { SSM } = await loadAwsPackage(() => import("@aws-sdk/client-ssm"), "@aws-sdk/client-ssm", this.#destination);
    return new SSM(await awsClientConfig(this.#access, this.#region, this.#destination));
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
