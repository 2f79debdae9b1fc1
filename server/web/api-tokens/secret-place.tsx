import type { ReactNode } from "react";

const storeNames: Readonly<Record<string, string>> = {
  vault: "Vault",
  file: "File",
  "aws-secrets-manager": "AWS Secrets Manager",
  "aws-ssm": "AWS Parameter Store",
  "gcp-secret-manager": "Google Secret Manager",
  "azure-key-vault": "Azure Key Vault",
  kubernetes: "Kubernetes",
  "github-actions": "GitHub Actions",
  command: "Command",
};

/** Where a secret lives: the kind of store, and the place in it. */
export function SecretPlace({ destination }: { readonly destination: string | null }): ReactNode {
  if (destination === null) return <span className="muted clipped">Not recorded</span>;
  const [scheme = "", place = ""] = destination.split("://", 2);
  return (
    <span className="secret-place" title={destination}>
      <span>{storeNames[scheme] ?? scheme}</span>
      <code>{place}</code>
    </span>
  );
}
