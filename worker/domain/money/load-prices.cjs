// CommonJS for one reason: `require` inside a function is bundled as code that runs when it is called.
// An `import` would index the list of prices at the Worker's start, for a third of its CPU time.
module.exports.loadPrices = () => require("@pydantic/genai-prices");
