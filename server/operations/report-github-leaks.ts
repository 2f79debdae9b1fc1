import { hideToken, reportLeak } from "../domain/report-leak.ts";
import { digestToken, isWellFormedToken } from "../domain/token-text.ts";
import type { Operation, Schema } from "./operation.ts";

/** Takes what GitHub's secret scanning found, one token after the other. GitHub repeats what is not answered. */
export const reportGithubLeaks: Operation<"reportGithubLeaks", undefined> = async (services, { body, origin }) => {
  const labels: Schema<"GithubLeakLabel">[] = [];
  for (const { token, type, url } of body) {
    const { sha256 } = digestToken(token);
    const where = url === undefined ? null : hideToken(url, token);
    const isOurs =
      isWellFormedToken(token) &&
      (await reportLeak(services, { sha256, where, source: "GitHub secret scanning", origin }));
    labels.push({ token_hash: sha256, token_type: type, label: isOurs ? "true_positive" : "false_positive" });
  }
  return labels;
};
