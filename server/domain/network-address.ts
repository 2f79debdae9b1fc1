/**
 * The network that an address counts for in a limit: an IPv4 address for itself, an IPv6 address for its /64, the least
 * that one customer of a provider is given.
 *
 * @param ip as Node writes it: `192.0.2.10`, `::ffff:192.0.2.10`, `2001:db8::1`, `fe80::1%eth0`.
 */
export function networkOf(ip: string): string {
  if (!ip.includes(":")) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  const [address = ""] = ip.toLowerCase().split("%");
  const [head = "", tail] = address.split("::");
  const before = groupsOf(head);
  const after = groupsOf(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${groups.slice(0, 4).map(withoutLeadingZeros).join(":")}::/64`;
}

/** The last group may be written as IPv4, which stands for two. */
function groupsOf(part: string): readonly string[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => (group.includes(".") ? [group, group] : [group]));
}

function withoutLeadingZeros(group: string): string {
  return group.replace(/^0+(?=.)/, "");
}
