/** How stores are reached when only an environment says so, and that explicit settings win over it. */
import { type Environment, MissingSettingError, openDestination } from "@orgtokens/sdk/secret-stores";
import { describe, expect, test } from "vitest";
import { awsSsmKind } from "../../../sdk/src/secret-stores/aws/aws-kinds.ts";
import { commandKind } from "../../../sdk/src/secret-stores/command/command-kind.ts";
import { googleKind } from "../../../sdk/src/secret-stores/google/google-kind.ts";
import { kubernetesKind } from "../../../sdk/src/secret-stores/kubernetes/kubernetes-kind.ts";

describe("AWS", () => {
  const read = (settings: object, environment: Environment) => awsSsmKind.readAccess(settings, environment).access;
  const environment = {
    ORGTOKENS_AWS_KMS_KEY_ID: "alias/ci",
    ORGTOKENS_AWS_SSM_TIER: "Advanced",
    ORGTOKENS_AWS_RECOVERY_WINDOW_DAYS: "0",
  };

  test("takes key, tier and recovery window from the environment, each unless it is set", () => {
    expect(read({}, environment)).toEqual({ kmsKeyId: "alias/ci", tier: "Advanced", recoveryWindowDays: 0 });
    const set = { kmsKeyId: "alias/own", tier: "Standard", recoveryWindowDays: 7, profile: "ops" };
    expect(read(set, environment)).toEqual(set);
  });

  test("leaves to its client what that finds itself, and takes an empty variable for none", () => {
    expect(read({}, { AWS_PROFILE: "ops", AWS_ENDPOINT_URL: "http://x", ORGTOKENS_AWS_KMS_KEY_ID: "" })).toEqual({});
  });

  test.each([
    [{ ORGTOKENS_AWS_RECOVERY_WINDOW_DAYS: "a week" }, "recovery window"],
    [{ ORGTOKENS_AWS_SSM_TIER: "Premium" }, "tier"],
  ])("refuses %o", (wrong, name) => {
    expect(() => openDestination("aws-ssm://eu-central-1/ci", { environment: wrong })).toThrow(name);
  });
});

test("Google takes endpoint, replicas, key and retention from the environment, each unless it is set", () => {
  const environment = {
    GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT: "https://secretmanager.example.com/v1/",
    ORGTOKENS_GOOGLE_REPLICA_LOCATIONS: "europe-west1,europe-west4",
    ORGTOKENS_GOOGLE_KMS_KEY_NAME: "projects/p/locations/{location}/keyRings/r/cryptoKeys/k",
    ORGTOKENS_GOOGLE_DESTROY_OLD_VERSIONS_AFTER_HOURS: "48",
  };
  expect(googleKind.readAccess({}, environment)).toEqual({
    access: {
      endpoint: "secretmanager.example.com",
      replicaLocations: ["europe-west1", "europe-west4"],
      kmsKeyName: environment.ORGTOKENS_GOOGLE_KMS_KEY_NAME,
      destroyOldVersionsAfterMs: 172_800_000,
    },
  });
  const set = { endpoint: "own", replicaLocations: ["us-east1"], kmsKeyName: "own", destroyOldVersionsAfterMs: 1 };
  expect(googleKind.readAccess(set, environment)).toEqual({ access: set });
});

test.each([
  ["ORGTOKENS_GOOGLE_DESTROY_OLD_VERSIONS_AFTER_HOURS", "google-secret-manager://my-project/ci"],
  ["ORGTOKENS_AZURE_DISABLE_OLD_VERSIONS_AFTER_HOURS", "azure-key-vault://my-vault/ci"],
])("%s that is no positive number is refused before anything is opened", (variable, destination) => {
  for (const hours of ["soon", "0", "-1"]) {
    expect(() => openDestination(destination, { environment: { [variable]: hours } })).toThrow("hours");
  }
  expect(() => openDestination(destination, { environment: { [variable]: "24" } })).not.toThrow();
});

describe("Kubernetes", () => {
  const environment = {
    KUBE_HOST: "https://cluster",
    KUBE_TOKEN: "t",
    KUBE_CLUSTER_CA_CERT_DATA: "ca",
    KUBE_CTX: "prod",
  };

  test("is the cluster that the environment names, or a kubeconfig and its context", () => {
    expect(kubernetesKind.readAccess({}, environment)).toEqual({
      access: { host: "https://cluster", token: "t", caCertificate: "ca" },
    });
    expect(kubernetesKind.readAccess({}, { KUBECONFIG: "/k", KUBE_CTX: "prod" })).toEqual({
      access: { kubeconfig: "/k", context: "prod" },
    });
  });

  test("is the kubeconfig that is set, whatever address the environment has", () => {
    expect(kubernetesKind.readAccess({ kubeconfig: "/own" }, environment)).toEqual({
      access: { kubeconfig: "/own", context: "prod" },
    });
  });
});

test("a program gets the environment without the tokens of orgtokens itself", () => {
  const own = { ORGTOKENS_API_TOKEN: "secret", ORGTOKENS_API_TOKEN_FILE: "/secret" };
  const environment = { ...own, ORGTOKENS_PROGRAMS_FILE: "/programs.json", HOME: "/home/ada" };
  const { ORGTOKENS_API_TOKEN: _, ORGTOKENS_API_TOKEN_FILE: __, ...rest } = environment;
  expect(commandKind.readAccess({}, environment)).toEqual({
    access: { programsFile: "/programs.json", environment: rest },
  });
});

test.each([
  ["vault://kv/ci#token", {}, "VAULT_ADDR"],
  ["command://pass/ci", {}, "ORGTOKENS_PROGRAMS_FILE"],
])("without what it takes to reach %s, the variable that gives it is said", (destination, environment, variable) => {
  const open = () => openDestination(destination, { environment });
  expect(open).toThrow(MissingSettingError);
  expect(open).toThrow(variable);
});
