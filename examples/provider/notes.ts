/** A whole Terraform provider: notes, which are files in a folder. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AttributeError,
  attribute,
  attributePath,
  createProviderServer,
  defineDataSource,
  defineFunction,
  defineProvider,
  defineResource,
  defineSchema,
  lengthBetween,
  parameter,
  pattern,
  requiresReplace,
  type StateOf,
} from "@orgtokens/provider";

const slug = pattern(/^[a-z0-9-]+$/, "consist of lower-case letters, digits and hyphens");
const description = "What the note is called.";
const noteSchema = defineSchema({
  description: "A note.",
  attributes: {
    title: attribute.string({ required: true, validators: [slug], planModifiers: [requiresReplace()], description }),
    text: attribute.string({ required: true, validators: [lengthBetween(1, 280)], description: "What it says." }),
    color: attribute.string({ optional: true, default: "yellow", oneOf: ["yellow", "pink"], description: "Color." }),
    words: attribute.number({ computed: true, description: "How many words the text has." }),
  },
});
type Note = StateOf<typeof noteSchema>;
type Content = Pick<Note, "title" | "text" | "color">;

/** The world this provider manages. */
type Notes = ReturnType<typeof notesIn>;
function notesIn(folder: string) {
  const path = (title: string) => join(folder, `${title}.json`);
  return {
    async find(title: string): Promise<Note | null> {
      const file = await readFile(path(title), "utf8").catch(absent);
      return file === null ? null : stateOf(parseContent(file));
    },
    async write({ title, text, color }: Content): Promise<Note> {
      await writeFile(path(title), JSON.stringify({ title, text, color }));
      return stateOf({ title, text, color });
    },
    delete: (title: string) => rm(path(title), { force: true }),
  };
}
const absent = (error: NodeJS.ErrnoException) => {
  if (error.code !== "ENOENT") throw error; // not "gone": Terraform would create the note again
  return null;
};
const parseContent = (json: string) => JSON.parse(json) as Content;
const stateOf = (content: Content): Note => ({ ...content, words: content.text.split(/\s+/).length });

const note = defineResource<typeof noteSchema, Notes>({
  typeName: "notes_note",
  schema: noteSchema,
  async create({ plan, client }) {
    if ((await client.find(plan.title)) !== null)
      throw new AttributeError(
        attributePath("title"),
        "The note exists already",
        "Choose another title, or import it.",
      );
    return client.write(plan);
  },
  read: ({ state, client }) => client.find(state.title),
  update: ({ plan, client }) => client.write(plan),
  delete: ({ state, client }) => client.delete(state.title),
  importState: ({ id, client }) => client.find(id),
});

const textSchema = defineSchema({
  description: "What a note says that somebody else takes care of.",
  attributes: {
    title: attribute.string({ required: true, validators: [slug], description }),
    text: attribute.string({ computed: true, description: "What it says." }),
  },
});
const text = defineDataSource<typeof textSchema, Notes>({
  typeName: "notes_text",
  schema: textSchema,
  async read({ config: { title }, client }) {
    const found = await client.find(title);
    if (found === null) throw new AttributeError(attributePath("title"), "No such note", "Correct the title.");
    return { title, text: found.text };
  },
});

const titleOf = defineFunction({
  name: "title_of",
  summary: "A title for a text",
  description: "The words of a text in lower case, with hyphens between them.",
  parameters: [parameter.string({ name: "text", description: "Any text." })],
  returns: "string",
  run: (args) => args.text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"),
});

const provider = defineProvider({
  name: "notes",
  version: "0.1.0",
  schema: defineSchema({
    description: "Notes in a folder.",
    attributes: { folder: attribute.string({ required: true, description: "Where the notes are." }) },
  }),
  configure: ({ config }) => (typeof config.folder === "string" ? notesIn(config.folder) : undefined),
  resources: [note],
  dataSources: [text],
  functions: [titleOf],
});

/** What \`main.ts\` serves. */
export const createServer = () => createProviderServer(provider);
