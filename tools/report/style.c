#include "tools/report/style.h"

#include <stddef.h>

/* Colours of states and indexes can be told apart without red and green. */
const char *const REPORT_STYLE[] = {
    ":root{color-scheme:light dark;--paper:#fff;--card:#f6f7f9;--ink:#1c2430;--soft:#5b6675;"
    "--line:#d8dde4;--good:#1a7f4e;--bad:#c62828;--warn:#9a5b00;--warn-back:#fff4dc;"
    "--creating:#f0c75e;--filling:#f39c3d;--active:#7fc8a9;--updating:#8ab8ee;--deleting:#d9a0b4;"
    "--unusual:#c9c9c9;--on-state:#1c2430;--hue-0:#3b6fd4;--hue-1:#e07b1a;--hue-2:#7a4fb5;"
    "--hue-3:#0f8f8f;--hue-4:#b5416f;--hue-5:#7d7a1f}\n",
    "@media(prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1b2129;--ink:#e4e8ee;"
    "--soft:#9aa5b4;--line:#323b47;--good:#57c78d;--bad:#ff7b72;--warn:#f0b849;"
    "--warn-back:#2e2615;--creating:#a8842b;--filling:#c26f1c;--active:#2f7a5b;--updating:#3b6ca8;"
    "--deleting:#8d4a63;--unusual:#5a6068;--on-state:#f5f7fa;--hue-0:#7aa5f5;--hue-1:#f0984a;"
    "--hue-2:#b494e6;--hue-3:#4fc3c3;--hue-4:#e57ba5;--hue-5:#c2be55}}\n",
    "*{box-sizing:border-box}\n",
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n",
    "main{max-width:1080px;margin:0 auto;padding:1.25rem 1rem 4rem}\n",
    "h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0 .6rem;overflow-wrap:anywhere}\n",
    "h2{font-size:1.15rem;margin:2.2rem 0 .7rem}\n",
    "code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.84rem}\n",
    ".verdict{display:inline-block;padding:.1rem .7rem;border-radius:1rem;color:var(--paper);"
    "font-weight:600}\n",
    ".verdict.passed{background:var(--good)}.verdict.failed{background:var(--bad)}\n",
    ".lead{font-size:1.05rem;margin:.6rem 0 1rem}\n",
    ".bar{display:flex;height:12px;border-radius:6px;overflow:hidden;background:var(--line);"
    "gap:2px}\n",
    ".bar span{display:block}.bar .passed{background:var(--good)}.bar "
    ".failed{background:var(--bad)}"
    ".bar .skipped{background:var(--soft)}.bar .not-run{background:var(--line)}\n",
    ".failure{margin:.6rem 0 0;overflow-wrap:anywhere}.failure a{color:var(--bad);font-weight:600}"
    "\n",
    "dl.facts{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0 0}\n",
    "dl.facts div{flex:1 1 auto;background:var(--card);border-radius:8px;padding:.5rem .8rem}\n",
    "dt{color:var(--soft);font-size:.8rem}dd{margin:0;overflow-wrap:anywhere}dd "
    "time{white-space:nowrap}\n",
    "figure{margin:0;overflow-x:auto;background:var(--card);border-radius:10px;padding:.6rem}\n",
    "figure svg{display:block;width:100%;min-width:760px;height:auto}\n",
    "figcaption,.note{color:var(--soft);font-size:.85rem}figcaption{margin-top:.4rem}\n",
    "svg text{font:12px system-ui,sans-serif;fill:var(--ink)}\n",
    "svg .tick{fill:var(--soft);font-size:11px}svg .table{font-weight:600;font-size:13px}\n",
    "svg .grid,svg .floor{stroke:var(--line);stroke-width:1;fill:none}\n",
    "svg .lane{fill:var(--paper);opacity:.6}\n",
    "svg .step rect{fill:var(--soft)}svg .step.passed rect{fill:var(--good)}"
    "svg .step.failed rect{fill:var(--bad)}\n",
    "svg .step text{fill:var(--paper);font-size:11px;text-anchor:middle;pointer-events:none}\n",
    "svg .step:hover rect,svg .state:hover rect{opacity:.75}\n",
    "svg .state text{fill:var(--on-state);font-size:11px;pointer-events:none}\n",
    ".state.creating rect,.key.creating{fill:var(--creating);background:var(--creating)}\n",
    ".state.filling rect,.key.filling{fill:var(--filling);background:var(--filling)}\n",
    ".state.active rect,.key.active{fill:var(--active);background:var(--active)}\n",
    ".state.updating rect,.key.updating{fill:var(--updating);background:var(--updating)}\n",
    ".state.deleting rect,.key.deleting{fill:var(--deleting);background:var(--deleting)}\n",
    ".state.unusual rect{fill:var(--unusual)}\n",
    ".mark path{fill:var(--bad);stroke:var(--paper);stroke-width:1}.mark.fault "
    "path{fill:var(--hue-2)}"
    "\n",
    ".hue-0{fill:var(--hue-0)!important}.hue-1{fill:var(--hue-1)!important}"
    ".hue-2{fill:var(--hue-2)!important}.hue-3{fill:var(--hue-3)!important}"
    ".hue-4{fill:var(--hue-4)!important}.hue-5{fill:var(--hue-5)!important}\n",
    ".keys{display:flex;flex-wrap:wrap;gap:.3rem 1rem}.key{display:inline-block;width:12px;"
    "height:12px;border-radius:3px;margin-right:.35rem;vertical-align:-1px}\n",
    ".key.refusal,.key.fault{width:0;height:0;border-radius:0;border:6px solid transparent;"
    "border-top:0;border-bottom:10px solid "
    "var(--bad)}.key.fault{border-bottom-color:var(--hue-2)}\n",
    "ul.warnings{list-style:none;margin:0;padding:0;display:grid;gap:.5rem}\n",
    "ul.warnings li{border-left:4px solid var(--warn);background:var(--warn-back);"
    "border-radius:0 8px 8px 0;padding:.5rem .8rem;overflow-wrap:anywhere}\n",
    "ul.warnings li.expected,ul.warnings "
    "li.lack{border-color:var(--line);background:var(--card)}\n",
    "ul.warnings b{font-weight:600}\n",
    "details.step{border:1px solid var(--line);border-radius:8px;margin:.35rem 0;"
    "background:var(--card)}\n",
    "details.step>summary{display:grid;grid-template-columns:1.4rem 2.6rem 1fr auto;gap:.4rem;"
    "align-items:baseline;cursor:pointer;padding:.45rem .7rem;list-style:none}\n",
    "details.step>summary::-webkit-details-marker{display:none}\n",
    "details.step[open]>summary{border-bottom:1px solid var(--line)}\n",
    "details.step:target{outline:2px solid var(--hue-0)}\n",
    "summary .sign{font-weight:700}.passed>summary .sign{color:var(--good)}"
    ".failed>summary .sign{color:var(--bad)}.failed>summary .name{color:var(--bad);"
    "font-weight:600}\n",
    "summary .number,summary time{color:var(--soft);font-variant-numeric:tabular-nums;"
    "font-size:.85rem}\n",
    "summary .name{overflow-wrap:anywhere}.not-run>summary .name,.skipped>summary .name{"
    "color:var(--soft)}\n",
    ".tag{display:inline-block;border:1px solid var(--line);border-radius:1rem;padding:0 .5rem;"
    "font-size:.75rem;color:var(--soft);margin-left:.4rem}\n",
    ".body{padding:.6rem .8rem .9rem}.body h3{font-size:.8rem;color:var(--soft);font-weight:600;"
    "margin:.8rem 0 .3rem}\n",
    ".body pre{margin:0;padding:.6rem .7rem;background:var(--paper);border:1px solid var(--line);"
    "border-radius:6px;overflow:auto;max-height:28rem;white-space:pre-wrap;overflow-wrap:anywhere}"
    "\n",
    ".body .trouble{color:var(--bad);font-weight:600;margin:.3rem 0}\n",
    "ul.expected{list-style:none;margin:.3rem 0 0;padding:0}ul.expected li::before{"
    "content:'\\00b7';display:inline-block;width:1.4rem}\n",
    "ul.expected li.held::before{content:'\\2713';color:var(--good)}"
    "ul.expected li.missed::before{content:'\\2717';color:var(--bad)}\n",
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.85rem}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;"
    "border-bottom:1px solid var(--line)}td:first-child{white-space:nowrap;"
    "font-variant-numeric:tabular-nums}\n",
    "details.more>summary{cursor:pointer;color:var(--soft)}\n",
    "footer{margin-top:3rem;color:var(--soft);font-size:.85rem}\n",
    "@media(max-width:520px){main{padding:.9rem .7rem 3rem}h1{font-size:1.25rem}"
    "details.step>summary{grid-template-columns:1.2rem 2.2rem 1fr auto;padding:.5rem}}\n",
    "@media print{:root{color-scheme:light}body{font-size:11pt}main{max-width:none}"
    "figure svg{min-width:0}details.step,figure,li{break-inside:avoid}"
    ".body pre{max-height:none}details::details-content{content-visibility:visible;"
    "display:block;height:auto}}\n",
    NULL,
};
