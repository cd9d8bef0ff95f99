/**
 * Texts that try to run a script, to load something, or to leave the page. `CANARY` stands for an address that must never be asked.
 */
export const CANARY = "https://canary.invalid";

export const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  `<img src="${CANARY}/img">`,
  "<svg onload=alert(1)><image href=x></svg>",
  `<svg><image href="${CANARY}/svg"/></svg>`,
  `<style>@import "${CANARY}/css"; body{background:url(${CANARY}/bg)}</style>`,
  `<link rel=stylesheet href="${CANARY}/link"><link rel=prefetch href="${CANARY}/prefetch">`,
  `<iframe src="${CANARY}/frame" srcdoc="<script>parent.alert(1)</script>"></iframe>`,
  `<video src="${CANARY}/video" autoplay poster="${CANARY}/poster"></video><audio src="${CANARY}/audio" autoplay></audio>`,
  `<object data="${CANARY}/object"></object><embed src="${CANARY}/embed">`,
  `<base href="${CANARY}/"><meta http-equiv=refresh content="0;url=${CANARY}/meta">`,
  `<form action="${CANARY}/form"><input autofocus onfocus=alert(1)><button>x</button></form>`,
  `<details open ontoggle=alert(1)><summary>x</summary></details>`,
  `<a href="javascript:alert(1)" id=x autofocus tabindex=1 onfocus=alert(1)>x</a>`,
  "[x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x](data:text/html,<script>alert(1)</script>) [x](vbscript:x)",
  `![x](${CANARY}/md.png) ![x][ref] [![x](${CANARY}/nested.png)](${CANARY}/a)\n\n[ref]: ${CANARY}/ref.png "t"`,
  `![x](javascript:alert(1)) ![x](${CANARY}/a.png "onerror=alert(1)") ![" onerror="alert(1)](${CANARY}/b.png)`,
  `<${CANARY}/auto> ${CANARY}/bare?a="><img src=x onerror=alert(1)>`,
  '```html"><img src=x onerror=alert(1)>\n<script>alert(1)</script>\n```',
  '```"onmouseover=alert(1)\nx\n```',
  "`<img src=x onerror=alert(1)>`",
  `$\\href{javascript:alert(1)}{x}$ $\\url{javascript:alert(1)}$ $\\includegraphics{${CANARY}/tex.png}$`,
  "$\\htmlData{x=y}{z}$ $\\htmlStyle{background:url(x)}{x}$ $\\htmlClass{x}{y}$ $</math><img src=x onerror=alert(1)>$",
  "$$\n</span><script>alert(1)</script>\n$$",
  "\\[ <img src=x onerror=alert(1)> \\]",
  "| <img src=x onerror=alert(1)> | b |\n|---|---|\n| <script>alert(1)</script> | c |",
  '- [ ] <img src=x onerror=alert(1)>\n- [x] "><script>alert(1)</script>',
  "# <img src=x onerror=alert(1)>\n\n> <script>alert(1)</script>",
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  "&lt;img src=x onerror=alert(1)&gt; &#60;script&#62;alert(1)&#60;/script&#62;",
  "\u0000<img src=x onerror=alert(1)>\u2028<script>alert(1)</script>",
];
