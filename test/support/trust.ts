import { getCACertificates, setDefaultCACertificates } from "node:tls";

/** Lets this process trust what a certificate of a test has signed, besides what it trusts already. */
export function trust(certificatePem: string): void {
  setDefaultCACertificates([...getCACertificates("default"), certificatePem]);
}
