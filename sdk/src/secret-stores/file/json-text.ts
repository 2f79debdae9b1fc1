/** Changes one member of a JSON object in its text. Whatever else the text says, and how it is written, stays as it is. */

type Member = {
  readonly key: string;
  /** Where the white space before the key starts: behind the brace or comma. */
  readonly gapStart: number;
  readonly start: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly end: number;
};

/** The text with the member; a new one is written in the manner of the last. `text` is a JSON object. */
export function withMember(text: string, key: string, value: string): string {
  const members = membersOf(text);
  const [quotedKey, quotedValue] = [JSON.stringify(key), JSON.stringify(value)];
  // Of a key that is there twice, readers disagree which counts.
  const replaced = members.filter((member) => member.key === key).toReversed();
  if (replaced.length > 0) {
    return replaced.reduce((rest, { valueStart, end }) => splice(rest, valueStart, end, quotedValue), text);
  }
  const last = members.at(-1);
  if (last === undefined) {
    return splice(text, text.indexOf("{") + 1, text.lastIndexOf("}"), `\n  ${quotedKey}: ${quotedValue}\n`);
  }
  const [gap, colon] = [text.slice(last.gapStart, last.start), text.slice(last.keyEnd, last.valueStart)];
  return splice(text, last.end, last.end, `,${gap}${quotedKey}${colon}${quotedValue}`);
}

/** The text without the member; undefined when no other is left. `text` is a JSON object. */
export function withoutMember(text: string, key: string): string | undefined {
  const members = membersOf(text);
  const index = members.findLastIndex((member) => member.key === key);
  const [before, member, after] = [members[index - 1], members[index], members[index + 1]];
  if (member === undefined) return members.length === 0 ? undefined : text;
  if (before === undefined && after === undefined) return undefined;
  const [from, to] = before === undefined ? [member.gapStart, after?.gapStart ?? member.end] : [before.end, member.end];
  return withoutMember(splice(text, from, to, ""), key);
}

/** The members of the outermost object, in the order in which they are written. */
function membersOf(text: string): readonly Member[] {
  const members: Member[] = [];
  let open: Omit<Member, "end"> | undefined;
  let [depth, gapStart, previousEnd] = [0, 0, 0];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g)) {
    const end = index + token.length;
    if (depth === 1 && (token === "," || token === "}")) {
      if (open !== undefined) members.push({ ...open, end: previousEnd });
      open = undefined;
    } else if (depth === 1 && open === undefined) {
      open = { key: keyOf(token), gapStart, start: index, keyEnd: end, valueStart: 0 };
    } else if (depth === 1 && open?.valueStart === 0 && token !== ":") {
      open = { ...open, valueStart: index };
    }
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (depth === 1 && (token === "{" || token === ",")) gapStart = end;
    previousEnd = end;
  }
  return members;
}

function keyOf(token: string): string {
  return String(JSON.parse(token));
}

function splice(text: string, from: number, to: number, inserted: string): string {
  return text.slice(0, from) + inserted + text.slice(to);
}
