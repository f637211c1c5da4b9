/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_names.c - nft's names of hooks and priorities */
#include "nft_names.h"

#include "value.h"
#include "lit.h"

struct name {
	struct str word;
	int32_t value;
};

/* clang-format off */
static const struct name hooks[] = {
	{ S("ingress"), HOOK_INGRESS }, { S("prerouting"), HOOK_PREROUTING },
	{ S("input"), HOOK_INPUT },     { S("forward"), HOOK_FORWARD },
	{ S("output"), HOOK_OUTPUT },   { S("postrouting"), HOOK_POSTROUTING },
	{ S("egress"), HOOK_EGRESS },
};

static const struct name priorities[] = {
	{ S("raw"), -300 },   { S("mangle"), -150 },  { S("dstnat"), -100 },
	{ S("filter"), 0 },   { S("security"), 50 },  { S("srcnat"), 100 },
};

static const struct name bridge_priorities[] = {
	{ S("dstnat"), -300 }, { S("filter"), -200 }, { S("out"), 100 }, { S("srcnat"), 300 },
};
/* clang-format on */

static bool find(const struct name *names, size_t n, struct str word, int32_t *value)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(names[i].word, word)) {
			*value = names[i].value;
			return true;
		}
	}
	return false;
}

#define FIND(names, word, value) find(names, sizeof(names) / sizeof(*(names)), word, value)

enum hook nft_hook(struct str word)
{
	int32_t value;

	return FIND(hooks, word, &value) ? (enum hook)value : HOOK_NONE;
}

bool nft_priority(enum family family, struct str word, int32_t *priority)
{
	bool minus = word.n && *word.p == '-';
	uint32_t number;

	if (value_number(str_skip(word, minus), &number) && number <= INT32_MAX) {
		*priority = minus ? -(int32_t)number : (int32_t)number;
		return true;
	}
	if (family == FAMILY_NONE)
		return false;
	return family == FAMILY_BRIDGE ? FIND(bridge_priorities, word, priority)
				       : FIND(priorities, word, priority);
}
