import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { AttributeError, attributePath } from "../framework/index.ts";
import { settingForms } from "./provider-schema.ts";
import { type Environment, invalidSetting, readSetting, type Setting, variableOf } from "./settings.ts";

/** What TLS is spoken with, as PEM. */
export type TlsMaterial = {
  /** The authorities to trust instead of the usual ones. */
  readonly ca: string | undefined;
  /** What this side presents. */
  readonly client: { readonly cert: string; readonly key: string } | undefined;
};

/** The attributes of the provider block about TLS. */
export type TlsConfig = { readonly [Name in `${MaterialName}_${"file" | "pem"}`]: string | null };

type MaterialName = "ca_cert" | "client_cert" | "client_key";
/** PEM, and where it came from. */
type Material = { readonly setting: Setting; readonly pem: string };

/**
 * Reads authorities, certificate and key, each from a file or from text.
 *
 * @throws AttributeError at what cannot be read or used, with the attribute or the environment variable it came from.
 */
export function readTlsMaterial(config: TlsConfig, environment: Environment): TlsMaterial {
  const ca = readMaterial("ca_cert", config, environment);
  const cert = readMaterial("client_cert", config, environment);
  const key = readMaterial("client_key", config, environment);
  if (ca !== undefined) parseCertificates(ca);
  if (cert === undefined && key === undefined) return { ca: ca?.pem, client: undefined };
  if (cert === undefined) throw missingHalf("client_cert", "client_key");
  if (key === undefined) throw missingHalf("client_key", "client_cert");
  const [own] = parseCertificates(cert);
  if (own?.checkPrivateKey(parseKey(key)) !== true) {
    throw invalidSetting(key.setting, `It is not the key of the certificate that ${cert.setting.place} names.`);
  }
  return { ca: ca?.pem, client: { cert: cert.pem, key: key.pem } };
}

/** What the block says counts before the environment, whichever of file and text it is. */
function readMaterial(name: MaterialName, config: TlsConfig, environment: Environment): Material | undefined {
  const [file, text] = [`${name}_file`, `${name}_pem`] as const;
  const fallback = config[file] === null && config[text] === null ? environment : {};
  const fromFile = readSetting(file, config[file], fallback, settingForms[file]);
  const fromText = readSetting(text, config[text], fallback, settingForms[text]);
  if (fromFile === undefined) return fromText && { setting: fromText, pem: fromText.value };
  if (fromText !== undefined) {
    throw invalidSetting(fromFile, `${variableOf(text)} is set too, and only one of them may be.`);
  }
  return { setting: fromFile, pem: readPem(fromFile) };
}

function readPem(setting: Setting): string {
  try {
    return readFileSync(setting.value, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "it failed";
    throw invalidSetting(setting, `The file ${setting.value} cannot be read (${code}).`, error);
  }
}

/** @throws AttributeError unless there are certificates and nothing but well-formed ones. */
function parseCertificates({ setting, pem }: Material): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw invalidSetting(setting, "It holds no certificate in PEM form.");
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (error) {
    throw invalidSetting(setting, "It holds a certificate that is not well-formed.", error);
  }
}

function parseKey({ setting, pem }: Material): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // Without the cause: it could quote the key.
    throw invalidSetting(setting, "It holds no private key in PEM form, or an encrypted one.");
  }
}

function missingHalf(missing: MaterialName, given: MaterialName): AttributeError {
  return new AttributeError(
    attributePath(`${missing}_file`),
    `Missing ${missing}`,
    `A ${given} is set, and it works only together with its other half. Set "${missing}_file" or "${missing}_pem" in the provider block, or ${variableOf(`${missing}_file`)}.`,
  );
}
