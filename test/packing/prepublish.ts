// What npm runs before it publishes a folder, but not before it publishes a tarball.
import process from "node:process";

// npm tells the registry of the package.json that it finds after postpack, which names sources that the package does not hold.
process.stderr.write("Publish the tarball: npm pack -w WORKSPACE, then npm publish FILE.tgz\n");
process.exitCode = 1;
