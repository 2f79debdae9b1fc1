import { SecretStoreError } from "../secret-store-error.ts";
import { AwsRequestHandler } from "./aws-request-handler.ts";

/**
 * How AWS is reached and as whom. What is left out, the AWS SDK finds in its usual ways: environment variables, shared
 * configuration files, web identity, the metadata of a container or an instance.
 */
export type AwsAccess = {
  /** A profile of the shared configuration files. */
  readonly profile?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** A role that is assumed with the credentials above, or with those that the SDK finds. */
  readonly roleArn?: string;
  /** Default: `orgtokens`. */
  readonly roleSessionName?: string;
  /** What the role's trust policy may demand. */
  readonly externalId?: string;
  /** Address of the service that keeps the secrets, such as that of a VPC endpoint. Default: the region's public one. */
  readonly endpoint?: string;
  /** Key that encrypts what is created. Default: the account's key for the service. */
  readonly kmsKeyId?: string;
  /** Days, 7 to 30, in which a deleted secret of Secrets Manager can be restored; 0 deletes at once. Default: 30. */
  readonly recoveryWindowDays?: number;
  /** Tier of a parameter: `Standard`, `Advanced` or `Intelligent-Tiering`. Default: the account's. */
  readonly tier?: string;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
};

/** What every client of AWS is made with. */
export type AwsClientConfig = {
  readonly region: string;
  readonly maxAttempts: number;
  readonly requestHandler: AwsRequestHandler;
  readonly logger: typeof silent;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly credentials?: AwsCredentials;
};

/** The SDK has warnings of its own for the console; what matters of them is in our errors. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type AwsKeys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
type AwsCredentials = AwsKeys | ReturnType<typeof import("@aws-sdk/credential-providers")["fromTemporaryCredentials"]>;

/**
 * What a client of AWS is made with, explicit settings first.
 * @throws SecretStoreError when a role is to be assumed and the package that does it is not installed.
 */
export async function awsClientConfig(
  access: AwsAccess,
  region: string,
  destination: string,
): Promise<AwsClientConfig> {
  const { profile, endpoint } = access;
  const keys = keysOf(access);
  const own = { ...(profile === undefined ? {} : { profile }), ...(keys === undefined ? {} : { credentials: keys }) };
  return {
    region,
    maxAttempts: 3,
    requestHandler: new AwsRequestHandler(access.fetch ?? fetch),
    logger: silent,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(access.roleArn === undefined
      ? own
      : { credentials: await assume(access.roleArn, access, region, destination) }),
  };
}

async function assume(roleArn: string, access: AwsAccess, region: string, destination: string) {
  const { profile, externalId, roleSessionName = "orgtokens" } = access;
  const keys = keysOf(access);
  const { fromNodeProviderChain, fromTemporaryCredentials } = await loadAwsPackage(
    () => import("@aws-sdk/credential-providers"),
    "@aws-sdk/credential-providers",
    destination,
  );
  // Left to itself, who assumes a role takes an access key of the environment before the profile.
  const master = keys ?? (profile === undefined ? undefined : fromNodeProviderChain({ profile }));
  return fromTemporaryCredentials({
    ...(master === undefined ? {} : { masterCredentials: master }),
    params: {
      RoleArn: roleArn,
      RoleSessionName: roleSessionName,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    },
    clientConfig: { region, ...(profile === undefined ? {} : { profile }) },
  });
}

/**
 * Loads an optional package when it is first used.
 * @throws SecretStoreError that says what to install.
 */
export async function loadAwsPackage<T>(load: () => Promise<T>, name: string, destination: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    const message = isMissing
      ? `The package ${name} is missing. Install it beside @orgtokens/sdk: npm install ${name}`
      : `The package ${name} cannot be loaded.`;
    throw new SecretStoreError("secret_store_failed", destination, message, { cause: error });
  }
}

/**
 * Finds faults of the settings before anything is opened.
 * @throws SecretStoreError `secret_store_invalid_argument`; quotes nothing of the settings.
 */
export function requireUsableAccess(access: AwsAccess, region: string, destination: string): void {
  const { endpoint, accessKeyId, secretAccessKey, sessionToken, recoveryWindowDays: days, tier } = access;
  const url = endpoint === undefined ? undefined : URL.parse(endpoint);
  const faults = {
    "The region of AWS must be a name such as eu-central-1.": !/^[a-z]{2,12}(?:-[a-z0-9]{1,20}){1,4}$/.test(region),
    "The endpoint of AWS must be an http or https URL.":
      url !== undefined && !["http:", "https:"].includes(url?.protocol ?? ""),
    "An access key of AWS is two parts: set both its id and its secret.":
      (accessKeyId === undefined) !== (secretAccessKey === undefined),
    "A session token of AWS needs the access key that it belongs to.":
      sessionToken !== undefined && accessKeyId === undefined,
    "Set an access key or a profile of AWS, not both.": accessKeyId !== undefined && access.profile !== undefined,
    "The recovery window must be 0, or 7 to 30 days.":
      days !== undefined && days !== 0 && !(Number.isInteger(days) && days >= 7 && days <= 30),
    "The tier must be Standard, Advanced or Intelligent-Tiering.":
      tier !== undefined && !["Standard", "Advanced", "Intelligent-Tiering"].includes(tier),
  };
  const fault = Object.entries(faults).find(([, isWrong]) => isWrong)?.[0];
  if (fault !== undefined) throw new SecretStoreError("secret_store_invalid_argument", destination, fault);
}

function keysOf({ accessKeyId, secretAccessKey, sessionToken }: AwsAccess): AwsKeys | undefined {
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
