// SPDX-License-Identifier: GPL-2.0-or-later
/* keys.c - the one table of keys: what they do, where, and what help says of them */
#include "view.h"

#define LISTS	(VIEW_ALL & ~VIEW_MAP)
#define WAYS	(VIEW_FLOWS | VIEW_FLOW | VIEW_PACKETS | VIEW_HOPS | VIEW_RULE)
#define ABOUT	(WAYS | VIEW_MAP | VIEW_FINDINGS)
#define SCREENS (VIEW_ALL & ~(VIEW_MENU | VIEW_HELP))

/*
 * A key has the first row that names it and the view at hand. @hint: the word beside it at the
 * bottom of the screen; those that matter most stand first.
 */
// clang-format off
static const struct key_row rows[] = {
	{ { TUI_KEY_ENTER, '\n', TUI_KEY_RIGHT, 'l' }, ACT_OPEN, VIEW_FLOWS,
	  "Enter l Right", "ways", "the flow's ways, and its packets" },
	{ { TUI_KEY_ENTER, '\n', TUI_KEY_RIGHT, 'l' }, ACT_OPEN, VIEW_FLOW | VIEW_PACKETS,
	  "Enter l Right", "hops", "hop by hop, with what changed" },
	{ { TUI_KEY_ENTER, '\n', TUI_KEY_RIGHT, 'l' }, ACT_OPEN, VIEW_HOPS | VIEW_MAP,
	  "Enter l Right", "rule", "the rule in its chain; why others did not match" },
	{ { TUI_KEY_ENTER, '\n', TUI_KEY_RIGHT, 'l' }, ACT_OPEN, VIEW_FINDINGS,
	  "Enter l Right", "flow", "the flow that it is about" },
	{ { TUI_KEY_ENTER, '\n', ' ' }, ACT_OPEN, VIEW_MENU,
	  "Enter Space", "choose", "choose this line" },
	{ { TUI_KEY_ENTER, '\n' }, ACT_OPEN, VIEW_TRACE,
	  "Enter", "change", "change this line, or do what it says" },
	{ { TUI_KEY_BACKSPACE, TUI_KEY_LEFT, 'h', TUI_KEY_ESCAPE }, ACT_BACK, VIEW_ALL,
	  "Esc h Left", NULL, "back to the screen before" },

	{ { TUI_KEY_DOWN, 'j' }, ACT_DOWN, VIEW_ALL, "Down j", NULL, "one line down" },
	{ { TUI_KEY_UP, 'k' }, ACT_UP, VIEW_ALL, "Up k", NULL, "one line up" },
	{ { TUI_KEY_PAGE_DOWN, TUI_CTRL('f'), TUI_CTRL('d') }, ACT_PAGE_DOWN, LISTS,
	  "PgDn ^F ^D", NULL, "one page down" },
	{ { TUI_KEY_PAGE_UP, TUI_CTRL('b'), TUI_CTRL('u') }, ACT_PAGE_UP, LISTS,
	  "PgUp ^B ^U", NULL, "one page up" },
	{ { TUI_KEY_HOME, 'g' }, ACT_FIRST, LISTS, "Home g", NULL, "to the first line" },
	{ { TUI_KEY_END, 'G' }, ACT_LAST, LISTS, "End G", NULL, "to the last line" },

	{ { '/' }, ACT_SEARCH, LISTS, "/", "search",
	  "search all lines, shown or not, for a regular expression" },
	{ { 'n' }, ACT_NEXT, LISTS, "n", NULL, "the next line that has it" },
	{ { 'N' }, ACT_PREVIOUS, LISTS, "N", NULL, "the line before that has it" },
	{ { 'f' }, ACT_FILTER, VIEW_FLOWS | VIEW_PACKETS, "f", "filter",
	  "show only what a filter holds for: dst 10.0.0.9" },
	{ { 'm' }, ACT_MAP, ABOUT & ~VIEW_MAP, "m", "map",
	  "the way on a map of netfilter" },
	{ { 's' }, ACT_SORT, VIEW_FLOWS, "s", "sort", "choose what flows are sorted by" },
	{ { 'S' }, ACT_TURN, VIEW_FLOWS, "S", NULL, "turn the order round" },
	{ { 'c' }, ACT_COLUMNS, VIEW_FLOWS, "c", NULL, "choose columns" },
	{ { '1' }, ACT_FLOWS, SCREENS, "1", NULL, "flows: connections, both directions" },
	{ { '2', 'p' }, ACT_PACKETS, SCREENS, "2 p", "packets",
	  "packets, in the order in which they closed" },
	{ { '3', 'i' }, ACT_FINDINGS, SCREENS, "3 i", "findings",
	  "findings: what an expert would say" },
	{ { 'v' }, ACT_MARK, ABOUT & ~VIEW_FINDINGS, "v", NULL,
	  "mark this packet or way, or no longer; two are for d" },
	{ { 'd' }, ACT_DIFF, ABOUT, "d", NULL, "where the ways of the two marked part" },
	{ { 't' }, ACT_TRACE, ABOUT, "t", "trace",
	  "make the kernel trace other packets (live, root)" },
	{ { 'w' }, ACT_SAVE, ABOUT, "w", NULL,
	  "save this flow's records, or what nfhop check is to expect" },
	{ { ' ' }, ACT_PAUSE, SCREENS, "Space", NULL,
	  "hold the screen; what comes meanwhile is kept and counted" },
	{ { 'F' }, ACT_FOLLOW, VIEW_PACKETS | VIEW_FLOW | VIEW_FLOWS, "F", NULL,
	  "stay on the newest" },
	{ { TUI_CTRL('l') }, ACT_REDRAW, VIEW_ALL, "^L", NULL, "draw the screen anew" },
	{ { '?' }, ACT_HELP, SCREENS, "?", NULL, "this help" },
	{ { 'q' }, ACT_QUIT, VIEW_ALL, "q", NULL,
	  "back; on the first screen: end nfhop" },
	{ { 'Q' }, ACT_END, VIEW_ALL, "Q", NULL, "end nfhop" },

	{ { TUI_KEY_CLICK }, ACT_CLICK, VIEW_ALL, "click", NULL,
	  "choose a line; on the chosen one: as Enter; a title: sort" },
	{ { TUI_KEY_WHEEL_DOWN }, ACT_WHEEL_DOWN, VIEW_ALL, "wheel", NULL,
	  "three lines down or up" },
	{ { TUI_KEY_WHEEL_UP }, ACT_WHEEL_UP, VIEW_ALL, NULL, NULL, NULL },
};

static const struct { const char *name; uint32_t key; } names[] = {
	{ "Enter", TUI_KEY_ENTER },      { "Esc", TUI_KEY_ESCAPE },
	{ "Up", TUI_KEY_UP },            { "Down", TUI_KEY_DOWN },
	{ "Left", TUI_KEY_LEFT },        { "Right", TUI_KEY_RIGHT },
	{ "Home", TUI_KEY_HOME },        { "End", TUI_KEY_END },
	{ "PgUp", TUI_KEY_PAGE_UP },     { "PgDn", TUI_KEY_PAGE_DOWN },
	{ "Space", ' ' },                { "Backspace", TUI_KEY_BACKSPACE },
	{ "Delete", TUI_KEY_DELETE },    { "Tab", '\t' },
	{ "WheelUp", TUI_KEY_WHEEL_UP }, { "WheelDown", TUI_KEY_WHEEL_DOWN },
	{ "Click", TUI_KEY_CLICK },
};
// clang-format on

const struct key_row *key_rows(size_t *n)
{
	*n = sizeof(rows) / sizeof(*rows);
	return rows;
}

static bool row_has(const struct key_row *row, uint32_t key)
{
	for (size_t i = 0; i < sizeof(row->keys) / sizeof(*row->keys); i++)
		if (row->keys[i] == key)
			return true;
	return false;
}

enum action key_action(uint32_t key, unsigned int view)
{
	for (size_t i = 0; key && i < sizeof(rows) / sizeof(*rows); i++)
		if ((rows[i].views & view) && row_has(&rows[i], key))
			return rows[i].action;
	return ACT_NONE;
}

uint32_t tui_key_named(struct str name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(name, str_from(names[i].name)))
			return names[i].key;
	if (name.n == 2 && *name.p == '^')
		return TUI_CTRL((uint32_t)(unsigned char)(name.p[1] | 0x20));
	return name.n == 1 ? (unsigned char)*name.p : 0;
}
