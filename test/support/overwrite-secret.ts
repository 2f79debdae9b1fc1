import type { SecretsManager } from "@aws-sdk/client-secrets-manager";

/**
 * Overwrites a secret of AWS as somebody else who is careful: a new version first, then its label. moto forgets to move AWSCURRENT when a plain PutSecretValue follows a move of labels.
 */
export async function overwriteSecret(aws: SecretsManager, name: string, text: string): Promise<void> {
  const described = await aws.describeSecret({ SecretId: name }).catch(() => undefined);
  if (described === undefined) {
    await aws.createSecret({ Name: name, SecretString: text });
    return;
  }
  if (described.DeletedDate !== undefined) await aws.restoreSecret({ SecretId: name });
  const { VersionId } = await aws.putSecretValue({ SecretId: name, SecretString: text, VersionStages: ["FOREIGN"] });
  const versions = Object.entries(described.VersionIdsToStages ?? {});
  const current = versions.find(([, stages]) => stages.includes("AWSCURRENT"))?.[0];
  if (current === undefined) return;
  await aws.updateSecretVersionStage({
    SecretId: name,
    VersionStage: "AWSCURRENT",
    RemoveFromVersionId: current,
    MoveToVersionId: VersionId,
  });
}
