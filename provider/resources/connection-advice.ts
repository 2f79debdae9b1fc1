const checkEndpoint = 'Check "endpoint" of the provider (or ORGTOKENS_ENDPOINT), and that the server runs.';
const trustAuthority =
  'The certificate comes from an authority that is not trusted here. If it is one of your own, or of a proxy that looks into connections, name it with "ca_cert_file" (or ORGTOKENS_CA_CERT_FILE).';
const presentCertificate =
  'The server accepts only callers with a certificate that it trusts. Set "client_cert_file" and "client_key_file" (or ORGTOKENS_CLIENT_CERT_FILE and ORGTOKENS_CLIENT_KEY_FILE).';
/** TLS 1.3 tells a caller without certificate only by closing, and the alert is often lost with the connection. */
const closed =
  'The connection was closed without an answer. Check "endpoint" of the provider (or ORGTOKENS_ENDPOINT); and if the server accepts only callers with a certificate that it trusts, set "client_cert_file" and "client_key_file".';
const checkProxy =
  'The proxy did not let the connection through. Check "proxy_url" (or ORGTOKENS_PROXY_URL, HTTPS_PROXY and NO_PROXY), with its user and password.';
const noTls =
  'What answers does not speak TLS. Check the port of "endpoint" (or ORGTOKENS_ENDPOINT), and whether it is https.';

/** What to do about a connection that failed, by the code of the system, of OpenSSL or of the HTTP client. */
const adviceByCode: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: trustAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: trustAuthority,
  UNABLE_TO_GET_ISSUER_CERT: trustAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: trustAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: trustAuthority,
  CERT_HAS_EXPIRED:
    "The server's certificate has expired, or the clock of this machine is wrong. Renew it on the server.",
  CERT_NOT_YET_VALID: "The server's certificate is not valid yet, or the clock of this machine is wrong.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The server\'s certificate is for another name. Set "endpoint" (or ORGTOKENS_ENDPOINT) to a name that the certificate has.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: presentCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: presentCertificate,
  "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE": presentCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: presentCertificate,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: presentCertificate,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  UND_ERR_ABORTED: checkProxy,
  UND_ERR_SOCKET: closed,
  ECONNRESET: closed,
  EPIPE: closed,
  ENOTFOUND: 'The name is not known here. Check "endpoint" of the provider (or ORGTOKENS_ENDPOINT), and the network.',
};

/** What to do about a connection that failed: which setting helps. */
export function adviceFor(error: Error): string {
  const code = codesOf(error).find((candidate) => Object.hasOwn(adviceByCode, candidate));
  return (code === undefined ? undefined : adviceByCode[code]) ?? checkEndpoint;
}

/** The codes of an error and of what caused it, up to three causes deep. */
function codesOf(error: unknown, depth = 0): readonly string[] {
  if (typeof error !== "object" || error === null || depth > 3) return [];
  const own = "code" in error && typeof error.code === "string" ? [error.code] : [];
  return [...own, ...("cause" in error ? codesOf(error.cause, depth + 1) : [])];
}
