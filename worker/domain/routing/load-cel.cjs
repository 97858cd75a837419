// CommonJS for one reason: `require` inside a function is bundled as code that runs when it is called.
// An `import` would set the language up at the Worker's start, of which a config without conditions has no use.
module.exports.loadCel = () => require("@marcbachmann/cel-js");
