/// The style of a report: light or dark as the reader's system is set, and light on paper.
enum ReportStyle {
  static let css = """
    :root {
      color-scheme: light dark;
      --ground: #fff; --text: #1c2024; --soft: #59636e; --rule: #8a949e; --grid: #e3e7eb;
      --tile: #f4f6f8; --s0: #1f5fa8; --s1: #b4530a; --s2: #2c7a4b; --muted: #9aa5b1;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --ground: #14171a; --text: #e6e9ec; --soft: #a3adb8; --rule: #717b86; --grid: #2b3138;
        --tile: #1d2226; --s0: #76b0f0; --s1: #f0a35e; --s2: #6fcb94; --muted: #5c6773;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 3rem;
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
      background: var(--ground); color: var(--text); overflow-wrap: anywhere;
    }
    h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; }
    h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; }
    h3 { font-size: 1rem; margin: 0 0 .25rem; }
    p { margin: .25rem 0 .75rem; max-width: 44rem; }
    .soft { color: var(--soft); }
    .note { border-left: 3px solid var(--s1); padding: .25rem 0 .25rem .75rem; }
    .tiles {
      display: grid; gap: .75rem; margin: 0;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr));
    }
    .tiles > div { background: var(--tile); border-radius: 6px; padding: .6rem .85rem; }
    dt { color: var(--soft); font-size: .85rem; }
    dd { margin: 0; }
    dd strong { display: block; font-size: 1.4rem; font-weight: 600; line-height: 1.3; }
    dd span { color: var(--soft); font-size: .85rem; }
    .plots {
      display: grid; gap: 1.75rem 2rem;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
    }
    figure { margin: 0; min-width: 0; max-width: 34rem; break-inside: avoid; }
    svg { display: block; width: 100%; height: auto; overflow: visible; }
    svg text { fill: var(--text); font-size: 12px; font-variant-numeric: tabular-nums; }
    svg .tick, svg .axis { fill: var(--soft); font-size: 11px; }
    .grid { stroke: var(--grid); }
    .rule { stroke: var(--rule); }
    .best { stroke: var(--rule); stroke-dasharray: 2 3; }
    .line { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
    .line.s1 { stroke-dasharray: 7 3; }
    .line.s2 { stroke-dasharray: 2 2; }
    .line.s0 { stroke: var(--s0); } .line.s1 { stroke: var(--s1); } .line.s2 { stroke: var(--s2); }
    .dot.s0 { fill: var(--s0); } .dot.s1 { fill: var(--s1); } .dot.s2 { fill: var(--s2); }
    .bar { fill: var(--s0); } .muted { fill: var(--muted); }
    .whisker { fill: none; stroke: var(--text); stroke-width: 1.25; }
    .scroll { overflow-x: auto; }
    table {
      border-collapse: collapse; margin: .5rem 0; font-size: .9rem;
      font-variant-numeric: tabular-nums; overflow-wrap: normal;
    }
    th, td { padding: .25rem .9rem .25rem 0; text-align: right; vertical-align: top; }
    th { font-weight: 400; }
    td { white-space: nowrap; }
    thead th { border-bottom: 1px solid var(--rule); color: var(--soft); font-size: .85rem; }
    tbody tr + tr > * { border-top: 1px solid var(--grid); }
    th:first-child, .text td, .text th { text-align: left; }
    .text td { overflow-wrap: anywhere; white-space: normal; }
    .text th { min-width: 8.5rem; color: var(--soft); }
    pre {
      background: var(--tile); border-radius: 6px; font-size: .8rem; line-height: 1.45;
      margin: .5rem 0; padding: .85rem 1rem; overflow-x: auto; tab-size: 2;
      font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
      overflow-wrap: anywhere; white-space: pre-wrap;
    }
    @media (max-width: 30rem) {
      body { padding: 1rem .9rem 2rem; }
      .tiles { grid-template-columns: repeat(2, 1fr); }
      th, td { padding-right: .6rem; }
    }
    @media print {
      body { font-size: 11pt; max-width: none; padding: 0; }
      h2 { break-after: avoid; }
      .tiles > div, pre { border: 1px solid var(--grid); }
      .scroll { overflow: visible; }
    }
    """
}
