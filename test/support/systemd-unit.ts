/** A unit file of systemd: the values of each setting, in order. */
export type SystemdUnit = ReadonlyMap<string, readonly string[]>;

/** Reads a unit file, whatever its sections are. */
export function parseUnit(text: string): SystemdUnit {
  const settings = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const [, name, value] = /^(?<name>\w+)=(?<value>.*)$/u.exec(line) ?? [];
    if (name !== undefined && value !== undefined) settings.set(name, [...(settings.get(name) ?? []), value]);
  }
  return settings;
}

/** The environment that a unit gives its commands; `%d` is the folder of its credentials. */
export function environmentOfUnit(unit: SystemdUnit, credentials: string): Readonly<Record<string, string>> {
  const pairs = (unit.get("Environment") ?? []).flatMap((line) => line.split(" "));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [name, value.join("=").replaceAll("%d", credentials)];
    }),
  );
}

/** The words of each command of a unit, in order; `${NAME}` is a variable of its environment. */
export function commandsOfUnit(
  unit: SystemdUnit,
  environment: Readonly<Record<string, string>>,
): readonly (readonly string[])[] {
  const expand = (word: string) => word.replaceAll(/\$\{(\w+)\}/gu, (_, name: string) => environment[name] ?? "");
  return (unit.get("ExecStart") ?? []).map((line) => line.split(" ").map(expand));
}
