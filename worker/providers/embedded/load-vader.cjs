// CommonJS for one reason: `require` inside a function is bundled as code that runs when it is called.
// An `import` would read VADER's lexicon at the Worker's start, for 6 ms of its CPU budget.
module.exports.loadVader = () => require("vader-sentiment").SentimentIntensityAnalyzer;
