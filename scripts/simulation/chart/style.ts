/** Light and dark colours. The figure has its own background, so it is legible on any page. */
export const STYLE = `
:root { color-scheme: light dark }
.ground { fill: #ffffff; stroke: #d8dee6 }
.ink { fill: #1b2330 }
.soft { fill: #5b6675 }
.grid { stroke: #e6eaef }
.axis { stroke: #9aa5b1 }
.limit { stroke: #5b6675 }
.greedy { --line: #0b66d0 }
.fixed5 { --line: #e59a00 }
.fixed20 { --line: #d9541e }
.fixed50 { --line: #8f1d56 }
.separate { --line: #7b8794 }
@media (prefers-color-scheme: dark) {
  .ground { fill: #10161f; stroke: #2b3542 }
  .ink { fill: #eef2f7 }
  .soft { fill: #a3afbd }
  .grid { stroke: #222c38 }
  .axis { stroke: #5f6c7b }
  .limit { stroke: #a3afbd }
  .greedy { --line: #58a8ff }
  .fixed5 { --line: #ffc83d }
  .fixed20 { --line: #ff8a50 }
  .fixed50 { --line: #f06fb0 }
  .separate { --line: #94a1b0 }
}
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
.heading { font-size: 20px; font-weight: 650 }
.case { font-size: 15px; font-weight: 650 }
.title { font-size: 13px; font-weight: 600 }
.tick { font-size: 11px; font-variant-numeric: tabular-nums }
.tag { font-size: 11.5px; font-weight: 600; fill: var(--line); paint-order: stroke; stroke-width: 4px; stroke-linejoin: round }
.halo { stroke: #ffffff }
@media (prefers-color-scheme: dark) { .halo { stroke: #10161f } }
.end { text-anchor: end }
.middle { text-anchor: middle }
.grid, .axis, .limit { stroke-width: 1; shape-rendering: crispEdges }
.limit { stroke-dasharray: 4 3 }
.line { fill: none; stroke: var(--line); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.greedy .line, .line.greedy { stroke-width: 3.2 }
.faint { opacity: 0.28 }
.dot { fill: var(--line) }`.trim();
