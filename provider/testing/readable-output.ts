/** What a command printed, without the frames and line breaks that diagnostics are set in: text to search for sentences. */
export function readableOutput(output: string): string {
  return output.replaceAll(/\n[│╷╵ ]*/g, " ").replaceAll(/ +/g, " ");
}
