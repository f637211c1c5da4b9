/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_style.c - how nft writes a value: by what it is compared with or assigned to */
#include "nft_expr.h"

#include <stdio.h>

#include "lit.h"
#include "value.h"

/* The member of a match that an operator in it stands before, through masks. */
static const struct json_node *leftmost(const struct json_node *value)
{
	static const char *const operators[] = { "&", "|", "^", "<<", ">>" };
	const struct json_node *inner = value;

	for (int depth = 0; inner && depth < NFT_DEPTH_MAX; depth++) {
		value = inner;
		inner = NULL;
		for (size_t i = 0; !inner && i < sizeof(operators) / sizeof(*operators); i++)
			inner = json_node_first(json_node_get(value, operators[i]));
	}
	return value;
}

bool nft_key_is(const struct json_node *value, const char *object, const char *member,
		struct str is)
{
	return str_eq(json_node_text(json_node_get(json_node_get(leftmost(value), object), member)),
		      is);
}

enum style { PLAIN, QUOTED, DEVICE, MARK, ETHER, HEX, SECONDS };

/* clang-format off */
/* What nft does not write plainly: the datatypes of its src/meta.c, ct.c, fib.c, proto.c. */
static const struct {
	const char *object, *member;
	struct str is;
	enum style style;
} styles[] = {
	{ "meta",    "key",    S("mark"), MARK },
	{ "ct",      "key",    S("mark"), MARK },
	{ "socket",  "key",    S("mark"), MARK },
	{ "meta",    "key",    S("iif"), QUOTED },
	{ "meta",    "key",    S("oif"), QUOTED },
	{ "meta",    "key",    S("iifname"), QUOTED },
	{ "meta",    "key",    S("oifname"), QUOTED },
	{ "meta",    "key",    S("ibrname"), QUOTED },
	{ "meta",    "key",    S("obrname"), QUOTED },
	{ "meta",    "key",    S("iifkind"), QUOTED },
	{ "meta",    "key",    S("oifkind"), QUOTED },
	{ "meta",    "key",    S("iifgroup"), QUOTED },
	{ "meta",    "key",    S("oifgroup"), QUOTED },
	{ "meta",    "key",    S("time"), QUOTED },
	{ "meta",    "key",    S("day"), QUOTED },
	{ "meta",    "key",    S("hour"), QUOTED },
	{ "ct",      "key",    S("helper"), QUOTED },
	{ "osf",     "key",    S("name"), QUOTED },
	{ "osf",     "key",    S("version"), QUOTED },
	{ "fib",     "result", S("oif"), DEVICE },
	{ "fib",     "result", S("oifname"), DEVICE },
	{ "ct",      "key",    S("expiration"), SECONDS },
	{ "payload", "base",   S("ll"), HEX },
	{ "payload", "base",   S("nh"), HEX },
	{ "payload", "base",   S("th"), HEX },
	{ "payload", "base",   S("ih"), HEX },
};
/* clang-format on */

static enum style style_of(const struct json_node *typed)
{
	for (size_t i = 0; typed && i < sizeof(styles) / sizeof(*styles); i++)
		if (nft_key_is(typed, styles[i].object, styles[i].member, styles[i].is))
			return styles[i].style;
	if (typed && nft_key_is(typed, "payload", "protocol", STR("ether")) &&
	    nft_key_is(typed, "payload", "field", STR("type")))
		return ETHER;
	return PLAIN;
}

static void put_seconds(struct print *print, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	char z[32];

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (seconds < units[i].seconds && !(units[i].seconds == 1 && !seconds))
			continue;
		snprintf(z, sizeof(z), "%llu%c", (unsigned long long)(seconds / units[i].seconds),
			 units[i].unit);
		nft_put(print, z);
		seconds %= units[i].seconds;
		if (!seconds)
			break;
	}
}

void nft_put_seconds(struct print *print, const struct json_node *seconds)
{
	uint64_t v;

	if (seconds && value_number64(seconds->text, &v))
		put_seconds(print, v);
}

void nft_put_number(struct print *print, struct str number)
{
	enum style style = style_of(print->typed);
	unsigned long long v;
	uint64_t wide;
	char z[32];

	if (style <= DEVICE || !value_number64(number, &wide)) {
		text_add(print->text, number);
		return;
	}
	v = wide;
	if (style == SECONDS && !print->range) {
		put_seconds(print, wide);
		return;
	}
	if (style == SECONDS)
		snprintf(z, sizeof(z), "%llus", v);
	else
		snprintf(z, sizeof(z), "0x%0*llx", style == MARK ? 8 : style == ETHER ? 4 : 1, v);
	nft_put(print, z);
}

void nft_put_quoted(struct print *print, const struct json_node *value)
{
	nft_put(print, "\"");
	text_add(print->text, json_node_text(value));
	nft_put(print, "\"");
}

/* A set's name is never quoted, and no device but one by number. */
void nft_put_string(struct print *print, const struct json_node *value)
{
	enum style style = style_of(print->typed);
	uint64_t number;

	if ((style != QUOTED && style != DEVICE) || !value->text.n || *value->text.p == '@' ||
	    (style == DEVICE && value_number64(value->text, &number)))
		text_add(print->text, json_node_text(value));
	else
		nft_put_quoted(print, value);
}
