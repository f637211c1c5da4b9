/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_parse.c - filters in, their printed form or what is wrong with them out */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nfhop/query.h"

/* clang-format off */
static const struct {
	const char *text, *want; /* NULL: the same */
} good[] = {
	{ "tcp", NULL }, { "host 10.0.0.9", NULL }, { "src 10.0.0.0/8", NULL },
	{ "dst 2001:db8::/32", NULL }, { "src 10.1.2.3/8", "src 10.0.0.0/8" },
	{ "host ::ffff:10.0.0.1", "host 10.0.0.1" }, { "host 0.0.0.0/0", NULL },
	{ "src ::/0", NULL }, { "src {10.0.0.1, 10.0.0.2/31}", "src {10.0.0.1,10.0.0.2/31}" },
	{ "port 80", NULL }, { "dport https", "dport 443" }, { "sport 8000-8100", NULL },
	{ "dport {80,443, 8000-8100 }", "dport {80,443,8000-8100}" },
	{ "dport 80,443", "dport {80,443}" }, { "dport {22}", "dport 22" },
	{ "dport ftp-data", "dport 20" }, { "dport ftp-data-ssh", "dport 20-22" },
	{ "dport 0x50", "dport 80" },
	{ "proto 6", "tcp" }, { "proto {6,17}", NULL }, { "proto ospf", "proto 89" },
	{ "ip6", NULL }, { "arp", NULL },
	{ "iif zt+", "iif zt*" }, { "oif \"zt+\"", NULL }, { "iif {eth0,eth1}", NULL },
	{ "iif \"and\"", NULL }, { "iif a\\", "iif \"a\\\\\"" }, { "iif \"a\\b\\\\\"", "iif \"a\\\\b\\\\\"" }, { "oif br-lan.7@x", NULL },
	{ "flags syn", NULL }, { "flags syn,ack", NULL }, { "flags ack , syn", "flags syn,ack" },
	{ "flags !rst", NULL }, { "flags syn,!ack", NULL },
	{ "mark 7", "mark 0x7" }, { "mark 0x10/0xff", NULL }, { "mark {1,2}", "mark {0x1,0x2}" },
	{ "ttl 64", "ttl = 64" }, { "ttl<=3", "ttl <= 3" }, { "length != 40", NULL },
	{ "length == 40", "length = 40" }, { "length >1500", "length > 1500" },
	{ "uid 1000", NULL }, { "uid 1000-1999", NULL },
	{ "at filter:FORWARD", NULL }, { "at *:*:rule", NULL }, { "at filter:FORWARD:rule:7", NULL },
	{ "at filter:INPUT:policy", NULL }, { "at filter:WEB:return", NULL },
	{ "at inet:forward:rule:#12", NULL },
	{ "at filter:FORWARD:\"allow web\"", NULL }, { "at \"my table\":\"my chain\"", NULL },
	{ "at filter:FORWARD:\"say \\\"hi\\\" : x\"", NULL },
	{ "stopped", NULL }, { "stopped at filter:FORWARD:rule:7", NULL },
	{ "outcome dropped", "dropped" }, { "outcome {dropped,lost}", NULL },
	{ "dropped", NULL }, { "forwarded", NULL }, { "unknown", NULL },
	{ "nat", NULL }, { "snat or dnat", NULL }, { "reply", NULL },
	{ "host-name gw*", NULL }, { "path ~ \"^raw:.*policy\"", NULL },
	{ "text ~ \"--dport 80\\b\"", NULL }, { "prefix ~ \"a\\\"b\\\\\"", NULL },
	{ "since 2026-11-22T14:58:09", NULL }, { "until \"2026-11-22 14:58\"", "until 2026-11-22T14:58:00" },
	{ "since 2026-11-22", "since 2026-11-22T00:00:00" },
	{ "since 2026-11-22T15:58:09.25+01:00", "since 2026-11-22T14:58:09.25Z" },
	{ "since 14:58", "since 14:58:00" }, { "until +12.5", "until +12.5" },
	{ "since @86400", "since 1970-01-02T00:00:00Z" }, { "since 2024-02-29", "since 2024-02-29T00:00:00" },
	{ "tcp dport 80", "tcp and dport 80" }, { "not tcp dport 80", "not (tcp and dport 80)" },
	{ "udp port domain or tcp flags syn", "udp and port 53 or tcp and flags syn" },
	{ "tcp && !udp || arp", "tcp and not udp or arp" },
	{ "a:b", "" },
	{ "(tcp)", "tcp" }, { "tcp and (udp and arp)", "tcp and udp and arp" },
	{ "(tcp or udp) and arp", NULL }, { "tcp or (udp and arp)", "tcp or udp and arp" },
	{ "not not tcp", NULL }, { "not (tcp or udp)", NULL }, { "!(tcp)", "not tcp" },
	{ "tcp or (udp or (arp or ip6))", "tcp or udp or arp or ip6" },
	{ "\ttcp\nand\r\nudp ", "tcp and udp" },
};

static const struct {
	const char *text;
	size_t at, n;
	const char *want; /* what the sentence begins with */
} bad[] = {
	{ "", 0, 0, "expected a filter's word, as src, dport, tcp, iif, at or stopped at its end" },
	{ "tpc", 0, 3, "expected a filter's word, as src, dport, tcp, iif, at or stopped, found tpc; "
			"did you mean tcp?" },
	{ "src", 3, 0, "expected an address" }, { "src 10.0.0", 4, 6, "expected an address" },
	{ "src 10.0.0.256", 4, 10, "expected an address" },
	{ "src 10.0.0.0/33", 4, 11, "expected an address" },
	{ "src 2001:db8::/129", 4, 14, "expected an address" },
	{ "src port 80", 4, 4, "expected an address or a prefix, as 10.0.0.9, 10.0.0.0/8 or "
				"2001:db8::/32, found port; did you mean sport?" },
	{ "tcp dst port 80", 4, 3, "expected and, or, or the end of the filter, found dst; write dport, "
				   "as tcp dport 80" },
	{ "ip src 10.0.0.9", 3, 3, "expected and, or, or the end of the filter, found src; write "
				   "\"and\" in front of it" },
	{ "less 100", 0, 4, "expected a filter's word, as src, dport, tcp, iif, at or stopped, found "
			    "less; write length <= NUMBER" },
	{ "dst net 10.0.0.0/8", 4, 3, "expected an address or a prefix, as 10.0.0.9, 10.0.0.0/8 or "
				      "2001:db8::/32, found net; write dst 10.0.0.9 or" },
	{ "src or dst host 10.0.0.9", 4, 2, "expected an address or a prefix, as 10.0.0.9, 10.0.0.0/8 "
					    "or 2001:db8::/32, found or; write host ADDRESS" },
	{ "port 80 or 443", 11, 3, "expected a filter's word, as src, dport, tcp, iif, at or stopped, "
				   "found 443; several values are a list: port {80,443}" },
	{ "dport 65536", 6, 5, "expected a port" }, { "dport 90-80", 6, 5, "expected a port" },
	{ "dport htps", 6, 4, "expected a port: a number up to 65535, a service's name, a range as "
			      "8000-8100 or a list as {80,443}, found htps; did you mean https?" },
	{ "dport {80,443", 13, 0, "expected a comma or } in the list" },
	{ "dport {80 443}", 10, 3, "expected a comma or }" }, { "dport {}", 7, 1, "expected a port" },
	{ "dport 80,", 9, 0, "expected a port" }, { "dport -1", 6, 2, "expected a port" },
	{ "proto 256", 6, 3, "expected a protocol" }, { "proto all", 6, 3, "expected a protocol" },
	{ "iif and tcp", 4, 3, "expected a device" }, { "iif", 3, 0, "expected a device" },
	{ "flags", 5, 0, "expected TCP flags" }, { "flags sin", 6, 3, "expected TCP flags" },
	{ "flags syn,!syn", 11, 3, "expected a flag that is not asked for both ways" },
	{ "mark 0x1ffffffff", 5, 11, "expected a mark" }, { "mark 1/", 5, 2, "expected a mark" },
	{ "ttl 256", 4, 3, "expected a number up to 255" }, { "ttl <", 5, 0, "expected a number" },
	{ "length => 3", 8, 1, "expected a number up to 4294967295" },
	{ "at filter", 3, 6, "expected a place" }, { "at filter:", 3, 7, "expected a place" },
	{ "at filter:FORWARD:", 18, 0, "expected rule, policy" },
	{ "at filter:FORWARD:rul", 18, 3, "expected rule, policy, return, or the rule's comment" },
	{ "at filter:FORWARD:rule:", 23, 0, "expected a rule's number" },
	{ "at filter:FORWARD:rule:0", 23, 1, "expected a rule's number" },
	{ "at filter:FORWARD:rule:x", 23, 1, "expected a rule's number from 1, or #HANDLE" },
	{ "at filter:FORWARD:policy:3", 25, 1, "expected nothing more" },
	{ "at filter:FORWARD:\"x\":1", 22, 1, "expected nothing more" },
	{ "at filter:FORWARD:\"x", 3, 17, "expected a closing quote" },
	{ "stopped at", 10, 0, "expected a place" },
	{ "outcome droped", 8, 6, "expected one of forwarded" },
	{ "path \"x\"", 5, 3, "expected ~ and a regular expression in quotes, as path" },
	{ "path ~ x", 7, 1, "expected a regular expression in quotes" },
	{ "text ~ \"a(b\"", 7, 5, "expected a regular expression (byte 3: missing closing parenthesis" },
	{ "since 2026-13-01", 6, 10, "expected a time" }, { "since 2026-02-29", 6, 10, "expected a time" },
	{ "since 24:00", 6, 5, "expected a time" }, { "since yesterday", 6, 9, "expected a time" },
	{ "since 1970-01-01T00:00:00+01:00", 6, 25, "expected a time" },
	{ "tcp udp", 4, 3, "expected and, or, or the end of the filter" },
	{ "tcp adn udp", 4, 3, "expected and, or, or the end of the filter, found adn; did you mean and?" },
	{ "tcp and", 7, 0, "expected a filter's word" }, { "(tcp", 4, 0, "expected and, or, or a closing" },
	{ "tcp)", 3, 1, "expected and, or, or the end" }, { "not", 3, 0, "expected a filter's word" },
	{ "tcp & udp", 4, 1, "expected and, or, or the end" }, { "\"tcp\"", 0, 5, "expected a filter's word" },
	{ "tcp and \"", 8, 1, "expected a closing quote" },
	{ "\x1b[31m", 0, 5, "expected a filter's word, as src, dport, tcp, iif, at or stopped, found ?[31m" },
};
/* clang-format on */

static struct query *parse(const char *text, struct query_error *err)
{
	struct query *q;
	char *copy = strdup(text); /* without its NUL, so that ASan sees a byte too many */
	char *exact = malloc(strlen(text) ? strlen(text) : 1);

	memcpy(exact, copy, strlen(text));
	query_parse((struct str){ exact, strlen(text) }, &q, err);
	free(exact);
	free(copy);
	return q;
}

static const char *print(const struct query *q, char buf[1024])
{
	size_t n = query_print(q, buf, 1023);

	assert_true(n < 1024);
	buf[n] = '\0';
	return buf;
}

static bool same_tree(const struct query_node *a, const struct query_node *b)
{
	if (a->kind != b->kind || a->n_values != b->n_values || a->compare != b->compare ||
	    a->leaf != b->leaf || !str_eq(a->text, b->text) || !a->place != !b->place)
		return false;
	for (size_t i = 0; i < a->n_values; i++) {
		const struct query_value *x = &a->values[i], *y = &b->values[i];

		if (memcmp(&x->addr, &y->addr, sizeof(x->addr)) || x->prefix != y->prefix ||
		    x->family != y->family || x->from != y->from || x->to != y->to ||
		    !str_eq(x->text, y->text) || x->ns != y->ns || x->clock != y->clock)
			return false;
	}
	if (a->place && (!str_eq(a->place->table, b->place->table) ||
			 !str_eq(a->place->chain, b->place->chain) ||
			 !str_eq(a->place->comment, b->place->comment) ||
			 a->place->any != b->place->any || a->place->kind != b->place->kind ||
			 a->place->rule != b->place->rule || a->place->handle != b->place->handle))
		return false;
	for (a = a->child, b = b->child; a && b; a = a->next, b = b->next)
		if (!same_tree(a, b))
			return false;
	return !a && !b;
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		const char *want = good[i].want ? good[i].want : good[i].text;
		struct query_error err;
		struct query *q = parse(good[i].text, &err), *again;
		char buf[1024];

		if (!*want) {
			assert_null(q);
			continue;
		}
		if (!q)
			fail_msg("%s: expected %s at %zu", good[i].text, err.expected, err.at);
		assert_string_equal(print(q, buf), want);
		again = parse(buf, &err);
		assert_non_null(again);
		if (!same_tree(query_root(q), query_root(again)))
			fail_msg("%s: another tree", buf);
		query_destroy(q);
		query_destroy(again);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct query_error err;
		struct query *q = parse(bad[i].text, &err);
		char buf[512];

		if (q)
			fail_msg("%s: is no filter", bad[i].text);
		query_error_text(&err, str_from(bad[i].text), buf, sizeof(buf));
		if (strncmp(buf, bad[i].want, strlen(bad[i].want)))
			fail_msg("%s: %s", bad[i].text, buf);
		if (err.at != bad[i].at || err.n != bad[i].n)
			fail_msg("%s: at %zu, %zu bytes", bad[i].text, err.at, err.n);
	}
}

/* Deep nesting is refused, not a stack that overflows. */
static void test_depth(void **state)
{
	static const char *const openings[] = { "(", "not ", "! ", "( not " };

	(void)state;
	for (size_t k = 0; k < sizeof(openings) / sizeof(*openings); k++) {
		for (size_t n = 1; n <= 4096; n *= 2) {
			size_t length = strlen(openings[k]) * n;
			char *text = malloc(length + 8 + n);
			struct query_error err;
			struct query *q;
			bool parens = strchr(openings[k], '(');

			for (size_t i = 0; i < n; i++)
				memcpy(text + i * strlen(openings[k]), openings[k],
				       strlen(openings[k]));
			memcpy(text + length, "tcp", 3);
			memset(text + length + 3, ')', n);
			text[length + 3 + (parens ? n : 0)] = '\0';
			q = parse(text, &err);
			assert_int_equal(q != NULL, n * (k == 3 ? 2 : 1) <= QUERY_NESTING_MAX);
			if (!q)
				assert_string_equal(err.expected, "no more than 64 parentheses and "
								  "nots within each other");
			query_destroy(q);
			free(text);
		}
	}
}

static void test_many_primitives(void **state)
{
	char text[2048] = "tcp";
	struct query_error err;
	struct query *q;

	(void)state;
	for (size_t i = 1; i < QUERY_LEAVES_MAX; i++)
		strcat(text, " or tcp");
	q = parse(text, &err);
	assert_non_null(q);
	query_destroy(q);
	strcat(text, " or tcp");
	assert_null(parse(text, &err));
	assert_string_equal(err.expected, "no more than 64 primitives in one filter");
}

static void test_too_long(void **state)
{
	char *text = malloc(QUERY_TEXT_MAX + 1);
	struct query_error err;
	struct query *q;

	(void)state;
	memset(text, ' ', QUERY_TEXT_MAX + 1);
	memcpy(text, "tcp", 3);
	assert_int_equal(query_parse((struct str){ text, QUERY_TEXT_MAX + 1 }, &q, &err), -EINVAL);
	assert_string_equal(err.expected, "at most 65536 bytes");
	assert_int_equal(query_parse((struct str){ text, QUERY_TEXT_MAX }, &q, &err), 0);
	query_destroy(q);
	free(text);
}

static void test_joined(void **state)
{
	struct query_error err;
	const struct query *parts[3] = { parse("tcp or udp", &err), NULL, parse("not arp", &err) };
	struct query *q;
	char buf[1024];

	(void)state;
	assert_int_equal(query_all(parts, 3, &q), 0);
	assert_string_equal(print(q, buf), "(tcp or udp) and not arp");
	query_destroy(q);
	assert_int_equal(query_all(parts + 1, 1, &q), 0);
	assert_null(q);
	query_destroy((struct query *)parts[0]);
	query_destroy((struct query *)parts[2]);
}

/* A buffer that is too short gets the first bytes, and the answer is the whole length. */
static void test_short_buffer(void **state)
{
	struct query_error err;
	struct query *q = parse("src 10.0.0.0/8 and tcp", &err);
	char buf[8] = "#######";

	(void)state;
	assert_int_equal(query_print(q, buf, 6), 22);
	assert_string_equal(buf, "src 10#");
	query_destroy(q);
}

/* Every row of the table is a word that the parser knows, with its own help. */
static void test_table(void **state)
{
	const struct query_primitive *rows;
	size_t n = query_primitives(&rows);

	(void)state;
	assert_true(n > 40);
	for (size_t i = 0; i < n; i++) {
		struct query_error err;
		struct query *q = parse(rows[i].word, &err);

		assert_true(rows[i].help && *rows[i].help);
		if (!rows[i].argument || *rows[i].argument == '[')
			assert_int_equal(q != NULL,
					 rows[i].kind != QUERY_TTL && rows[i].kind != QUERY_LENGTH);
		else
			assert_int_equal(err.at, strlen(rows[i].word));
		query_destroy(q);
	}
	assert_true(query_in_kernel(QUERY_SRC) && !query_in_kernel(QUERY_OIF));
	assert_string_equal(query_word(QUERY_OUTCOME), "outcome");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	     cmocka_unit_test(test_bad),
		cmocka_unit_test(test_depth),	     cmocka_unit_test(test_many_primitives),
		cmocka_unit_test(test_too_long),     cmocka_unit_test(test_joined),
		cmocka_unit_test(test_short_buffer), cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
