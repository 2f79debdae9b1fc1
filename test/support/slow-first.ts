import { BaseSequencer, type TestSpecification } from "vitest/node";

const slowRooms = ["test/fault/", "test/end-to-end/", "test/provider/"];

/** Starts the rooms that run real Terraform first: with two workers a long file that starts last is waited for alone. */
export class SlowFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    return sorted
      .map((specification, index) => ({ specification, index, rank: rank(specification.moduleId) }))
      .sort((left, right) => left.rank - right.rank || left.index - right.index)
      .map(({ specification }) => specification);
  }
}

function rank(moduleId: string): number {
  const index = slowRooms.findIndex((room) => moduleId.replaceAll("\\", "/").includes(`/${room}`));
  return index < 0 ? slowRooms.length : index;
}
