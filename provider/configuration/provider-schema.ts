import {
  type AttributePath,
  attribute,
  conflicting,
  defineSchema,
  errorDiagnostic,
  formatPath,
  lengthBetween,
  numberBetween,
  pattern,
  type Validator,
} from "../framework/index.ts";
import { duration, durationForm } from "../resources/duration.ts";
import { secretStoresAttribute } from "../secret-stores/secret-store.ts";
import { isUrl } from "../secret-stores/texts.ts";

const isPath = lengthBetween(1, 4096);
const isPem = pattern(/-----BEGIN [A-Z ]+-----/, 'be PEM, with "-----BEGIN" and "-----END" lines');

const wholeNumber = (value: number | bigint, path: AttributePath) =>
  Number.isInteger(Number(value))
    ? []
    : [errorDiagnostic(`Invalid value for ${formatPath(path)}`, "The value must be a whole number.", path)];

/** What each setting must be, wherever it is given. */
export const settingForms = {
  managed_by: [lengthBetween(1, 200), pattern(/^[ -~]*[!-~][ -~]*$/, "be printable ASCII")],
  ca_cert_file: [isPath],
  ca_cert_pem: [isPem],
  client_cert_file: [isPath],
  client_cert_pem: [isPem],
  client_key_file: [isPath],
  client_key_pem: [isPem],
  proxy_url: [isUrl],
  request_timeout: [duration(1, 600, "from 1s to 10m")],
  max_retries: [pattern(/^(?:\d|10)$/, "be a whole number from 0 to 10")],
} as const satisfies { readonly [name: string]: readonly Validator<string>[] };

/** The provider block. */
export const providerSchema = defineSchema({
  description: "API tokens of an organization, with their secrets delivered into a secret store and nowhere else.",
  validators: [
    conflicting("ca_cert_file", "ca_cert_pem"),
    conflicting("client_cert_file", "client_cert_pem"),
    conflicting("client_key_file", "client_key_pem"),
  ],
  attributes: {
    endpoint: attribute.string({
      optional: true,
      description: "Address of the orgtokens server, such as `https://tokens.example.com`. Or `ORGTOKENS_ENDPOINT`.",
      validators: [isUrl],
    }),
    api_token: attribute.string({
      optional: true,
      sensitive: true,
      description:
        "An Admin token of the organization. Or `ORGTOKENS_API_TOKEN`, which keeps it out of the configuration.",
      validators: [lengthBetween(1, 200)],
    }),
    managed_by: attribute.string({
      optional: true,
      description:
        "Namespace of the tokens that this configuration owns, such as `infra/prod`. With it, a token that was created but not recorded (a crash) is adopted by the next run. Or `ORGTOKENS_MANAGED_BY`.",
      validators: settingForms.managed_by,
    }),
    ca_cert_file: attribute.string({
      optional: true,
      description:
        "Path of a PEM file with the certificate authorities that the server's certificate may come from, instead of the usual ones. Or `ORGTOKENS_CA_CERT_FILE`.",
      validators: settingForms.ca_cert_file,
    }),
    ca_cert_pem: attribute.string({
      optional: true,
      description: "The same as text. Not together with `ca_cert_file`. Or `ORGTOKENS_CA_CERT_PEM`.",
      validators: settingForms.ca_cert_pem,
    }),
    client_cert_file: attribute.string({
      optional: true,
      description:
        "Path of a PEM file with the certificate to present to a server, or a proxy before it, that asks for one (mutual TLS), with its chain. Or `ORGTOKENS_CLIENT_CERT_FILE`.",
      validators: settingForms.client_cert_file,
    }),
    client_cert_pem: attribute.string({
      optional: true,
      description: "The same as text. Not together with `client_cert_file`. Or `ORGTOKENS_CLIENT_CERT_PEM`.",
      validators: settingForms.client_cert_pem,
    }),
    client_key_file: attribute.string({
      optional: true,
      description: "Path of a PEM file with the private key of the client certificate. Or `ORGTOKENS_CLIENT_KEY_FILE`.",
      validators: settingForms.client_key_file,
    }),
    client_key_pem: attribute.string({
      optional: true,
      sensitive: true,
      description: "The same as text. Not together with `client_key_file`. Or `ORGTOKENS_CLIENT_KEY_PEM`.",
      validators: settingForms.client_key_pem,
    }),
    proxy_url: attribute.string({
      optional: true,
      sensitive: true,
      description:
        "Proxy through which the server is reached, such as `http://proxy.example.com:3128`, with user and password in it if it wants them. Or `ORGTOKENS_PROXY_URL`. Without it `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` count, except for loopback addresses.",
      validators: settingForms.proxy_url,
    }),
    request_timeout: attribute.string({
      optional: true,
      description: `How long one call to the server may take with all its attempts: ${durationForm}. From \`1s\` to \`10m\`. Default: \`30s\`. Or \`ORGTOKENS_REQUEST_TIMEOUT\`.`,
      validators: settingForms.request_timeout,
    }),
    max_retries: attribute.number({
      optional: true,
      description:
        "How often a call is sent again when the server does not answer or says that it cannot now, where sending it again is harmless; `Retry-After` is heeded up to 10 seconds. From 0 to 10. Default: 2. Or `ORGTOKENS_MAX_RETRIES`.",
      validators: [numberBetween(0, 10), wholeNumber],
    }),
    secret_stores: secretStoresAttribute,
  },
});
