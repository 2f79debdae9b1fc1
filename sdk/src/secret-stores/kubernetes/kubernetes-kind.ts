import type { Environment, SecretStoreKind } from "../secret-store-kind.ts";
import {
  type KubernetesPlace,
  kubernetesDestination,
  openKubernetesSecretStore,
  parseKubernetesDestination,
} from "./kubernetes.ts";
import type { KubernetesAccess } from "./kubernetes-access.ts";

/** Secrets of a Kubernetes cluster. */
export const kubernetesKind: SecretStoreKind<KubernetesPlace, KubernetesAccess> = {
  destinationOf: kubernetesDestination,
  parseDestination: parseKubernetesDestination,
  readAccess: (settings, environment) => ({ access: readKubernetesAccess(settings, environment) }),
  open: (place, access) => openKubernetesSecretStore({ ...place, ...access }),
};

/**
 * By the variables that the provider `hashicorp/kubernetes` reads, `KUBECONFIG`, and in a pod by those that Kubernetes sets there: names
 * need not be known there. An address in the environment does not override a kubeconfig that is set.
 */
function readKubernetesAccess(settings: KubernetesAccess, environment: Environment): KubernetesAccess {
  const isKubeconfig = settings.kubeconfig !== undefined || settings.context !== undefined;
  const host = settings.host ?? (isKubeconfig ? undefined : environment["KUBE_HOST"]);
  if (host) {
    const token = settings.token ?? environment["KUBE_TOKEN"];
    const caCertificate = settings.caCertificate ?? environment["KUBE_CLUSTER_CA_CERT_DATA"];
    return { ...settings, host, ...(token ? { token } : {}), ...(caCertificate ? { caCertificate } : {}) };
  }
  const kubeconfig = settings.kubeconfig || environment["KUBE_CONFIG_PATH"] || environment["KUBECONFIG"];
  const context = settings.context ?? environment["KUBE_CTX"];
  const serviceAccountHost = readServiceHost(environment);
  const usualPlaces =
    serviceAccountHost === undefined ? {} : { usualPlaces: { serviceAccountHost, ...settings.usualPlaces } };
  return { ...settings, ...usualPlaces, ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) };
}

function readServiceHost(environment: Environment): string | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = environment;
  if (!host) return undefined;
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
