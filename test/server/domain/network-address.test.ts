import { expect, test } from "vitest";
import { networkOf } from "../../../server/domain/network-address.ts";

test.for([
  ["192.0.2.10", "192.0.2.10"],
  ["::ffff:192.0.2.10", "192.0.2.10"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["64:ff9b::192.0.2.10", "64:ff9b:0:0::/64"],
] as const)("%s counts for %s", ([ip, network]) => {
  expect(networkOf(ip)).toBe(network);
});
