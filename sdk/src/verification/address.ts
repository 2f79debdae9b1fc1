const ipv4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/**
 * An address as the contract takes it, without the zone of a link-local one; undefined when it is none. What a proxy says of its caller
 * can be any text of that caller's, and one address that is none would spoil the answers to all that are asked about with it.
 */
export function readAddress(text: string | undefined): string | undefined {
  const address = text?.replace(/%.*$/s, "") ?? "";
  if (ipv4.test(address)) return address;
  const isIpv6 = /^[0-9a-f:.]{2,45}$/i.test(address) && address.includes(":") && URL.canParse(`http://[${address}]/`);
  return isIpv6 ? address : undefined;
}
