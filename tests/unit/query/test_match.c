/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_match.c - filters held against packets: which hold, which do not, which cannot be told */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nfhop/query.h"
#include "nfhop/split.h"

/* clang-format off */
#define HOP(up, place, devices, rest) "<4>[ " up "] TRACE: " place " " devices " " rest " \n"
#define LOG(up, prefix, devices, rest) "<4>[ " up "] " prefix " " devices " " rest " \n"
#define IP(src, dst, len, ttl, id) \
	"SRC=" src " DST=" dst " LEN=" len " TOS=0x00 PREC=0x00 TTL=" ttl " ID=" id " "
#define TCP(ports, flags) "PROTO=TCP " ports " SEQ=1 ACK=0 WINDOW=64240 RES=0x00 " flags " URGP=0"
#define IN  "IN=zt7 OUT="
#define FWD "IN=zt7 OUT=eth1"
#define OUT "IN= OUT=eth1"

/* 1: forwarded, SNAT by nat:POSTROUTING:rule:1; 2: its answer, turned back; 3: dropped by rule 2 of
 * WEB; 4: a fragment that filter's policy drops; 5: made here, logged with its user; 6: only logged */
#define P1 IP("192.168.7.2", "198.51.100.9", "60", "64", "11")
#define P1F IP("192.168.7.2", "198.51.100.9", "60", "63", "11")
#define P1T TCP("SPT=4000 DPT=443", "SYN")
#define P2 IP("198.51.100.9", "203.0.113.1", "52", "60", "12")
#define P2B IP("198.51.100.9", "192.168.7.2", "52", "59", "12")
#define P2T TCP("SPT=443 DPT=4000", "ACK SYN")
#define P3 IP("192.168.7.3", "10.0.0.9", "1400", "64", "13")
#define P3F IP("192.168.7.3", "10.0.0.9", "1400", "63", "13")
#define P3T TCP("SPT=4001 DPT=8080", "ACK PSH")
#define P4 IP("192.168.7.4", "10.0.0.9", "100", "64", "14") "FRAG:185 PROTO=UDP"
#define P4F IP("192.168.7.4", "10.0.0.9", "100", "63", "14") "FRAG:185 PROTO=UDP"
#define P5 IP("203.0.113.1", "198.51.100.53", "70", "64", "15") "PROTO=UDP SPT=5353 DPT=53 LEN=50 UID=1000 GID=1000"
#define P6 IP("192.168.7.6", "10.0.0.9", "84", "64", "16") "PROTO=ICMP TYPE=8 CODE=0 ID=9 SEQ=1"

static const char *const log_lines[] = {
	HOP("1.000", "raw:PREROUTING:policy:2", IN, P1 P1T),
	HOP("1.000", "mangle:PREROUTING:rule:1", IN, P1 P1T),
	HOP("1.000", "mangle:PREROUTING:policy:2", IN, P1 P1T " MARK=0x17"),
	HOP("1.000", "nat:PREROUTING:policy:1", IN, P1 P1T " MARK=0x17"),
	HOP("1.000", "mangle:FORWARD:policy:1", FWD, P1F P1T " MARK=0x17"),
	HOP("1.000", "filter:FORWARD:rule:1", FWD, P1F P1T " MARK=0x17"),
	HOP("1.000", "mangle:POSTROUTING:policy:1", OUT, P1F P1T " MARK=0x17"),
	HOP("1.000", "nat:POSTROUTING:rule:1", OUT, P1F P1T " MARK=0x17"),
	HOP("1.100", "raw:PREROUTING:policy:2", "IN=eth1 OUT=", P2 P2T),
	HOP("1.100", "mangle:PREROUTING:policy:2", "IN=eth1 OUT=", P2 P2T),
	HOP("1.100", "mangle:FORWARD:policy:1", "IN=eth1 OUT=zt7", P2B P2T),
	HOP("1.100", "filter:FORWARD:rule:2", "IN=eth1 OUT=zt7", P2B P2T),
	HOP("1.100", "mangle:POSTROUTING:policy:1", "IN= OUT=zt7", P2B P2T),
	HOP("2.000", "raw:PREROUTING:policy:2", IN, P3 P3T),
	HOP("2.000", "mangle:PREROUTING:policy:2", IN, P3 P3T),
	HOP("2.000", "mangle:FORWARD:policy:1", FWD, P3F P3T),
	HOP("2.000", "filter:FORWARD:rule:3", FWD, P3F P3T),
	HOP("2.000", "filter:WEB:rule:2", FWD, P3F P3T),
	HOP("3.000", "raw:PREROUTING:policy:2", IN, P4),
	HOP("3.000", "mangle:PREROUTING:policy:2", IN, P4),
	HOP("3.000", "mangle:FORWARD:policy:1", FWD, P4F),
	HOP("3.000", "filter:FORWARD:policy:4", FWD, P4F),
	HOP("4.000", "raw:OUTPUT:policy:1", OUT, P5),
	HOP("4.000", "mangle:OUTPUT:policy:1", OUT, P5),
	HOP("4.000", "nat:OUTPUT:policy:1", OUT, P5),
	HOP("4.000", "filter:OUTPUT:policy:1", OUT, P5),
	HOP("4.000", "mangle:POSTROUTING:policy:1", OUT, P5),
	HOP("4.000", "nat:POSTROUTING:policy:2", OUT, P5),
	LOG("9.000", "web-in:", IN, P6),
};

static const char rules_text[] =
	"*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	"-A PREROUTING -j TRACE\nCOMMIT\n"
	"*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
	":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
	"-A PREROUTING -p tcp --dport 443 -j MARK --set-xmark 0x17\nCOMMIT\n"
	"*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	":POSTROUTING ACCEPT [0:0]\n"
	"-A POSTROUTING -s 192.168.7.0/24 -o eth1 -j SNAT --to-source 203.0.113.1\nCOMMIT\n"
	"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:WEB - [0:0]\n"
	"-A FORWARD -i zt+ -p tcp --dport 443 -m comment --comment \"allow https\" -j ACCEPT\n"
	"-A FORWARD -o zt+ -j ACCEPT\n"
	"-A FORWARD -p tcp -j WEB\n"
	"-A WEB -p tcp --dport 80 -j ACCEPT\n"
	"-A WEB -p tcp --dport 8080 -m comment --comment \"no proxy\" -j DROP\n"
	"COMMIT\n";

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
	{ "reply", "2", "2", "nynnnn" }, { "host-name *", "", "", NULL },
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

#define PACKETS 6

static struct model *model_of(const struct ruleset *rules, const struct model_config *given)
{
	struct model_config config = given ? *given : model_config_default();
	struct split split = { .source = 0 };
	struct model *m;
	struct record rec;

	config.rules = rules;
	config.max_kept = 100;
	m = model_create(&config, NULL);
	assert_non_null(m);
	for (size_t i = 0; i < sizeof(log_lines) / sizeof(*log_lines); i++) {
		assert_true(split_next(&split, str_from(log_lines[i]), true, &rec));
		assert_int_equal(model_feed(m, &rec), 0);
	}
	model_end(m);
	assert_int_equal(model_packet_count(m), PACKETS);
	return m;
}

static struct ruleset *rules_of(const char *text)
{
	struct ruleset *rs = ruleset_create();
	struct ruleset_error e;

	assert_int_equal(ruleset_load(rs, "rules", str_from(text), &e), 0);
	assert_int_equal(ruleset_seal(rs, &e), 0);
	return rs;
}

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
	char got[PACKETS + 1] = "", dotless[16] = "";

	for (uint64_t no = 1; no <= PACKETS; no++)
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
	char got[PACKETS + 1] = "";

	for (uint64_t no = 1; no <= PACKETS; no++) {
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
	struct ruleset *rs = rules_of(rules_text);
	struct model *m = model_of(rs, NULL), *bare = model_of(NULL, NULL);

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

/* A flow matches where one of its packets does: asked of packets, of classes and of samples. */
static void test_flows(void **state)
{
	struct ruleset *rs = rules_of(rules_text);
	struct model *m = model_of(rs, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct query *q = parse(rows[i].filter);
		bool want[PACKETS + 1] = { false };

		for (uint64_t no = 1; no <= PACKETS; no++)
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
			if (flow && (classes != want[flow->no] ||
				     query_match_flow(q, m, flow) != want[flow->no]))
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
	struct ruleset *rs = rules_of(rules_text);

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		struct query *q = parse(rows[i / 2].filter);
		struct model_config config = model_config_default();
		uint64_t packets, flows, want = 0, in_flows = 0;
		struct model *m;

		config.filter = query_filter(q);
		config.max_samples = i % 2 ? 0 : 100;
		m = model_of(rs, &config);
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
	m = model_of(NULL, &config);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct query *q = parse(cases[i].filter);
		char got[16] = "";

		for (size_t k = 0; k < model_flow_count(m); k++)
			if (model_flow_at(m, k) && query_match_flow(q, m, model_flow_at(m, k)))
				got[strlen(got)] = (char)('0' + model_flow_at(m, k)->no);
		if (strcmp(got, cases[i].flows))
			fail_msg("%s: flows %s", cases[i].filter, got);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
