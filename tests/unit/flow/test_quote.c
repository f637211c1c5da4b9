// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_quote.c - which flow an ICMP error is about that quotes a packet's first bytes alone
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../../src/flow/flows.h"
#include "../../../src/flow/loose.h"

#define A(n)                                                                                       \
	{                                                                                          \
		{                                                                                  \
			[10] = 0xff, [11] = 0xff, [12] = 10, [15] = (n)                            \
		}                                                                                  \
	}

/* 10.0.0.1 to 10.0.0.2, which left as 10.0.0.9 to 10.0.0.3; id 100 there, 7 back */
static const struct flow flow = {
	.there = { .ends = { .src = A(1), .dst = A(2) }, .proto = 6, .family = FAMILY_IP },
	.left = { .ends = { .src = A(9), .dst = A(3) }, .proto = 6, .family = FAMILY_IP },
	.sent = { { .id = 100, .length = 60 }, { .id = 7, .length = 1500 } },
};

static const struct row {
	const char *what;
	uint8_t to; /* whom the error goes to */
	uint32_t id, length;
	uint8_t proto, family;
	uint16_t scope;
	enum quote_fit fit;
	int direction;
} rows[] = {
	{ "the newest packet there", 1, 100, 60, 6, FAMILY_IP, 0, QUOTE_SAME, 0 },
	{ "as it left", 9, 100, 60, 6, FAMILY_IP, 0, QUOTE_SAME, 0 },
	{ "the newest one back", 3, 7, 1500, 6, FAMILY_IP, 0, QUOTE_SAME, 1 },
	{ "one back, to whom it seems to come from", 2, 7, 1500, 6, FAMILY_IP, 0, QUOTE_SAME, 1 },
	{ "one shortly before", 1, 97, 60, 6, FAMILY_IP, 0, QUOTE_NEAR, 0 },
	{ "one long before", 1, 84, 60, 6, FAMILY_IP, 0, QUOTE_OTHER, 0 },
	{ "one that is not here yet", 1, 101, 60, 6, FAMILY_IP, 0, QUOTE_OTHER, 0 },
	{ "id 0 is near nothing", 3, 0, 1500, 6, FAMILY_IP, 0, QUOTE_OTHER, 0 },
	{ "another length", 1, 100, 61, 6, FAMILY_IP, 0, QUOTE_OTHER, 0 },
	{ "to somebody else", 4, 100, 60, 6, FAMILY_IP, 0, QUOTE_OTHER, 0 },
	{ "there's mark, back's receiver", 3, 100, 60, 6, FAMILY_IP, 0, QUOTE_OTHER, 0 },
	{ "another protocol", 1, 100, 60, 17, FAMILY_IP, 0, QUOTE_OTHER, 0 },
	{ "another family", 1, 100, 60, 6, FAMILY_IP6, 0, QUOTE_OTHER, 0 },
	{ "another host's", 1, 100, 60, 6, FAMILY_IP, 1, QUOTE_OTHER, 0 },
};

static void quote_fits_the_packet_that_was_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		const struct packet error = {
			.scope = row->scope,
			.n_ends = 1,
			.ends = { { .src = A(5), .dst = A(row->to) } },
			.quoted = { .id = row->id,
				    .length = row->length,
				    .proto = row->proto,
				    .family = row->family },
		};
		int direction = 0;

		if (quote_fit(&flow, &error, &direction) != row->fit || direction != row->direction)
			print_message("%s\n", row->what);
		assert_int_equal(quote_fit(&flow, &error, &direction), row->fit);
		assert_int_equal(direction, row->direction);
	}
}

static void packets_without_marks_fit_nothing(void **state)
{
	const struct header no_id = { .have = HEADER_LEN, .length = 60 };
	struct packet error = { .n_ends = 1,
				.ends = { { .dst = A(1) } },
				.quoted = { .length = 60, .proto = 6, .family = FAMILY_IP } };
	struct flow other = flow;
	int direction = 0;

	(void)state;
	sent_set(&other.sent[0], &no_id);
	assert_int_equal(quote_fit(&other, &error, &direction), QUOTE_OTHER);
}

/* to an address that it left with by the rule set, which the trace does not show */
static void a_masquerade_is_answered_where_it_left(void **state)
{
	static const struct {
		const char *what;
		uint32_t id;
		sym_t by, oif;
		uint8_t nat_by;
		enum quote_fit fit;
	} cases[] = {
		{ "by the device that it left by", 100, 2, 2, BY_RULESET, QUOTE_UNTOLD },
		{ "it is under way yet", 100, 2, 0, BY_RULESET, QUOTE_UNTOLD },
		{ "by another", 100, 3, 2, BY_RULESET, QUOTE_OTHER },
		{ "another packet", 99, 2, 2, BY_RULESET, QUOTE_OTHER },
		{ "id 0 is everybody's", 0, 2, 2, BY_RULESET, QUOTE_OTHER },
		{ "nothing translates it", 100, 2, 2, BY_NONE, QUOTE_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hop hop = { .iif = cases[i].by };
		struct flow other = flow;
		const struct packet error = { .n_ends = 1,
					      .ends = { { .dst = A(9) } },
					      .n_hops = 1,
					      .hops = &hop,
					      .quoted = { .id = cases[i].id,
							  .length = 60,
							  .proto = 6,
							  .family = FAMILY_IP } };
		int direction = 1;

		other.left = other.there;
		other.nat_by = cases[i].nat_by;
		other.oif[0] = cases[i].oif;
		other.sent[0].id = cases[i].id ? 100 : 0;
		if (quote_fit(&other, &error, &direction) != cases[i].fit)
			print_message("%s\n", cases[i].what);
		assert_int_equal(quote_fit(&other, &error, &direction), cases[i].fit);
		assert_int_equal(direction, cases[i].fit == QUOTE_OTHER);
	}
}

/* Errors to 10.0.0.9 that came in by device 2, the last of them at 100, led to no flow. */
static void loose_errors_may_be_about_what_left_there(void **state)
{
	static const struct {
		const char *what;
		struct addr left;
		sym_t oif;
		int64_t began;
		uint16_t scope;
		uint8_t nat_by;
		bool may;
	} cases[] = {
		{ "it left from there", A(9), 2, 50, 0, BY_TRACE, true },
		{ "at that time", A(9), 2, 100, 0, BY_TRACE, true },
		{ "from another address", A(8), 2, 50, 0, BY_TRACE, false },
		{ "from an address that is not shown", A(1), 2, 50, 0, BY_RULESET, true },
		{ "by another device", A(9), 3, 50, 0, BY_TRACE, false },
		{ "it was handed to this host", A(9), 0, 50, 0, BY_TRACE, false },
		{ "later", A(9), 2, 101, 0, BY_TRACE, false },
		{ "from another host", A(9), 2, 50, 1, BY_TRACE, false },
	};
	struct loose_errors errors = { .at = NULL };
	struct flow error = {
		.there = { .ends = { .src = A(5), .dst = A(9), .dport = 3 << 8 | 3 },
			   .proto = 1,
			   .known = true,
			   .family = FAMILY_IP },
		.iif = { 2 },
		.last = { .have = STAMP_WALL, .wall_ns = 60 },
	};

	(void)state;
	assert_false(loose_errors_about(&errors, &flow));
	assert_int_equal(loose_errors_see(&errors, &error), 0);
	error.last.wall_ns = 100; /* the last one counts, in whatever order they stand */
	assert_int_equal(loose_errors_see(&errors, &error), 0);
	error.last.wall_ns = 40;
	assert_int_equal(loose_errors_see(&errors, &error), 0);
	error.there.ends.dst = flow.there.ends.dst;
	error.there.ends.dport = 0; /* no error */
	assert_int_equal(loose_errors_see(&errors, &error), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct flow other = flow;

		other.left.ends.src = cases[i].left;
		other.oif[0] = cases[i].oif;
		other.nat_by = cases[i].nat_by;
		other.scope = cases[i].scope;
		other.first = (struct stamp){ .have = STAMP_WALL, .wall_ns = cases[i].began };
		if (loose_errors_about(&errors, &other) != cases[i].may)
			print_message("%s\n", cases[i].what);
		assert_int_equal(loose_errors_about(&errors, &other), cases[i].may);
	}
	loose_errors_free(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quote_fits_the_packet_that_was_answered),
		cmocka_unit_test(packets_without_marks_fit_nothing),
		cmocka_unit_test(a_masquerade_is_answered_where_it_left),
		cmocka_unit_test(loose_errors_may_be_about_what_left_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
