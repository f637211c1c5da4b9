/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_path.c - what a sequence of legacy hops proves: depth, verdicts, targets */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nfhop/trace.h"

struct element {
	const char *table, *chain;
	enum hook hook;
	enum hop_kind kind;
	uint32_t rule;
};

#define F(chain, kind, rule)                                                                       \
	{                                                                                          \
		"filter", chain, HOOK_FORWARD, HOP_##kind, rule                                    \
	}
#define NEXT                                                                                       \
	{                                                                                          \
		"mangle", "POSTROUTING", HOOK_POSTROUTING, HOP_POLICY, 1                           \
	}

/* want: for each hop its depth, verdict ("-": not known) and ">target" */
/* clang-format off */
static const struct {
	const char *name;
	struct element hops[8];
	const char *want;
} rows[] = {
	{ "the next table follows: accepted", { F("FORWARD", RULE, 1), NEXT }, "0accept 0-" },
	{ "a later rule of the same chain: went on",
	  { F("FORWARD", RULE, 1), F("FORWARD", RULE, 2), NEXT }, "0continue 0accept 0-" },
	{ "a rule, then the policy: RETURN or going on, not told apart",
	  { F("FORWARD", RULE, 6), F("FORWARD", POLICY, 8) }, "0- 0-" },
	{ "two policy lines: the first is an unconditional RETURN (formats.md 2.3)",
	  { F("FORWARD", POLICY, 4), F("FORWARD", POLICY, 6) }, "0return 0-" },
	{ "a chain is entered and the caller goes on: a jump",
	  { F("FORWARD", RULE, 3), F("WEB", RETURN, 4), F("FORWARD", RULE, 4), NEXT },
	  "0jump>WEB 1return 0accept 0-" },
	{ "a chain is entered, then the policy: jump or goto",
	  { F("FORWARD", RULE, 3), F("WEB", RETURN, 4), F("FORWARD", POLICY, 5) },
	  "0->WEB 1return 0-" },
	{ "goto from a user chain comes back a level higher",
	  { F("FORWARD", RULE, 1), F("A", RULE, 1), F("B", RETURN, 2), F("FORWARD", RULE, 2), NEXT },
	  "0jump>A 1->B 2return 0accept 0-" },
	{ "a jump from a user chain comes back to it",
	  { F("FORWARD", RULE, 1), F("A", RULE, 1), F("B", RETURN, 2), F("A", RETURN, 2),
	    F("FORWARD", RULE, 2), NEXT },
	  "0jump>A 1jump>B 2return 1return 0accept 0-" },
	{ "return:N followed by the next table is an unconditional ACCEPT (formats.md 2.3)",
	  { F("FORWARD", RULE, 5), F("UC", RULE, 1), F("UC", RETURN, 2), NEXT },
	  "0->UC 1continue 1accept 0-" },
	{ "a conditional RETURN",
	  { F("FORWARD", RULE, 5), F("UC", RULE, 3), F("FORWARD", RULE, 7), NEXT },
	  "0jump>UC 1return 0accept 0-" },
	{ "the trace begins inside a user chain",
	  { F("UC", RULE, 3), F("FORWARD", RULE, 7), NEXT }, "1return 0accept 0-" },
	{ "a LOG line between does not count",
	  { F("FORWARD", RULE, 1), { "", "", HOOK_FORWARD, HOP_LOG, 0 }, F("FORWARD", RULE, 2), NEXT },
	  "0continue 0- 0accept 0-" },
};
/* clang-format on */

static size_t intern(struct syms *syms, struct paths *paths, const struct element *e,
		     struct hop *hops)
{
	size_t n = 0;

	for (; n < 8 && e[n].table; n++) {
		struct step step = {
			.table = sym_intern(syms, str_from(e[n].table)),
			.chain = sym_intern(syms, str_from(e[n].chain)),
			.rule = e[n].rule,
			.hook = (uint8_t)e[n].hook,
			.kind = (uint8_t)e[n].kind,
			.family = FAMILY_IP,
			.have = STEP_RULE,
		};

		if (chain_hook(table_find(str_from(e[n].table)), str_from(e[n].chain)))
			step.have |= STEP_BASE;
		hops[n] = (struct hop){ .step = paths_step(paths, &step) };
	}
	return n;
}

static void say(const struct syms *syms, const struct paths *paths, uint32_t path, char *buf,
		size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < paths_length(paths, path); i++) {
		struct path_hop h = paths_hop(paths, path, i);
		struct str target = sym_text(syms, h.target);

		at += (size_t)snprintf(buf + at, size - at, "%s%u%s%s%.*s", i ? " " : "", h.depth,
				       h.verdict ? verdict_name(h.verdict) : "-",
				       target.n ? ">" : "", STR_ARG(target));
	}
}

static void test_readings(void **state)
{
	struct syms *syms = syms_create();
	struct paths *paths = paths_create(syms, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hop hops[8];
		size_t n = intern(syms, paths, rows[i].hops, hops);
		char got[256] = "";

		say(syms, paths, paths_intern(paths, hops, n, PATH_NO_STEP), got, sizeof(got));
		if (strcmp(got, rows[i].want))
			print_error("%s\n", rows[i].name);
		assert_string_equal(got, rows[i].want);
	}
	paths_destroy(paths);
	syms_destroy(syms);
}

static void test_equal_paths_are_one(void **state)
{
	struct syms *syms = syms_create();
	struct paths *paths = paths_create(syms, NULL, NULL);
	struct hop hops[8];
	size_t n = intern(syms, paths, rows[4].hops, hops);
	uint32_t path = paths_intern(paths, hops, n, PATH_NO_STEP);

	(void)state;
	assert_int_equal(paths_intern(paths, hops, n, PATH_NO_STEP), path);
	assert_int_not_equal(paths_intern(paths, hops, n - 1, PATH_NO_STEP), path);
	assert_int_equal(paths_count(paths), 2);
	paths_destroy(paths);
	syms_destroy(syms);
}

static void test_thousands_of_names(void **state)
{
	struct syms *syms = syms_create();
	char name[16];

	(void)state;
	for (int turn = 0; turn < 2; turn++)
		for (unsigned int i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "chain%u", i);
			assert_int_equal(sym_intern(syms, str_from(name)), i + 2);
		}
	assert_int_equal(sym_intern(syms, STR("")), 0);
	assert_true(str_eq(sym_text(syms, 4999 + 2), STR("chain4999")));
	syms_destroy(syms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readings),
		cmocka_unit_test(test_equal_paths_are_one),
		cmocka_unit_test(test_thousands_of_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
