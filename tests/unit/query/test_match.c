/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_match.c - filters held against packets: which hold, which do not, which cannot be told */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "log.h"

/* clang-format off */
/* @holds: for the packets, with the rules known and without; @judged: y, n, ? for each packet
 * of the whole, NULL where it is not checked */
static const struct row {
	const char *filter, *holds, *bare, *judged;
} rows[] = {
	{ "host 192.168.7.0/24", "12346", NULL, NULL },
	{ "host 198.51.100.9", "12", "12", "yynnnn" },
	{ "src 203.0.113.1", "15", "15", NULL },         /* 1 by SNAT; 5 of its own */
	{ "dst 203.0.113.1", "2", "2", NULL },           /* before the answer is turned back */
	{ "dst 192.168.7.2", "2", "2", NULL },           /* and after */
	{ "src {192.168.7.3, 192.168.7.4}", "34", "34", NULL },
	{ "src ::/0", "", "", "nnnnnn" }, { "src 0.0.0.0/0", "123456", "123456", NULL },
	{ "ip and not ip6", "123456", "123456", NULL },
	{ "tcp", "123", "123", "yyynnn" }, { "udp", "45", "45", NULL }, { "icmp", "6", "6", NULL },
	{ "proto {1,17}", "456", "456", NULL },
	{ "port 443", "12", "12", "yyn?nn" }, { "dport https", "1", "1", NULL },
	{ "sport 4000-4001", "13", "13", NULL }, { "dport {53,8080}", "35", "35", NULL },
	{ "not port 443", "3456", "3456", "nny?yy" }, /* for a filter, a fragment has no port */
	{ "iif zt+", "1346", "1346", NULL }, { "iif eth?", "2", "2", NULL },
	{ "iif *", "12346", "12346", NULL }, { "oif zt7", "2", "2", "nynnn?" },
	{ "oif eth1", "1345", "1345", NULL },
	{ "flags syn", "12", "12", "yynnnn" }, { "flags syn,ack", "2", "2", NULL },
	{ "flags syn,!ack", "1", "1", NULL }, { "flags !syn", "3", "3", NULL },
	{ "mark 0x17", "1", "1", NULL }, { "mark 0x7/0xf", "1", "1", NULL }, { "mark 0/0x10", "123456", NULL, NULL },
	{ "ttl 64", "13456", "13456", NULL }, { "ttl < 64", "2", "2", NULL }, { "ttl != 60", "13456", NULL, NULL },
	{ "length > 1000", "3", "3", NULL }, { "length <= 60", "12", NULL, NULL },
	{ "length >= 100", "34", NULL, NULL },
	{ "uid 1000", "5", "5", "????y?" }, { "uid 0-999", "", "", "????n?" },
	{ "at filter:FORWARD", "1234", "1234", "yyyyn?" },
	{ "at filter:FORWARD:rule", "123", "123", "yyynn?" },
	{ "at filter:FORWARD:rule:2", "2", "2", "nynnn?" },
	{ "at filter:FORWARD:policy", "4", "4", NULL }, { "at *:WEB", "3", "3", NULL },
	{ "at *:POST*:policy", "125", "125", NULL },
	{ "at filter:FORWARD:\"allow https\"", "1", "", "ynnnn?" },
	{ "at mangle:PREROUTING:rule:#3", "", "", "?nnnn?" },
	{ "stopped", "34", "3", "nnyyn?" }, { "stopped at filter:WEB:rule:2", "3", "3", "nnynn?" },
	{ "stopped at filter:*:\"no proxy\"", "3", "", "nnynn?" },
	{ "stopped at filter:FORWARD:policy", "4", "", NULL },
	{ "not stopped", "1256", "12456", "yynny?" },
	{ "forwarded", "12", "12", "yynnn?" }, { "sent", "5", "5", "nnnny?" },
	{ "outcome {dropped,unknown}", "346", "346", "nnyyny" },
	{ "unknown", "6", "46", "nnnnny" }, { "not dropped", "1256", "12456", "yynny?" },
	{ "nat", "12", "12", "yynnn?" }, { "snat", "1", "1", NULL }, { "dnat", "2", "2", NULL },
	{ "reply", "2", "2", "ny?nnn" }, { "host-name *", "", "", NULL },
	{ "path ~ \"WEB:rule:2$\"", "3", "3", "nnynn?" }, { "path ~ \"^log$\"", "6", "6", NULL },
	{ "text ~ \"--dport 8080\"", "3", "", "nnynn?" },
	{ "prefix ~ \"^web\"", "6", "6", "nnnnny" },
	{ "since +2", "3456", "3456", "nnyyyy" }, { "until +2.0", "123", "123", NULL },
	{ "since +1.1 and until +3", "234", "234", NULL }, { "since 14:58", "", "", "??????" },
	{ "tcp and not (flags syn or stopped)", "", "", NULL },
	{ "tcp or udp and dport 53", "1235", "1235", NULL },
	{ "(tcp or udp) and dport 53", "5", "5", "nnn?yn" },
};
/* clang-format on */

static struct query *parse(const char *text)
{
	struct query_error err;
	struct query *q;

	if (query_parse(str_from(text), &q, &err))
		fail_msg("%s: expected %s", text, err.expected);
	return q;
}

static const struct packet *packet_no(const struct model *m, uint64_t no)
{
	for (size_t i = 0; i < model_packet_count(m); i++)
		if (model_packet_at(m, i)->no == no)
			return model_packet_at(m, i);
	fail();
	return NULL;
}

static void check_match(const struct model *m, const struct row *row, const char *want)
{
	struct query *q = parse(row->filter);
	char got[LOG_PACKETS + 1] = "", dotless[16] = "";

	for (uint64_t no = 1; no <= LOG_PACKETS; no++)
		if (query_match(q, m, packet_no(m, no)))
			got[strlen(got)] = (char)('0' + no);
	for (const char *c = want; *c; c++)
		if (*c != '.')
			dotless[strlen(dotless)] = *c;
	if (strcmp(got, dotless))
		fail_msg("%s: holds for \"%s\", should for \"%s\"", row->filter, got, dotless);
	query_destroy(q);
}

static void check_judge(const struct model *m, const struct row *row)
{
	struct query *q = parse(row->filter);
	char got[LOG_PACKETS + 1] = "";

	for (uint64_t no = 1; no <= LOG_PACKETS; no++) {
		struct query_doubt doubt = { 0 };
		enum match match = query_judge(q, m, packet_no(m, no), &doubt);

		got[no - 1] = "n?y"[match];
		assert_int_equal(doubt.kind != QUERY_DOUBT_NONE, match == MATCH_UNKNOWN);
		assert_int_equal(doubt.node != NULL, match == MATCH_UNKNOWN);
	}
	if (strcmp(got, row->judged))
		fail_msg("%s: judged %s, should be %s", row->filter, got, row->judged);
	query_destroy(q);
}

static void test_packets(void **state)
{
	struct ruleset *rs = log_rules(NULL);
	struct model *m = log_model(rs, NULL), *bare = log_model(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_match(m, &rows[i], rows[i].holds);
		if (rows[i].bare)
			check_match(bare, &rows[i], rows[i].bare);
		if (rows[i].judged)
			check_judge(m, &rows[i]);
	}
	model_destroy(m);
	model_destroy(bare);
	ruleset_destroy(rs);
}

/* As a view asks: for some way of the flow. */
static bool match_flow(const struct query *q, const struct model *m, const struct flow *flow)
{
	for (uint32_t i = 0; i < flow->n_paths; i++)
		if (query_match_way(q, m, flow, &flow->paths[i]))
			return true;
	return false;
}

/* A flow matches where one of its packets does: asked of packets, of classes and of samples. */
static void test_flows(void **state)
{
	struct ruleset *rs = log_rules(NULL);
	struct model *m = log_model(rs, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct query *q = parse(rows[i].filter);
		bool want[LOG_PACKETS + 1] = { false };

		for (uint64_t no = 1; no <= LOG_PACKETS; no++)
			if (query_match(q, m, packet_no(m, no)))
				want[model_flow_of(m, packet_no(m, no))->no] = true;
		for (size_t k = 0; k < model_flow_count(m); k++) {
			const struct flow *flow = model_flow_at(m, k);
			bool classes = false;

			for (uint32_t j = 0; flow && j < flow->n_paths; j++) {
				const struct flow_path *fp = &flow->paths[j];
				uint64_t class = query_class(q, m, fp->sample);

				classes |= query_match_class(q, m, flow, fp, class);
			}
			if (flow &&
			    (classes != want[flow->no] || match_flow(q, m, flow) != want[flow->no]))
				fail_msg("%s: flow %u", rows[i].filter, flow->no);
		}
		query_destroy(q);
	}
	model_destroy(m);
	ruleset_destroy(rs);
}

/* A model with the filter shows the packets for which it holds, however few samples are kept. */
static void test_shown(void **state)
{
	struct ruleset *rs = log_rules(NULL);

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		struct query *q = parse(rows[i / 2].filter);
		struct model_config config = model_config_default();
		uint64_t packets, flows, want = 0, in_flows = 0;
		struct model *m;

		config.filter = query_filter(q);
		config.max_samples = i % 2 ? 0 : 100;
		m = log_model(rs, &config);
		for (const char *c = rows[i / 2].holds; *c; c++)
			want += *c != '.';
		model_count_shown(m, &packets, &flows);
		for (size_t k = 0; k < model_flow_count(m); k++)
			in_flows += model_flow_at(m, k) != NULL;
		if (packets != want)
			fail_msg("%s: %d packets shown", rows[i / 2].filter, (int)packets);
		assert_int_equal(flows, in_flows);
		model_destroy(m);
		query_destroy(q);
	}
	ruleset_destroy(rs);
}

/* Without samples a flow still knows its addresses, ports and ways. */
static void test_flows_without_samples(void **state)
{
	static const struct {
		const char *filter;
		const char *flows;
	} cases[] = {
		{ "dst 10.0.0.9", "235" }, { "dport 443", "1" },	{ "reply", "1" },
		{ "tcp", "12" },	   { "src 203.0.113.1", "14" }, { "flags syn", "" },
		{ "icmp and port 9", "" }, { "at filter:WEB", "2" },	{ "sport 443", "1" },
	};
	struct model_config config = model_config_default();
	struct model *m;

	(void)state;
	config.max_samples = 0;
	m = log_model(NULL, &config);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct query *q = parse(cases[i].filter);
		char got[16] = "";

		for (size_t k = 0; k < model_flow_count(m); k++)
			if (model_flow_at(m, k) && match_flow(q, m, model_flow_at(m, k)))
				got[strlen(got)] = (char)('0' + model_flow_at(m, k)->no);
		if (strcmp(got, cases[i].flows))
			fail_msg("%s: flows %s", cases[i].filter, got);
		query_destroy(q);
	}
	model_destroy(m);
}

#define WALL(seconds) (INT64_C(1000000000) * (seconds))
#define NOON	      INT64_C(1795521600) /* 2026-11-24T12:00:00 as UTC */

/* A time without a zone is the clock that stands in the log; one with a zone is that instant. */
static void test_times(void **state)
{
	static const struct {
		struct stamp stamp;
		const char *filter;
		char holds; /* y, n, or ? where the stamp does not tell */
	} cases[] = {
		{ { .wall_ns = WALL(NOON), .have = STAMP_WALL }, "since 2026-11-24T12:00", 'y' },
		{ { .wall_ns = WALL(NOON), .have = STAMP_WALL }, "until 2026-11-24T12:00", 'y' },
		{ { .wall_ns = WALL(NOON), .have = STAMP_WALL },
		  "since 2026-11-24T12:00:00.1",
		  'n' },
		{ { .wall_ns = WALL(NOON), .have = STAMP_WALL }, "until 2026-11-24", 'n' },
		{ { .wall_ns = WALL(NOON), .have = STAMP_WALL }, "since 11:59", 'y' },
		{ { .wall_ns = WALL(NOON), .have = STAMP_WALL }, "since 12:01", 'n' },
		{ { .wall_ns = WALL(NOON), .have = STAMP_WALL }, "since +5", '?' },
		/* the log says 14:00+02:00: the same instant */
		{ { .wall_ns = WALL(NOON), .zone_min = 120, .have = STAMP_WALL | STAMP_ZONE },
		  "until 2026-11-24T13:59",
		  'n' },
		{ { .wall_ns = WALL(NOON), .zone_min = 120, .have = STAMP_WALL | STAMP_ZONE },
		  "since 2026-11-24T14:00",
		  'y' },
		{ { .wall_ns = WALL(NOON), .zone_min = 120, .have = STAMP_WALL | STAMP_ZONE },
		  "until 2026-11-24T12:00:00Z",
		  'y' },
		{ { .wall_ns = WALL(NOON), .zone_min = 120, .have = STAMP_WALL | STAMP_ZONE },
		  "since 2026-11-24T07:00:01-05:00",
		  'n' },
		{ { .wall_ns = WALL(NOON), .zone_min = 720, .have = STAMP_WALL | STAMP_ZONE },
		  "until 00:00",
		  'y' },
		{ { .wall_ns = WALL(43200), .have = STAMP_WALL | STAMP_NO_DATE },
		  "since 11:59",
		  'y' },
		{ { .wall_ns = WALL(43200), .have = STAMP_WALL | STAMP_NO_DATE },
		  "since 2026-11-24",
		  '?' },
		{ { .up_ns = WALL(5), .have = STAMP_UP }, "since +5", 'y' },
		{ { .up_ns = WALL(5), .have = STAMP_UP }, "until +4.999999999", 'n' },
		{ { .up_ns = WALL(5), .have = STAMP_UP }, "since @5", '?' },
		{ { .wall_ns = WALL(5), .have = STAMP_WALL }, "since @5", 'y' },
		{ { .have = 0 }, "since 12:00", '?' },
	};
	struct model *m = log_model(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hop hop = { .stamp = cases[i].stamp };
		struct packet packet = { .n_hops = 1, .hops = &hop };
		struct query *q = parse(cases[i].filter);
		enum match match = query_judge(q, m, &packet, NULL);

		if ("n?y"[match] != cases[i].holds)
			fail_msg("%d: %s: %c", (int)i, cases[i].filter, "n?y"[match]);
		query_destroy(q);
	}
	model_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_flows_without_samples),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
