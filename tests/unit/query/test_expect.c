/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_expect.c - expectations: how they are read, what is answered, what is learned */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "log.h"
#include "nfhop/expect.h"

/* clang-format off */
static const struct {
	const char *line, *name, *text;
	bool all;
	uint64_t min, max;
} good[] = {
	{ "some tcp => forwarded", "", "some tcp => forwarded", false, 1, EXPECT_MANY },
	{ "  none  tcp=> lost  # never", "", NULL, false, 0, 0 },
	{ "none\ttcp\t=>\tlost", "", "none\ttcp\t=>\tlost", false, 0, 0 },
	{ "a name:  all udp => dropped # why", "a name", "all udp => dropped", true, 1, EXPECT_MANY },
	{ "3 arp => unknown", "", "3 arp => unknown", false, 3, 3 },
	{ "x: 3..5 arp => unknown", "x", "3..5 arp => unknown", false, 3, 5 },
	{ "3.. arp => sent", "", "3.. arp => sent", false, 3, EXPECT_MANY },
	{ "..5 arp => sent", "", "..5 arp => sent", false, 0, 5 },
	{ "0 arp => sent", "", "0 arp => sent", false, 0, 0 },
	{ "all in one: some tcp => sent", "all in one", "some tcp => sent", false, 1, EXPECT_MANY },
	{ "rfc: 1: none tcp => sent", "rfc: 1", "none tcp => sent", false, 0, 0 },
	{ "10.0.0.1:80: some tcp => sent", "10.0.0.1:80", "some tcp => sent", false, 1, EXPECT_MANY },
	{ "some at filter:FORWARD:\"a => b # c\" => sent", "",
	  "some at filter:FORWARD:\"a => b # c\" => sent", false, 1, EXPECT_MANY },
	{ "some at inet:forward:rule:#12 => sent\r", "", "some at inet:forward:rule:#12 => sent",
	  false, 1, EXPECT_MANY },
};

static const struct {
	const char *line;
	size_t at, n;
	const char *expected, *guess;
} bad[] = {
	{ "tcp => forwarded", 0, 3, "some, all, none,", NULL },
	{ "name: tcp => forwarded", 6, 3, "some, all, none,", NULL },
	{ "name: non tcp => forwarded", 6, 3, "some, all, none,", "none" },
	{ "alle tcp => forwarded", 0, 4, "some, all, none,", "all" },
	{ "any tcp => forwarded", 0, 3, "some, all, none,", "some" },
	{ "name: every tcp => forwarded", 6, 5, "some, all, none,", "all" },
	{ "never tcp => forwarded", 0, 5, "some, all, none,", "none" },
	{ "all tcp -> forwarded", 8, 2, "=> and what is to hold then", NULL },
	{ "all tcp --> forwarded", 8, 3, "=> and what is to hold then", NULL },
	{ "5..3 tcp => sent", 0, 4, "some, all, none,", NULL },
	{ ".. tcp => sent", 0, 2, "some, all, none,", NULL },
	{ "3...5 tcp => sent", 0, 5, "some, all, none,", NULL },
	{ "1234567890123456789 tcp => sent", 0, 19, "some, all, none,", NULL },
	{ "some tcp", 8, 0, "=> and what is to hold then", NULL },
	{ "some tcp # => sent", 8, 0, "=> and what is to hold then", NULL },
	{ "some => sent", 5, 2, "a filter's word", NULL },
	{ "some tcp =>", 11, 0, "a filter's word", NULL },
	{ "x: some tcp dport htpp => sent", 18, 4, "a port:", "http" },
	{ "x: some tcp => forwaded", 15, 8, "a filter's word", "forwarded" },
	{ "some tcp => at filter => sent", 15, 6, "a place", NULL },
};

/*
 * @rules: i: held against the log with its rules, b: without, l: with rules, but a record lost,
 * s: with rules of nftables, too
 */
static const struct {
	char how;
	const char *line;
	enum expect_answer answer;
	const char *reason;
	uint64_t packet;
} answers[] = {
	{ 'i', "some tcp => forwarded", EXPECT_PASSED, "2 packets", 0 },
	{ 'i', "all flags syn => forwarded", EXPECT_PASSED, "2 packets", 0 },
	{ 'i', "all tcp => forwarded", EXPECT_FAILED, "packet 3 breaks it; it holds for 2 of 3 packets", 3 },
	{ 'i', "all dport 9 => sent", EXPECT_INCONCLUSIVE,
	  "of packet 4 \"dport 9\" is not known: the input does not show that part of it", 4 },
	{ 'i', "all tcp dport 9 => sent", EXPECT_FAILED, "no packet was selected", 0 },
	{ 'i', "none tcp => delivered", EXPECT_PASSED, "0 packets", 0 },
	{ 'i', "none tcp => forwarded", EXPECT_FAILED, "2 packets, expected 0", 1 },
	{ 'i', "2 tcp => forwarded", EXPECT_PASSED, "2 packets", 0 },
	{ 'i', "3..5 tcp => forwarded", EXPECT_FAILED, "2 packets, expected 3 to 5 (of 3 selected)", 3 },
	{ 'i', "..1 tcp => forwarded", EXPECT_FAILED, "2 packets, expected 0 to 1", 2 },
	{ 'i', "some udp => delivered", EXPECT_FAILED, "0 packets, expected 1 or more (of 2 selected)", 4 },
	{ 'i', "some icmp => delivered", EXPECT_INCONCLUSIVE,
	  "of packet 6 \"delivered\" is not known: it was only logged, at PREROUTING; its "
	  "further way was not traced", 6 },
	{ 'i', "none icmp => delivered", EXPECT_INCONCLUSIVE, NULL, 6 },
	{ 'i', "all icmp => delivered", EXPECT_INCONCLUSIVE, NULL, 6 },
	{ 'i', "all icmp => unknown", EXPECT_PASSED, "1 packet", 0 },
	{ 'i', "all dst 10.0.0.9 => stopped", EXPECT_INCONCLUSIVE, NULL, 6 },
	{ 'i', "all => stopped", EXPECT_ANSWER_MAX, NULL, 0 },
	{ 'i', "1 dst 10.0.0.9 => stopped at filter:WEB:\"no proxy\"", EXPECT_INCONCLUSIVE, NULL, 6 },
	{ 'i', "1 tcp => stopped at filter:WEB:\"no proxy\"", EXPECT_PASSED, "1 packet", 0 },
	{ 'i', "1 tcp => at filter:FORWARD:rule:2", EXPECT_PASSED, "1 packet", 0 },
	{ 'i', "some tcp dport 8080 => at filter:WEB:rule:3", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 1 selected); filter WEB rule 3 is shadowed for packet 3, "
	  "which fits it: rule 2 before it takes it", 3 },
	{ 'i', "all tcp dport 8080 => forwarded and at filter:WEB:\"late\"", EXPECT_FAILED,
	  "packet 3 breaks it: \"forwarded\" does not hold; it holds for 0 of 1 packet; filter WEB "
	  "rule 3 is shadowed for packet 3, "
	  "which fits it: rule 2 before it takes it", 3 },
	{ 'i', "some tcp dport 8080 => at filter:FORWARD:rule:4", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 1 selected); filter FORWARD rule 4 is shadowed for packet "
	  "3, which fits it: rule 3 before it takes it", 3 },
	{ 'i', "some tcp dport 9 => stopped at filter:WEB:rule:7", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 0 selected); filter WEB rule 7 is shadowed: rule 6 before "
	  "it takes everything", 0 },
	/* a limit cannot be checked, udp does not fit, 1 does not come before, `not` wants it missed */
	{ 'i', "some tcp dport 8080 => at filter:WEB:rule:4", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 1 selected)", 3 },
	{ 'i', "some tcp dport 8080 => at filter:WEB:rule:5", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 1 selected)", 3 },
	{ 'i', "some tcp dport 8080 => at filter:WEB:rule:1", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 1 selected)", 3 },
	{ 'i', "some tcp dport 8080 => forwarded and not at filter:WEB:rule:3", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 1 selected); of packet 3 \"forwarded\" does not hold", 3 },
	{ 'b', "some tcp dport 8080 => at filter:WEB:rule:3", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 1 selected)", 3 },
	/* nftables has rules, too, and tells nothing: of what is beyond its hooks nothing is lost */
	{ 's', "none tcp flags syn,!ack => at guard:fwd:rule:1", EXPECT_INCONCLUSIVE,
	  "of packet 1 \"at guard:fwd:rule:1\" is not known: iptables or nftables has rules, "
	  "but tells nothing of it (nfhop doctor)", 1 },
	{ 's', "all tcp flags syn,!ack => at guard:fwd", EXPECT_INCONCLUSIVE, NULL, 1 },
	{ 's', "none tcp flags syn,!ack => path ~ \"guard:fwd\"", EXPECT_INCONCLUSIVE, NULL, 1 },
	{ 's', "none tcp flags syn,!ack => text ~ \"drop\"", EXPECT_INCONCLUSIVE, NULL, 1 },
	{ 's', "none tcp flags syn,!ack => at guard:in", EXPECT_PASSED, "0 packets", 0 },
	{ 's', "none tcp flags syn,!ack => at other:fwd", EXPECT_INCONCLUSIVE,
	  "neither rule set nor trace has a table other", 0 },
	{ 's', "none tcp flags syn,!ack => at filter:WEB", EXPECT_PASSED, "0 packets", 0 },
	{ 's', "1 tcp flags syn,!ack => at filter:FORWARD:rule:1", EXPECT_PASSED, "1 packet", 0 },
	/* a place that nothing knows proves nothing, but one side of an `or` is enough */
	{ 'i', "some tcp => at filter:FORWARD or at filter:FORWRD", EXPECT_PASSED, "3 packets", 0 },
	{ 'i', "some tcp => at filter:FORWRD or forwarded", EXPECT_PASSED, "2 packets", 0 },
	{ 'i', "all tcp => at other:fwd or at filter:FORWARD", EXPECT_PASSED, "3 packets", 0 },
	{ 'i', "some tcp => not (at filter:FORWARD and at filter:FORWRD)", EXPECT_FAILED,
	  "table filter has no chain FORWRD in the rule set; did you mean FORWARD?", 0 },
	{ 'i', "some tcp => forwarded and not at filter:FORWRD", EXPECT_FAILED,
	  "table filter has no chain FORWRD in the rule set; did you mean FORWARD?", 0 },
	{ 'i', "none tcp dport 7 => at filter:FORWARD or at filter:FORWRD", EXPECT_FAILED,
	  "table filter has no chain FORWRD in the rule set; did you mean FORWARD?", 0 },
	{ 'i', "all at filter:FORWRD or flags syn => forwarded", EXPECT_FAILED,
	  "table filter has no chain FORWRD in the rule set; did you mean FORWARD?", 0 },
	{ 'i', "some tcp => delivered or at filter:FORWRD", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 3 selected); table filter has no chain FORWRD in the rule "
	  "set; did you mean FORWARD?", 1 },
	{ 'i', "none tcp => at security:INPUT", EXPECT_PASSED, "0 packets", 0 },
	{ 'b', "none tcp => at filter:INPUT", EXPECT_PASSED, "0 packets", 0 },
	{ 'b', "none tcp => at filter:WBE", EXPECT_INCONCLUSIVE,
	  "the trace knows no chain WBE in table filter; did you mean WEB?", 0 },
	{ 'b', "none tcp => at filter:banned", EXPECT_INCONCLUSIVE,
	  "the trace knows no chain banned in table filter; only the rule set could tell (-r)", 0 },
	{ 'b', "none icmp => at filtre:banned", EXPECT_INCONCLUSIVE,
	  "the trace does not have a table filtre; did you mean filter?", 0 },
	{ 'b', "none tcp => at fw:banned", EXPECT_INCONCLUSIVE,
	  "the trace does not have a table fw; only the rule set could tell (-r)", 0 },
	{ 'b', "some tcp => at fw:banned or forwarded", EXPECT_PASSED, "2 packets", 0 },
	{ 'b', "some tcp => at fw:banned", EXPECT_FAILED,
	  "0 packets, expected 1 or more (of 3 selected); the trace does not have a table fw; only "
	  "the rule set could tell (-r)", 1 },
	{ 'l', "none tcp => at fw:banned", EXPECT_INCONCLUSIVE, "5 records were lost", 0 },
	{ 'b', "all dst 10.0.0.9 and udp => dropped", EXPECT_INCONCLUSIVE, NULL, 4 },
	{ 'b', "all tcp dport 8080 => stopped at *:WEB:\"no proxy\"", EXPECT_INCONCLUSIVE,
	  "of packet 3 \"stopped at *:WEB:\"no proxy\"\" is not known: only the rule set could tell "
	  "(-r)", 3 },
	{ 'b', "some tcp => at filter:FORWARD:rule:2", EXPECT_PASSED, "1 packet", 0 },
	{ 'l', "some tcp => forwarded", EXPECT_PASSED, "2 packets", 0 },
	{ 'l', "some tcp dport 9 => forwarded", EXPECT_INCONCLUSIVE, "5 records were lost", 0 },
	{ 'l', "all flags syn => forwarded", EXPECT_INCONCLUSIVE, "5 records were lost", 0 },
	{ 'l', "all tcp => forwarded", EXPECT_FAILED, "packet 3 breaks it; it holds for 2 of 3 packets", 3 },
	{ 'l', "none tcp => delivered", EXPECT_INCONCLUSIVE, "5 records were lost", 0 },
	{ 'l', "none tcp => forwarded", EXPECT_FAILED, "2 packets, expected 0", 1 },
	{ 'l', "2 tcp => forwarded", EXPECT_INCONCLUSIVE, "5 records were lost", 0 },
	{ 'l', "1.. tcp => forwarded", EXPECT_PASSED, "2 packets", 0 },
	{ 'l', "3.. tcp => forwarded", EXPECT_INCONCLUSIVE, "5 records were lost", 0 },
};
/* clang-format on */

static void keep_error(void *who, const struct expect_error *err)
{
	*(struct expect_error *)who = *err;
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct expect_error err;
		struct expectations all;
		int ret = expectations_parse(&all, "f", str_from(good[i].line), keep_error, &err);

		if (!good[i].text) { /* the arrow stands for itself */
			assert_int_equal(ret, -EINVAL);
			expectations_finish(&all);
			continue;
		}
		if (ret)
			fail_msg("%s: expected %s at %zu", good[i].line, err.what.expected,
				 err.what.at);
		assert_int_equal(all.n, 1);
		assert_true(str_eq(all.at[0].name, str_from(good[i].name)));
		if (!str_eq(all.at[0].text, str_from(good[i].text)))
			fail_msg("%.*s", STR_ARG(all.at[0].text));
		assert_int_equal(all.at[0].all, good[i].all);
		assert_int_equal(all.at[0].min, good[i].min);
		assert_int_equal(all.at[0].max, good[i].max);
		expectations_finish(&all);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct expect_error err = { 0 };
		struct expectations all;

		if (expectations_parse(&all, "f", str_from(bad[i].line), keep_error, &err) !=
		    -EINVAL)
			fail_msg("%s: is no expectation", bad[i].line);
		if (err.what.at != bad[i].at || err.what.n != bad[i].n ||
		    strncmp(err.what.expected, bad[i].expected, strlen(bad[i].expected)))
			fail_msg("%s: expected %s at %zu, %zu bytes", bad[i].line,
				 err.what.expected, err.what.at, err.what.n);
		assert_int_equal(err.what.guess != NULL, bad[i].guess != NULL);
		if (bad[i].guess)
			assert_string_equal(err.what.guess, bad[i].guess);
		expectations_finish(&all);
	}
}

/* Comments and empty lines do not count, but their lines do; each wrong line is told. */
static void test_lines(void **state)
{
	static const char text[] = "# a file\n\n  \t\nsome tcp => sent\n#\nnone x => y\nall tcp\n"
				   "last: none udp => sent";
	struct expect_error err = { 0 };
	struct expectations all;

	(void)state;
	assert_int_equal(expectations_parse(&all, "f", str_from(text), keep_error, &err), -EINVAL);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.at[0].line, 4);
	assert_int_equal(all.at[1].line, 8);
	assert_int_equal(err.line, 7);
	expectations_finish(&all);
}

/* A line that ends with a backslash goes on; what is wrong is told where it stands. */
static void test_continued(void **state)
{
	static const char text[] = "# no \\\nx: some tcp \\\n  and dport 80 \\\n => sent\n"
				   "y: some udp \\\n\t=> snt\nz: none udp => lost \\";
	struct expect_error err = { 0 };
	struct expectations all;

	(void)state;
	assert_int_equal(expectations_parse(&all, "f", str_from(text), keep_error, &err), -EINVAL);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.at[0].line, 2);
	assert_true(str_eq(all.at[0].text, STR("some tcp     and dport 80    => sent")));
	assert_int_equal(err.line, 7);
	assert_int_equal(err.what.at, 20);
	expectations_finish(&all);
	assert_int_equal(
		expectations_parse(&all, "f", STR("some udp \\\n\t=> snt\n"), keep_error, &err),
		-EINVAL);
	assert_int_equal(err.line, 2);
	assert_true(str_eq(err.text, STR("\t=> snt")));
	assert_int_equal(err.what.at, 4);
	assert_int_equal(err.what.n, 3);
	assert_string_equal(err.what.guess, "sent");
	expectations_finish(&all);
}

static void check_answer(const struct model *m, size_t i)
{
	struct expectations all;
	struct expect_error err;
	struct expect_run run;
	const struct expect_result *r;
	int ret = expectations_parse(&all, "f", str_from(answers[i].line), keep_error, &err);

	if (answers[i].answer == EXPECT_ANSWER_MAX) {
		assert_int_equal(ret, -EINVAL);
		expectations_finish(&all);
		return;
	}
	assert_int_equal(ret, 0);
	assert_int_equal(expect_start(&run, &all), 0);
	for (size_t k = 0; k < model_packet_count(m); k++)
		expect_packet(&run, m, model_packet_at(m, k));
	assert_int_equal(expect_end(&run, m), 0);
	r = &run.results[0];
	if (r->answer != answers[i].answer ||
	    (answers[i].reason && strcmp(r->reason, answers[i].reason)))
		fail_msg("%c: %s: answer %d, %s", answers[i].how, answers[i].line, (int)r->answer,
			 r->reason);
	if ((r->packet ? r->packet->no : 0) != answers[i].packet)
		fail_msg("%s: shows packet %d", answers[i].line,
			 r->packet ? (int)r->packet->no : 0);
	assert_int_equal(expect_worst(&run), answers[i].answer);
	expect_finish(&run);
	expectations_finish(&all);
}

static struct model *with_loss(const struct ruleset *rules)
{
	static const char line[] = "<4>[ 20.0] rsyslogd: imuxsock lost 5 messages from pid 1 due "
				   "to rate-limiting";
	struct record rec = { .data = str_from(line), .whole = true, .line = 30, .lines = 1 };
	struct model *m = log_model(rules, NULL);

	assert_int_equal(model_feed(m, &rec), 0);
	model_end(m);
	assert_int_equal(model_stats(m)->lost, 5);
	return m;
}

/* No packet comes by `in`, and none of it is traced. */
static const char guard[] =
	"table ip guard {\n\tchain fwd {\n\t\ttype filter hook forward priority 5; policy accept;\n"
	"\t\tip saddr 192.0.2.1 drop\n\t}\n\tchain in {\n"
	"\t\ttype filter hook input priority 5; policy accept;\n\t\tip saddr 192.0.2.1 drop\n"
	"\t}\n}\n";

static void test_answers(void **state)
{
	struct ruleset *rs = log_rules(NULL), *both = log_rules(guard);
	struct model *models[] = {
		['i' - 'a'] = log_model(rs, NULL),
		['b' - 'a'] = log_model(NULL, NULL),
		['l' - 'a'] = with_loss(rs),
		['s' - 'a'] = log_model(both, NULL),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		check_answer(models[answers[i].how - 'a'], i);
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++)
		model_destroy(models[i]);
	ruleset_destroy(rs);
	ruleset_destroy(both);
}

/* Where nothing was traced, nothing is proved: not even `none`. */
static void test_nothing_seen(void **state)
{
	struct model_config config = model_config_default();
	struct model *m = model_create(&config, NULL);
	struct expectations all;
	struct expect_error err;
	struct expect_run run;

	(void)state;
	model_end(m);
	assert_int_equal(expectations_parse(&all, "f", STR("none tcp => sent"), keep_error, &err),
			 0);
	assert_int_equal(expect_start(&run, &all), 0);
	assert_int_equal(expect_end(&run, m), 0);
	assert_int_equal(run.results[0].answer, EXPECT_INCONCLUSIVE);
	assert_string_equal(run.results[0].reason, "no packet was seen at all: nothing was traced");
	expect_finish(&run);
	expectations_finish(&all);
	model_destroy(m);
}

/* More would have come: what was seen stands, what was not may still be. */
static void test_cut(void **state)
{
	static const char text[] = "some tcp => forwarded\n"
				   "none tcp => forwarded\n"
				   "some dst 192.0.2.250 => forwarded\n"
				   "none dst 192.0.2.250 => forwarded\n";
	static const enum expect_answer want[] = { EXPECT_PASSED, EXPECT_FAILED,
						   EXPECT_INCONCLUSIVE, EXPECT_INCONCLUSIVE };
	struct model *m = log_model(NULL, NULL);
	struct expectations all;
	struct expect_error err;
	struct expect_run run;

	(void)state;
	assert_int_equal(expectations_parse(&all, "f", str_from(text), keep_error, &err), 0);
	assert_int_equal(expect_start(&run, &all), 0);
	run.cut = "it was ended";
	for (size_t k = 0; k < model_packet_count(m); k++)
		expect_packet(&run, m, model_packet_at(m, k));
	assert_int_equal(expect_end(&run, m), 0);
	for (size_t i = 0; i < all.n; i++)
		assert_int_equal(run.results[i].answer, want[i]);
	assert_string_equal(run.results[3].reason, "it was ended");
	expect_finish(&run);
	expectations_finish(&all);
	model_destroy(m);
}

/* A packet that was given up before it was judged may have broken any promise. */
static void test_given_up(void **state)
{
	struct model *m = log_model(NULL, NULL);
	struct expectations all;
	struct expect_error err;
	struct expect_run run;

	(void)state;
	assert_int_equal(
		expectations_parse(&all, "f", STR("none tcp => delivered"), keep_error, &err), 0);
	assert_int_equal(expect_start(&run, &all), 0);
	for (size_t k = 2; k < model_packet_count(m); k++)
		expect_packet(&run, m, model_packet_at(m, k));
	assert_int_equal(expect_end(&run, m), 0);
	assert_int_equal(run.results[0].answer, EXPECT_INCONCLUSIVE);
	assert_string_equal(run.results[0].reason, "2 packets could not be kept until the end");
	expect_finish(&run);
	expectations_finish(&all);
	model_destroy(m);
}

/* The worst answer of a file: failed before inconclusive before passed. */
static void test_worst(void **state)
{
	static const struct {
		const char *text;
		enum expect_answer worst;
	} files[] = {
		{ "some tcp => sent\nall icmp => sent\nsome tcp => forwarded", EXPECT_FAILED },
		{ "some tcp => forwarded\nall icmp => sent", EXPECT_INCONCLUSIVE },
		{ "some tcp => forwarded", EXPECT_PASSED },
	};
	struct model *m = log_model(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct expectations all;
		struct expect_error err;
		struct expect_run run;

		assert_int_equal(
			expectations_parse(&all, "f", str_from(files[i].text), keep_error, &err),
			0);
		assert_int_equal(expect_start(&run, &all), 0);
		for (size_t k = 0; k < model_packet_count(m); k++)
			expect_packet(&run, m, model_packet_at(m, k));
		expect_end(&run, m);
		assert_int_equal(expect_worst(&run), files[i].worst);
		expect_finish(&run);
		expectations_finish(&all);
	}
	model_destroy(m);
}

/* Only protocols: NAT changes the rest, and a reply needs its request. */
static void test_traced(void **state)
{
	static const struct {
		const char *text, *want;
	} files[] = {
		{ "some tcp dport 80 => sent", "tcp" },
		{ "some tcp => sent\nall udp and dst 10.0.0.1 => sent", "proto {6,17}" },
		{ "some (tcp or icmp) and iif lan0 => sent", "proto {1,6}" },
		{ "some flags syn => sent", "tcp" },
		{ "some tcp and not udp => udp", "tcp" },
		{ "some dport 53 => sent", "ip or ip6" },
		{ "some not tcp => sent", "ip or ip6" },
		{ "some tcp => sent\nsome src 10.0.0.1 => sent", "ip or ip6" },
		{ "some tcp and udp => sent", "ip or ip6" },
		{ "some reply and proto 132 => sent", "sctp" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct expectations all;
		struct expect_error err;
		struct query *q;
		char buf[128];
		size_t n;

		assert_int_equal(
			expectations_parse(&all, "f", str_from(files[i].text), keep_error, &err),
			0);
		assert_int_equal(expect_trace(&all, &q), 0);
		n = query_print(q, buf, sizeof(buf) - 1);
		buf[n] = '\0';
		assert_string_equal(buf, files[i].want);
		query_destroy(q);
		expectations_finish(&all);
	}
}

/* What the user's own filter leaves out was not seen for that reason: no promise about it holds. */
static void test_narrowed(void **state)
{
	/* clang-format off */
	static const struct {
		const char *filter, *line;
		enum expect_answer answer;
	} rows[] = {
		{ "tcp dport 80", "none tcp dport 23 => forwarded", EXPECT_INCONCLUSIVE },
		{ "tcp dport 80", "all tcp dport 23 => forwarded", EXPECT_INCONCLUSIVE },
		{ "tcp dport 80", "some tcp dport {23,24} => forwarded", EXPECT_INCONCLUSIVE },
		{ "tcp dport 80", "none tcp dport 20-80 and iif nic9 => forwarded", EXPECT_PASSED },
		{ "tcp port 80", "none tcp dport 23 => forwarded", EXPECT_INCONCLUSIVE },
		{ "tcp sport 80", "none tcp dport 23 => forwarded", EXPECT_PASSED },
		{ "dport 80 or dport 23", "none dport 23 => forwarded", EXPECT_PASSED },
		{ "dport 80 or dport 24", "none dport 23 => forwarded", EXPECT_INCONCLUSIVE },
		{ "not dport 80", "none dport 23 => forwarded", EXPECT_PASSED },
		{ "udp", "none flags syn and dport 23 => forwarded", EXPECT_INCONCLUSIVE },
		{ "udp", "none dport 23 => forwarded", EXPECT_PASSED },
		{ "ip6", "none ip and dport 23 => forwarded", EXPECT_INCONCLUSIVE },
		{ "iif lan0", "none iif wan0 and dport 23 => forwarded", EXPECT_INCONCLUSIVE },
		{ "iif lan*", "none iif lan0 and dport 23 => forwarded", EXPECT_PASSED },
		{ "iif lan*", "none iif *0 and dport 23 => forwarded", EXPECT_PASSED },
		/* what was selected in spite of it was seen */
		{ "udp", "all flags syn => forwarded", EXPECT_PASSED },
	};
	/* clang-format on */
	struct ruleset *rs = log_rules(NULL);
	struct model *m = log_model(rs, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expectations all;
		struct expect_error err;
		struct query_error wrong;
		struct expect_run run;
		struct query *q;

		assert_int_equal(query_parse(str_from(rows[i].filter), &q, &wrong), 0);
		assert_int_equal(
			expectations_parse(&all, "f", str_from(rows[i].line), keep_error, &err), 0);
		assert_int_equal(expect_start(&run, &all), 0);
		run.narrows[0] = (struct expect_narrow){ "-t", q };
		for (size_t k = 0; k < model_packet_count(m); k++)
			expect_packet(&run, m, model_packet_at(m, k));
		assert_int_equal(expect_end(&run, m), 0);
		if (run.results[0].answer != rows[i].answer)
			fail_msg("%s, -t '%s': answer %d, %s", rows[i].line, rows[i].filter,
				 (int)run.results[0].answer, run.results[0].reason);
		expect_finish(&run);
		expectations_finish(&all);
		query_destroy(q);
	}
	model_destroy(m);
	ruleset_destroy(rs);
}

static void test_learned(void **state)
{
	struct ruleset *rs = log_rules(NULL);
	struct model *m = log_model(rs, NULL);
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	assert_int_equal(expect_learn(out, m), 0);
	fclose(out);
	assert_string_equal(
		text,
		"# learned from 6 packets; nfhop-check(7) says how to read it\n"
		"all   iif zt7 and tcp and dst 198.51.100.9 and dport 443 and flags syn,!ack and "
		"not reply  =>  forwarded and at filter:FORWARD:\"allow https\" and at "
		"nat:POSTROUTING:rule:1\n"
		"all   iif eth1 and tcp and src 198.51.100.9 and sport 443 and flags syn,ack and "
		"reply  =>  forwarded and at filter:FORWARD:rule:2\n"
		"all   iif zt7 and tcp and dst 10.0.0.9 and dport 8080 and flags !syn  =>  "
		"stopped at filter:WEB:\"no proxy\"\n"
		"all   iif zt7 and udp and dst 10.0.0.9 and not reply  =>  stopped at "
		"filter:FORWARD:policy\n"
		"all   oif eth1 and udp and dst 198.51.100.53 and dport 53 and not reply  =>  "
		"sent\n"
		"# packets of which nothing could be learned: 1\n");
	free(text);
	model_destroy(m);
	ruleset_destroy(rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	 cmocka_unit_test(test_bad),
		cmocka_unit_test(test_lines),	 cmocka_unit_test(test_continued),
		cmocka_unit_test(test_answers),	 cmocka_unit_test(test_nothing_seen),
		cmocka_unit_test(test_worst),	 cmocka_unit_test(test_cut),
		cmocka_unit_test(test_given_up), cmocka_unit_test(test_traced),
		cmocka_unit_test(test_narrowed), cmocka_unit_test(test_learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
