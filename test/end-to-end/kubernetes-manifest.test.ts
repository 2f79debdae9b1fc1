/** The manifests of examples/kubernetes, before a real API server: applied with strict validation, their pods held to the strictest standard. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { asList, asObject, type JsonObject } from "../check/tree.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { podTemplateOf, readManifest, within } from "../support/manifest.ts";

let kubernetes: Kubernetes;
const objects = [...(await readManifest("orgtokens.yaml")), ...(await readManifest("postgres.yaml"))];
const workloads = objects.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");

beforeAll(async () => {
  const programs = inject("kubernetes");
  if (programs === undefined) return;
  kubernetes = await startKubernetes(programs);
  for (const object of objects) await apply(object);
}, 120_000);

afterAll(() => kubernetes?.close());

const plurals: Readonly<Record<string, string>> = { NetworkPolicy: "networkpolicies" };

/** Applies an object as `kubectl apply --server-side` does. An unknown field is an error. */
function apply(object: JsonObject, dryRun = ""): Promise<unknown> {
  const [apiVersion, kind] = [String(object["apiVersion"]), String(object["kind"])];
  const { name, namespace } = within(object, "metadata");
  const api = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const folder = namespace === undefined ? api : `${api}/namespaces/${namespace}`;
  const path = `${folder}/${plurals[kind] ?? `${kind.toLowerCase()}s`}/${name}`;
  const query = `fieldManager=test&fieldValidation=Strict${dryRun}`;
  return kubernetes.request("PATCH", `${path}?${query}`, object, "application/apply-patch+yaml");
}

/** The pod that a controller would make of a workload. */
function podOf(workload: JsonObject, spec: JsonObject = {}): JsonObject {
  const template = podTemplateOf(workload);
  const volumes = asList(within(template, "spec")["volumes"]);
  const claims = asList(within(workload, "spec")["volumeClaimTemplates"]).map((claim) => {
    const { name } = within(claim, "metadata");
    return { name, persistentVolumeClaim: { claimName: `${name}-0` } };
  });
  const { name, namespace } = within(workload, "metadata");
  const metadata = { ...within(template, "metadata"), name: `${name}-0`, namespace };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { ...within(template, "spec"), volumes: [...volumes, ...claims], ...spec },
  };
}

test("the API server takes every object of the manifests, and no field that it does not know", async () => {
  expect(objects.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy", "StatefulSet"]),
  );
  for (const object of objects) await apply(object, "&dryRun=All");
  const [deployment = {}] = workloads;
  const misspelt = { ...deployment, spec: { ...within(deployment, "spec"), replica: 3 } };
  await expect(apply(misspelt, "&dryRun=All")).rejects.toThrow("replica");
});

test("the pods pass the standard `restricted` of the namespace, which refuses one that runs as root", async () => {
  for (const workload of workloads) await apply(podOf(workload), "&dryRun=All");
  const [deployment = {}] = workloads;
  const asRoot = podOf(deployment, { securityContext: { runAsUser: 0 } });
  await expect(apply(asRoot, "&dryRun=All")).rejects.toThrow("violates PodSecurity");
});

test("services, policies and the budget mean pods that there are, and ports that they open", () => {
  const labels = workloads.map((workload) => within(podTemplateOf(workload), "metadata", "labels"));
  const selectors = objects.flatMap((object) => {
    const spec = within(object, "spec");
    if (object["kind"] === "Service") return [asObject(spec["selector"])];
    if (object["kind"] === "NetworkPolicy") return [within(spec, "podSelector", "matchLabels")];
    return object["kind"] === "PodDisruptionBudget" ? [within(spec, "selector", "matchLabels")] : [];
  });
  expect(selectors).toHaveLength(5);
  for (const selector of selectors) expect(labels).toContainEqual(selector);
  const containers = workloads.flatMap((workload) => asList(within(podTemplateOf(workload), "spec")["containers"]));
  const ports = containers.flatMap((container) => asList(asObject(container)["ports"]).map(asObject));
  for (const service of objects.filter(({ kind }) => kind === "Service"))
    for (const port of asList(within(service, "spec")["ports"]).map(asObject))
      expect(ports.map(({ name }) => name)).toContain(port["targetPort"]);
  const incoming = objects
    .filter(({ kind }) => kind === "NetworkPolicy")
    .flatMap((policy) => asList(within(policy, "spec")["ingress"]))
    .flatMap((rule) => asList(asObject(rule)["ports"]).map((port) => asObject(port)["port"]));
  expect(incoming.toSorted()).toEqual(ports.map(({ containerPort }) => containerPort).toSorted());
});
