/**
 * How a cluster is reached, and as whom: `host` with `token`, or `kubeconfig`. With neither, `~/.kube/config` is read; without that
 * file, the service account of the pod this runs in is used.
 */
export type KubernetesAccess = {
  /** Address of the API server, such as `https://10.0.0.1:6443`. Without TLS at this machine only. */
  readonly host?: string;
  /** A bearer token, such as a service account's. With `host`. */
  readonly token?: string;
  /** The certificates that the API server's is trusted by, as PEM. With `host`. Default: those of the platform. */
  readonly caCertificate?: string;
  /** Path of a kubeconfig file; several are separated as in `KUBECONFIG`. */
  readonly kubeconfig?: string;
  /** Which context of the kubeconfig. Default: its current one. */
  readonly context?: string;
  /** Where the home folder and a pod's service account are, for who runs under other rules. */
  readonly usualPlaces?: UsualPlaces;
};

/** Where to look when nothing is named. */
export type UsualPlaces = {
  /** Default: the user's. */
  readonly homeFolder?: string;
  /** Default: `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly serviceAccountFolder?: string;
  /** Address of the API server as pods see it. Default: `https://kubernetes.default.svc`. */
  readonly serviceAccountHost?: string;
};

/** A cluster, and the credentials that are presented to it. */
export type KubernetesCluster = {
  readonly host: string;
  readonly token?: string | undefined;
  readonly tls: KubernetesTls;
};

/** What TLS is set up with. */
export type KubernetesTls = {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
};
