/** Certificates like the ones go-plugin hosts make for themselves: ECDSA P-521, self-signed, allowed to sign others. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate with its key. */
export interface HostCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly privateKey: KeyObject;
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const identifier = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const ecdsaWithSha512 = sequence(identifier("2a8648ce3d040304"));
const yes = der(0x01, Buffer.of(0xff));

/** Makes one for `hosts`: signed by itself, or by `issuer`; valid for an hour before and after `nowMs`. */
export function createHostCertificate(
  issuer?: HostCertificate,
  nowMs: number = Date.now(),
  hosts: readonly string[] = ["localhost"],
): HostCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-521" });
  const hour = 3_600_000;
  const name = (text: string) => sequence(der(0x31, sequence(identifier("550403"), der(0x0c, Buffer.from(text)))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(0x41), randomBytes(15)])),
    ecdsaWithSha512,
    name("host"),
    sequence(time(nowMs - hour), time(nowMs + hour)),
    name(issuer === undefined ? "host" : "issued by host"),
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(
        extension("551d13", sequence(yes)), // basic constraints: CA
        extension("551d0f", der(0x03, Buffer.of(2, 0xac))), // key usage: signature, encipherment, agreement, certificates
        extension("551d25", sequence(identifier("2b06010505070302"), identifier("2b06010505070301"))),
        extension("551d11", sequence(...hosts.map((host) => der(0x82, Buffer.from(host))))),
      ),
    ),
  );
  const signature = sign("sha512", body, issuer?.privateKey ?? privateKey);
  const bytes = sequence(body, ecdsaWithSha512, der(0x03, Buffer.of(0), signature));
  return {
    certificatePem: `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64")}\n-----END CERTIFICATE-----\n`,
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }),
    privateKey,
  };
}

function extension(hex: string, value: Buffer): Buffer {
  return sequence(identifier(hex), der(0x04, value));
}

function time(epochMs: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(epochMs).toISOString().replaceAll(/\D/g, "").slice(2, 14)}Z`));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  // The shortest form, without which Go takes nothing.
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  if (body.length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, body.length), body]);
  return Buffer.concat([Buffer.of(tag, 0x82, body.length >> 8, body.length & 0xff), body]);
}
