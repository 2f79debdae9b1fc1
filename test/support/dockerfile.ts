/** One instruction of a Dockerfile. */
export type DockerInstruction = { readonly name: string; readonly value: string };

/** A stage of a Dockerfile: what it starts from, and its instructions in order. */
export type DockerStage = { readonly from: string; readonly instructions: readonly DockerInstruction[] };

/** Reads a Dockerfile, with lines that go on after a backslash. */
export function parseDockerfile(text: string): readonly DockerStage[] {
  const lines = text
    .replaceAll(/^#.*\n/gmu, "")
    .replaceAll(/\\\n\s*/gu, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: { from: string; instructions: DockerInstruction[] }[] = [];
  for (const line of lines) {
    const [, name = "", value = ""] = /^(\w+)\s+(.*)$/u.exec(line.trim()) ?? [];
    if (name === "FROM") stages.push({ from: value.split(" ")[0] ?? "", instructions: [] });
    else stages.at(-1)?.instructions.push({ name, value });
  }
  return stages;
}

/** The values of an instruction in a stage, in order. */
export function valuesOf({ instructions }: DockerStage, name: string): readonly string[] {
  return instructions.filter((instruction) => instruction.name === name).map(({ value }) => value);
}

/** The words of a command in its JSON form, which no shell reads. */
export function parseExecForm(value: string): readonly string[] {
  const words: unknown = JSON.parse(value.slice(value.indexOf("[")));
  if (!Array.isArray(words)) throw new Error(`${value} is no JSON array.`);
  return words.map(String);
}

/** The variables that a stage sets. */
export function environmentOfStage(stage: DockerStage): Readonly<Record<string, string>> {
  const pairs = valuesOf(stage, "ENV").flatMap((line) => line.split(" "));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}
