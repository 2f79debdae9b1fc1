import type { KubernetesAccess } from "@orgtokens/sdk/secret-stores";
import { attribute, lengthBetween, pattern } from "../framework/index.ts";
import { memberOf, type StoreKind, textsOf } from "./store-kind.ts";
import { isUrl, noControlCharacters } from "./texts.ts";

const defaultKey = "token";
const key = {
  optional: true,
  description: `The key inside the Secret; other keys are left alone. Default: \`${defaultKey}\`.`,
  validators: [
    lengthBetween(1, 63),
    pattern(
      /^[A-Za-z0-9](?:[-._A-Za-z0-9]*[A-Za-z0-9])?$/,
      "be letters, digits, hyphens, underscores and dots, with a letter or digit at the ends",
    ),
  ],
} as const;

/** Where a key of a Secret is; without the default of the key. */
export const kubernetesAttributes = {
  namespace: attribute.string({
    required: true,
    description: "The namespace. It must exist.",
    validators: [
      lengthBetween(1, 63),
      pattern(
        /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
        "be lower-case letters, digits and hyphens, with no hyphen at the ends",
      ),
    ],
  }),
  name: attribute.string({
    required: true,
    description: "Name of the Secret. It is created when it is missing.",
    validators: [
      lengthBetween(1, 253),
      pattern(
        /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
        "be lower-case letters, digits, hyphens and dots, as in a host's name",
      ),
    ],
  }),
  key: attribute.string(key),
};

const description =
  "A key of a Kubernetes Secret, written by server-side apply. How the cluster is reached comes from `secret_stores.kubernetes` of the provider.";

/** A key of a Secret. */
export const kubernetesPlace = attribute.single({
  optional: true,
  description,
  attributes: { ...kubernetesAttributes, key: attribute.string({ ...key, default: defaultKey }) },
});

/** The same without defaults, as ephemeral resources have to have it. */
export const kubernetesPlaceWithoutDefaults = attribute.single({
  optional: true,
  description,
  attributes: kubernetesAttributes,
});

/** How a cluster is reached. The names are those of the provider `hashicorp/kubernetes`. */
export const kubernetesAccess = attribute.single({
  optional: true,
  description:
    "Kubernetes: `host` with `token`, or a kubeconfig. With neither it is `~/.kube/config`, and without that file the service account of the pod that Terraform runs in.",
  attributes: {
    host: attribute.string({
      optional: true,
      description: "Address of the API server, such as `https://10.0.0.1:6443`. Or `KUBE_HOST`.",
      validators: [isUrl],
    }),
    token: attribute.string({
      optional: true,
      sensitive: true,
      description: "A bearer token, with `host`. Or `KUBE_TOKEN`.",
      validators: [lengthBetween(1, 16_384)],
    }),
    cluster_ca_certificate: attribute.string({
      optional: true,
      description:
        "The certificates that the API server's is trusted by, as PEM, with `host`. Or `KUBE_CLUSTER_CA_CERT_DATA`. Default: those of the platform.",
      validators: [pattern(/-----BEGIN CERTIFICATE-----/, "be PEM")],
    }),
    config_path: attribute.string({
      optional: true,
      description: "Path of a kubeconfig file. Or `KUBE_CONFIG_PATH`, or `KUBECONFIG`, which may name several.",
      validators: [lengthBetween(1, 4096), noControlCharacters],
    }),
    config_context: attribute.string({
      optional: true,
      description: "The context of the kubeconfig. Or `KUBE_CTX`. Default: its current one.",
      validators: [lengthBetween(1, 400)],
    }),
  },
});

export const kubernetesKind: StoreKind = {
  placeAttributes: kubernetesAttributes,
  toPlace: (members) => ({
    kubernetes: {
      namespace: memberOf(members, "namespace"),
      name: memberOf(members, "name"),
      key: members["key"] ?? defaultKey,
    },
  }),
  toMembers: (place) => ("kubernetes" in place ? { ...place.kubernetes } : undefined),
  toAccess: (configured) => ({ kubernetes: textsOf(configured, names) }),
};

const names = {
  host: "host",
  token: "token",
  caCertificate: "cluster_ca_certificate",
  kubeconfig: "config_path",
  context: "config_context",
} as const satisfies { readonly [Name in keyof KubernetesAccess]?: string };
