import { ApiError, ConnectionError } from "@orgtokens/sdk";
import { DeliveryError } from "@orgtokens/sdk/delivery";
import { SecretStoreError } from "@orgtokens/sdk/secret-stores";
import { attributePath, type ErrorExplanation } from "../framework/index.ts";
import { adviceFor } from "./connection-advice.ts";

/** Which attribute a place of a refused request comes from. */
const attributeOf: Readonly<Record<string, string>> = {
  label: "label",
  description: "description",
  role: "role",
  expiresInSeconds: "expires_in",
  expiresAt: "expires_at",
  allowedNetworks: "allowed_networks",
  gracePeriodSeconds: "rotation_grace_period",
  destination: "secret_store",
  email: "email",
  defaultLifetimeSeconds: "default_lifetime",
  maximumLifetimeSeconds: "maximum_lifetime",
  tokenRoles: "token_roles",
};

/** What an error of the SDK means to a practitioner: the only place that translates one. */
export function explainError(error: unknown): ErrorExplanation | undefined {
  if (error instanceof ApiError) return explainApiError(error);
  if (error instanceof ConnectionError) {
    return {
      summary: "The orgtokens server does not answer",
      detail: `${error.message} ${adviceFor(error)} Then run Terraform again: nothing is lost.`,
    };
  }
  if (error instanceof SecretStoreError) {
    return {
      summary: "The secret store refused or did not answer",
      detail: `${error.message} Nothing usable was left behind. Correct it, and run Terraform again.`,
      // Not deeper: Terraform shows the line of a top-level attribute only.
      attribute: attributePath("secret_store"),
    };
  }
  if (error instanceof DeliveryError) {
    return { summary: "The secret was not delivered", detail: error.message, attribute: attributePath("secret_store") };
  }
  return undefined;
}

function explainApiError(error: ApiError): ErrorExplanation {
  if (error.code === "unsupported_by_server") return { summary: error.title, detail: error.detail };
  const places = error.errors.map(({ pointer, message }) => `${pointer} ${message}`);
  const explained = {
    summary: `The orgtokens server refused: ${error.title}`,
    detail: [error.detail, ...places, `(${error.code}, request ${error.requestId})`].join(" "),
  };
  const attribute = error.code === "destination_in_use" ? "secret_store" : placeName(error);
  return attribute === undefined ? explained : { ...explained, attribute: attributePath(attribute) };
}

function placeName(error: ApiError): string | undefined {
  const member = error.errors[0]?.pointer.split("/")[2];
  return member === undefined ? undefined : attributeOf[member];
}
