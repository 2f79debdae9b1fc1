import { SecretStoreError } from "../secret-store-error.ts";
import type { AwsAccess } from "./aws-access.ts";
import { AwsRequestHandler } from "./aws-request-handler.ts";

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

function keysOf({ accessKeyId, secretAccessKey, sessionToken }: AwsAccess): AwsKeys | undefined {
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
