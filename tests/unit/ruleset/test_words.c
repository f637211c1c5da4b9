/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_words.c - what is made of nft's JSON reads as nft itself prints it
 *
 * Usage: test_words FILE.ruleset...; beside each stands FILE.ruleset.json of the same rules
 */
#include "show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct ruleset *load_file(const char *name)
{
	static char buf[1 << 20];
	FILE *file = fopen(name, "rb");
	struct ruleset_error err;
	struct ruleset *rs;
	size_t n;
	int ret;

	assert_non_null(file);
	n = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	assert_in_range(n, 1, sizeof(buf) - 1);
	rs = show_load(name, (struct str){ buf, n }, &ret, &err);
	if (!rs)
		show_error(stderr, ret, &err);
	assert_non_null(rs);
	return rs;
}

static size_t compare_chain(const struct chain *want, const struct chain *got)
{
	size_t differ = 0;

	assert_non_null(got);
	assert_int_equal(want->n_rules, got->n_rules);
	assert_int_equal(want->policy, got->policy);
	for (uint32_t i = 0; i < want->n_rules; i++) {
		const struct rule *a = &want->rules[i], *b = &got->rules[i];
		bool same = str_eq(a->text, b->text) && str_eq(a->comment, b->comment) &&
			    a->handle == b->handle && a->verdict == b->verdict &&
			    a->flags == b->flags && a->n_conds == b->n_conds;

		if (!same)
			print_error("%.*s %.*s rule %u:\n nft:  %.*s\n JSON: %.*s\n",
				    STR_ARG(want->table->name), STR_ARG(want->name), a->number,
				    STR_ARG(a->text), STR_ARG(b->text));
		differ += !same;
	}
	return differ;
}

static void test_json_reads_as_nft_prints_it(void **state)
{
	const char *name = *state;
	char *json = NULL;
	struct ruleset *words, *made;
	struct chain_list chains;
	size_t differ = 0;

	if (asprintf(&json, "%s.json", name) < 0)
		abort();
	words = load_file(name);
	made = load_file(json);
	chains = ruleset_chains(words);
	assert_int_equal(chains.n, ruleset_chains(made).n);
	for (size_t i = 0; i < chains.n; i++)
		differ += compare_chain(
			chains.at[i], ruleset_chain(made, BACKEND_NFT, chains.at[i]->table->family,
						    chains.at[i]->table->name, chains.at[i]->name));
	ruleset_destroy(words);
	ruleset_destroy(made);
	free(json);
	assert_int_equal(differ, 0);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[16];
	size_t n = 0;

	for (int i = 1; i < argc && n < sizeof(tests) / sizeof(*tests); i++)
		tests[n++] = (struct CMUnitTest){ .name = argv[i],
						  .test_func = test_json_reads_as_nft_prints_it,
						  .initial_state = argv[i] };
	return n ? _cmocka_run_group_tests("words", tests, n, NULL, NULL) : 1;
}
