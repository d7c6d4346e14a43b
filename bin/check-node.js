// Before what an old Node.js would end in with a syntax error: the command itself, and the tools that build and test it.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`blinkup: Node.js ${process.versions.node} is too old: install 20.19 or later`)
  process.exit(69)
}
