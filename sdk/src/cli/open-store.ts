import { openDestination, type SecretStore, type SecretStoreAccess } from "../secret-stores/index.ts";
import type { CommandContext } from "./command-context.ts";

/**
 * Opens the place that a URI names, with what the environment says of its store.
 * @throws SecretStoreError
 */
export function openStore({ environment }: CommandContext, destination: string): SecretStore {
  return openDestination(destination, readStoreAccess(environment));
}

/** How the stores are reached, by the variables that their own tools read. What a store's client finds by itself is left to it. */
function readStoreAccess(environment: CommandContext["environment"]): SecretStoreAccess {
  const { VAULT_ADDR: address, VAULT_TOKEN: token, VAULT_NAMESPACE: namespace } = environment;
  const programsFile = environment["ORGTOKENS_PROGRAMS_FILE"];
  const { ORGTOKENS_API_TOKEN: _, ...ofPrograms } = environment;
  return {
    ...(address && token ? { vault: { address, token, ...(namespace ? { namespace } : {}) } } : {}),
    ...(programsFile ? { command: { programsFile, environment: ofPrograms } } : {}),
    kubernetes: readKubernetesAccess(environment),
  };
}

function readKubernetesAccess(
  environment: CommandContext["environment"],
): NonNullable<SecretStoreAccess["kubernetes"]> {
  const { KUBE_HOST: host, KUBE_TOKEN: token, KUBE_CLUSTER_CA_CERT_DATA: caCertificate } = environment;
  if (host) return { host, ...(token ? { token } : {}), ...(caCertificate ? { caCertificate } : {}) };
  const kubeconfig = environment["KUBE_CONFIG_PATH"] || environment["KUBECONFIG"];
  const context = environment["KUBE_CTX"];
  return { ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) };
}
