import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { SecretStoreError } from "../secret-store-error.ts";
import type { KubernetesAccess, KubernetesCluster, UsualPlaces } from "./kubernetes-access.ts";

/**
 * Finds out which cluster is meant and with which credentials. Reads files, and runs the credential plugin that a kubeconfig names.
 * `rejected` is a token or certificate that the cluster does not accept any more.
 * @throws SecretStoreError `secret_store_invalid_argument` when nothing is named, or what is named cannot be used.
 */
export async function findCluster(
  access: KubernetesAccess,
  destination: string,
  signal: AbortSignal,
  rejected?: string,
): Promise<KubernetesCluster> {
  const { host, token, caCertificate, kubeconfig, context, usualPlaces = {} } = access;
  if (host !== undefined) return { host, token, tls: { ca: caCertificate } };
  const { readKubeconfig } = await import("./kubeconfig.ts");
  const home = usualPlaces.homeFolder ?? homedir();
  const named = (kubeconfig?.split(delimiter) ?? []).filter(Boolean).map((path) => path.replace(/^~(?=\/)/, home));
  if (named.length > 0) return readKubeconfig({ paths: named, context, rejected, destination, signal });
  const usual = join(home, ".kube", "config");
  if (existsSync(usual)) return readKubeconfig({ paths: [usual], context, rejected, destination, signal });
  const pod = context === undefined ? await findServiceAccount(usualPlaces) : undefined;
  if (pod !== undefined) return pod;
  const message = `How the Kubernetes cluster is reached is not known: there is neither host nor kubeconfig, no ${usual}, and this runs in no pod.`;
  throw new SecretStoreError("secret_store_invalid_argument", destination, message);
}

/** The service account of the pod that this runs in. Its token changes within the hour: one that is rejected is read again. */
async function findServiceAccount(usualPlaces: UsualPlaces): Promise<KubernetesCluster | undefined> {
  const {
    serviceAccountFolder: folder = "/var/run/secrets/kubernetes.io/serviceaccount",
    serviceAccountHost: host = "https://kubernetes.default.svc",
  } = usualPlaces;
  if (!existsSync(join(folder, "token"))) return undefined;
  const [token, ca] = await Promise.all(["token", "ca.crt"].map((name) => readFile(join(folder, name), "utf8")));
  return { host, token: token?.trim(), tls: { ca } };
}
