// Checks that this is a valid CycloneDX 1.5 bill, that each component names an SPDX license and is listed in
// the license file, and that a broken bill would be noticed.
import { readFileSync } from "node:fs";
import { Spec, Validation, SPDX } from "@cyclonedx/cyclonedx-library";

const [bill, licences] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
const problems = [];

const invalid = await validator.validate(bill);
if (invalid !== null) problems.push(`not valid: ${JSON.stringify(invalid)}`);
const broken = JSON.stringify({ ...JSON.parse(bill), components: [{ type: "library" }] });
if ((await validator.validate(broken)) === null) problems.push("the checker accepts a component without a name");

const { components, dependencies } = JSON.parse(bill);
const known = new Set(components.map((component) => component["bom-ref"]));
for (const { name, version, licenses } of components) {
  const words = licenses[0].expression.split(/[()\s]+|\bOR\b|\bAND\b|\bWITH\b/).filter(Boolean);
  const exceptions = ["LLVM-exception"];
  const odd = words.filter((word) => !SPDX.isSupportedSpdxId(word) && !exceptions.includes(word));
  if (words.length === 0 || odd.length > 0) problems.push(`${name}: unknown licence ${odd}`);
  if (!new RegExp(`\\b${name} ${version.replaceAll("+", "\\+")}(,|:\\n)`, "m").test(licences.replace(/^.*?={80}/s, "")))
    problems.push(`${name} ${version}: no text of its licence`);
}
for (const { dependsOn } of dependencies)
  for (const one of dependsOn) if (!known.has(one)) problems.push(`${one} is used and not listed`);
if (components.length < 100) problems.push(`only ${components.length} components`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${components.length} components, each with a licence`);
