// SPDX-License-Identifier: GPL-2.0-or-later
/* html_style.c - what all pages have in common */
#include "html.h"

#include <stddef.h>

// clang-format off
const char html_start[] =
"<!DOCTYPE html>\n"
"<html lang=\"en\">\n"
"<head>\n"
"<meta charset=\"utf-8\" />\n"
"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n"
"<meta http-equiv=\"Content-Security-Policy\""
" content=\"default-src 'none'; style-src 'unsafe-inline'\" />\n"
"<title>";

const char *const html_style[] = {
"</title>\n",
"<style>\n",
":root { color-scheme: light dark; --text: #1d2126; --dim: #626a73; --page: #f6f7f8;\n",
"  --box: #fff; --line: #d9dde1; --pass: #1a7f37; --stop: #c4232d; --unsure: #8a5a00;\n",
"  --stop-box: #fdecec; --unsure-box: #fdf4dd; --pass-box: #e6f4ea; }\n",
"@media (prefers-color-scheme: dark) {\n",
"  :root { --text: #dfe3e8; --dim: #98a1ab; --page: #15181c; --box: #1c2025; --line: #353b43;\n",
"    --pass: #57c26f; --stop: #ff7b7b; --unsure: #e5b94e; --stop-box: #3a2023;\n",
"    --unsure-box: #352c17; --pass-box: #1b3323; } }\n",
"* { box-sizing: border-box; }\n",
"body { margin: 0; background: var(--page); color: var(--text);\n",
"  font: 15px/1.5 system-ui, sans-serif; }\n",
"main { max-width: 80em; margin: 0 auto; padding: 1.5em 1em; display: flex;\n",
"  flex-direction: column; gap: .6em; }\n",
"h1 { font-size: 1.1em; margin: 0; order: -3; }\n",
"header { order: -3; } nav { order: -2; }\n",
"p { margin: .3em 0; max-width: 70em; overflow-wrap: anywhere; }\n",
"p .name { font-weight: 600; margin-right: .5em; }\n",
"nav { display: flex; flex-wrap: wrap; gap: .3em 1.4em; }\n",
"nav label { cursor: pointer; }\n",
".case { background: var(--box); border: 1px solid var(--line); border-radius: 6px;\n",
"  content-visibility: auto; contain-intrinsic-size: auto 2.8em; }\n",
".case > *:not(summary) { margin-left: 2.5rem; margin-right: 1rem; }\n",
".case > table + p { margin-top: 1em; }\n",
".case[open] { padding-bottom: .7em; }\n",
"summary { padding: .5em 1em .5em .8em; cursor: pointer; list-style: none;\n",
"  overflow-wrap: anywhere; }\n",
"summary::-webkit-details-marker { display: none; }\n",
"summary::after { content: \"\\203a\"; float: right; color: var(--dim); }\n",
".case[open] > summary::after { transform: rotate(90deg); }\n",
"summary:hover { background: color-mix(in srgb, var(--line) 25%, transparent); }\n",
"summary .name { font-weight: 600; }\n",
".mark { display: inline-block; width: 1.5em; height: 1.5em; line-height: 1.5em;\n",
"  text-align: center; border-radius: 50%; font-weight: 700; margin-right: .4em; }\n",
".mark.stop { background: var(--stop-box); } .mark.pass { background: var(--pass-box); }\n",
".mark.lost, .mark.unknown { background: var(--unsure-box); }\n",
".pass { color: var(--pass); } .stop { color: var(--stop); } .unsure { color: var(--unsure); }\n",
".dim { color: var(--dim); }\n",
".case.pass, .case.stop, tr.pass, tr.stop { color: inherit; }\n",
"table { border-collapse: collapse; display: block; overflow-x: auto; margin: .5em 0;\n",
"  font: 13px/1.6 ui-monospace, monospace; }\n",
"td { padding: 0 1.1em 0 0; vertical-align: top; white-space: nowrap; }\n",
"tr.hook td, .way tr.move + tr td { padding-top: .25em; }\n",
"td.code { white-space: pre-wrap; overflow-wrap: anywhere; min-width: min(14em, 20vw); }\n",
".option { white-space: nowrap; }\n",
"td.number { text-align: right; }\n",
"td.deep1 { padding-left: 1.2em; } td.deep2 { padding-left: 2.4em; }\n",
"td.deep3 { padding-left: 3.6em; } td.deep4 { padding-left: 4.8em; }\n",
"tr.move td, tr.never td { color: var(--dim); }\n",
".way td:first-child { font-weight: 600; }\n",
".way tr.stop td { background: var(--stop-box); }\n",
".way tr.lost td, .way tr.unknown td { background: var(--unsure-box); }\n",
".finding { border-left: 3px solid var(--line); padding-left: .8em; margin: .8em 0; }\n",
".finding.error { border-color: var(--stop); } .finding.warning { border-color: var(--unsure); }\n",
".notes { font: inherit; } .notes td { white-space: normal; max-width: 52em; }\n",
".notes td.label { padding-right: .8em; }\n",
".notes tr.try td:last-child { font: 13px/1.6 ui-monospace, monospace; white-space: pre-wrap;\n",
"  user-select: all; overflow-wrap: anywhere; }\n",
".ranking { font: inherit; } .ranking td { padding: .1em 1.8em .1em 0; }\n",
".ranking td:last-child { font: 13px/1.6 ui-monospace, monospace; white-space: pre-wrap; }\n",
".ranking tr.stop td:first-child { color: var(--stop); }\n",
".ranking tr.pass td:first-child { color: var(--pass); }\n",
".ranking tr.lost td:first-child, .ranking tr.unknown td:first-child { color: var(--unsure); }\n",
"footer { color: var(--dim); }\n",
"main:has(#show-stop:checked) .case:not(.stop), main:has(#show-lost:checked) .case:not(.lost),\n",
"main:has(#show-unknown:checked) .case:not(.unknown),\n",
"main:has(#show-pass:checked) .case:not(.pass) { display: none; }\n",
"@media (max-width: 45em) { .way tr { display: block; padding-left: 2em; text-indent: -2em; }\n",
"  .way td { display: inline; white-space: normal; padding: 0 .6em 0 0; }\n",
"  .way td:empty { display: none; } .way tr:has(td:first-child:empty) { padding-left: 3em; }\n",
"  .way tr:has(.deep1) { margin-left: 1em; } .way tr:has(.deep2) { margin-left: 2em; }\n",
"  .way tr:has(.deep3) { margin-left: 3em; } .way tr:has(.deep4) { margin-left: 4em; } }\n",
"@media print { body { background: none; font-size: 11px; }\n",
"  nav, summary::after { display: none; }\n",
"  main { display: block; max-width: none; padding: 0; } summary { break-after: avoid; }\n",
"  .case { margin-bottom: .6em; content-visibility: visible; }\n",
"  table, .notes tr.try td:last-child, .ranking td:last-child { font-size: 9px; }\n",
"  table { overflow: visible; } td, td.code { white-space: normal; min-width: 0; }\n",
"  details::details-content { content-visibility: visible; } }\n",
"</style>\n",
"</head>\n",
"<body>\n",
"<main>\n",
"<h1>nfhop</h1>\n",
NULL,
};

const char html_end[] =
"</main>\n"
"</body>\n"
"</html>\n";
// clang-format on
