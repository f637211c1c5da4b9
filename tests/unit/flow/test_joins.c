/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_joins.c - one packet that nft's trace and the kernel's log tell of, and two that are alike
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "nfhop/model.h"

#define S0_NS INT64_C(1764000000000000000)

/* struct moment - a line that comes @ms after S0; without text: nft's events were read till then */
struct moment {
	int ms;
	const char *text;
};

#define EMPTY(ms)                                                                                  \
	{                                                                                          \
		ms, NULL                                                                           \
	}

#define IP_ID(ttl, id, dport)                                                                      \
	"SRC=192.0.2.9 DST=198.51.100.7 LEN=33 TOS=0x00 PREC=0x00 TTL=" ttl " ID=" id              \
	" DF PROTO=UDP SPT=4000 DPT=" dport " LEN=13 \n"
#define IP(ttl, dport) IP_ID(ttl, "0", dport)
#define LOG_ID(ms, id)                                                                             \
	{                                                                                          \
		ms, "seen: IN=lan0 OUT= MAC= " IP_ID("64", id, "53")                               \
	}
#define LOG_IN(ms, dport)                                                                          \
	{                                                                                          \
		ms, "seen: IN=lan0 OUT= MAC= " IP("64", dport)                                     \
	}
#define LOG_FWD(ms, dport)                                                                         \
	{                                                                                          \
		ms, "fwd: IN=lan0 OUT=wan0 MAC= " IP("63", dport)                                  \
	}
#define RAW(ms, dport)                                                                             \
	{                                                                                          \
		ms, "TRACE: raw:PREROUTING:policy:2 IN=lan0 OUT= MAC= " IP("64", dport)            \
	}
#define FILTER(ms, dport)                                                                          \
	{                                                                                          \
		ms, "TRACE: filter:FORWARD:rule:1 IN=lan0 OUT=wan0 MAC= " IP("63", dport)          \
	}

#define START(ms, id, chain, devices, ttl, dport)                                                  \
	{                                                                                          \
		ms, "trace id " id " ip " chain " packet: " devices                                \
		    " ip saddr 192.0.2.9 ip daddr 198.51.100.7 ip dscp cs0 ip ecn not-ect ip "     \
		    "ttl " ttl " ip id 0 ip length 33 udp sport 4000 udp dport " dport             \
		    " udp length 13 \n"                                                            \
	}
#define NFT(ms, id, chain, devices, ttl, dport)                                                    \
	START(ms, id, chain, devices, ttl, dport),                                                 \
	{                                                                                          \
		ms, "trace id " id " ip " chain " policy accept\n"                                 \
	}
#define NFT_IN(ms, id, dport) NFT(ms, id, "mangle PREROUTING", "iif \"lan0\"", "64", dport)
#define NFT_FWD(ms, id, dport)                                                                     \
	NFT(ms, id, "mangle FORWARD", "iif \"lan0\" oif \"wan0\"", "63", dport)

/* Behind DNAT: in the log, and as the same packet's next chain. */
#define TO(dst, ms)                                                                                \
	{                                                                                          \
		ms, "fwd: IN=lan0 OUT=wan0 MAC= SRC=192.0.2.9 DST=" dst                            \
		    " LEN=33 TOS=0x00 PREC=0x00 TTL=63 ID=0 DF PROTO=UDP SPT=4000 DPT=53 LEN=13 "  \
		    "\n"                                                                           \
	}
#define NFT_TO(dst, ms)                                                                            \
	{ ms, "trace id 1 ip mangle FORWARD packet: iif \"lan0\" oif \"wan0\" ip saddr "           \
	      "192.0.2.9 ip daddr " dst " ip dscp cs0 ip ecn not-ect ip ttl 63 ip id 0 ip "        \
	      "length 33 udp sport 4000 udp dport 53 udp length 13 \n" },                          \
	{                                                                                          \
		ms, "trace id 1 ip mangle FORWARD policy accept\n"                                 \
	}

/* clang-format off */
static const struct {
	const char *name;
	struct moment moments[16];
	size_t max_open;
	const char *want; /* a line a packet, and how many were given up */
} cases[] = {
	{ "events that had waited for 600 ms", {
	  RAW(1000, "53"), FILTER(1000, "53"), EMPTY(999), NFT_IN(1600, "1", "53"),
	  NFT_FWD(1600, "1", "53") }, 0,
	  "1: raw:PREROUTING:policy:2 mangle:PREROUTING:policy filter:FORWARD:rule:1 "
	  "mangle:FORWARD:policy\n" },
	{ "no event had waited: the line was another packet's", {
	  RAW(1000, "53"), EMPTY(1599), NFT_IN(1600, "1", "53") }, 0,
	  "1: raw:PREROUTING:policy:2\n2: mangle:PREROUTING:policy\n" },
	{ "nor was a line of it written before the queue was empty", {
	  RAW(1000, "53"), EMPTY(1180), NFT_IN(1200, "1", "53") }, 0,
	  "1: raw:PREROUTING:policy:2\n2: mangle:PREROUTING:policy\n" },
	{ "nobody tells when it was empty", {
	  RAW(1000, "53"), NFT_IN(1200, "1", "53"), NFT_IN(1400, "2", "54"), RAW(1700, "54") }, 0,
	  "1: raw:PREROUTING:policy:2 mangle:PREROUTING:policy\n2: mangle:PREROUTING:policy\n"
	  "3: raw:PREROUTING:policy:2\n" },
	{ "a LOG line before the events of its packet", {
	  EMPTY(999), LOG_FWD(1000, "53"), NFT_IN(1001, "1", "53"), NFT_FWD(1001, "1", "53") }, 0,
	  "1: mangle:PREROUTING:policy mangle:FORWARD:policy log\n" },
	{ "a LOG line between them, read too early", {
	  EMPTY(999), NFT_IN(1001, "1", "53"), LOG_FWD(1000, "53"), NFT_FWD(1001, "1", "53"),
	  NFT(1001, "1", "mangle POSTROUTING", "oif \"wan0\"", "63", "53") }, 0,
	  "1: mangle:PREROUTING:policy mangle:FORWARD:policy log mangle:POSTROUTING:policy\n" },
	{ "LOG lines behind all of them", {
	  EMPTY(999), NFT_IN(1001, "1", "53"), NFT_FWD(1001, "1", "53"), LOG_IN(1000, "53"),
	  LOG_FWD(1000, "53") }, 0,
	  "1: mangle:PREROUTING:policy log mangle:FORWARD:policy log\n" },
	{ "nothing stands behind a drop", {
	  EMPTY(999), START(1001, "1", "filter FORWARD", "iif \"lan0\" oif \"wan0\"", "63", "53"),
	  { 1001, "trace id 1 ip filter FORWARD rule counter drop (verdict drop)\n" },
	  LOG_FWD(1000, "53") }, 0, "1: log filter:FORWARD:rule\n" },
	{ "three packets that are alike, and late events", {
	  EMPTY(999), RAW(1000, "53"), RAW(1020, "53"), RAW(1040, "53"), NFT_IN(1500, "1", "53"),
	  NFT_IN(1500, "2", "53"), NFT_IN(1501, "3", "53") }, 0,
	  "1: raw:PREROUTING:policy:2 mangle:PREROUTING:policy\n"
	  "2: raw:PREROUTING:policy:2 mangle:PREROUTING:policy\n"
	  "3: raw:PREROUTING:policy:2 mangle:PREROUTING:policy\n" },
	{ "alike, but one of them was not logged", {
	  EMPTY(999), NFT_IN(1000, "1", "53"), EMPTY(1100), NFT_IN(1200, "2", "53"),
	  LOG_IN(1200, "53") }, 0,
	  "1: mangle:PREROUTING:policy\n2: mangle:PREROUTING:policy log\n" },
	{ "another port is another packet", {
	  EMPTY(999), LOG_IN(1000, "53"), NFT_IN(1001, "1", "54") }, 0,
	  "1: log\n2: mangle:PREROUTING:policy\n" },
	{ "a LOG line behind DNAT, before the events", {
	  EMPTY(999), TO("10.0.0.5", 1000), NFT_IN(1600, "1", "53"), NFT_TO("10.0.0.5", 1600) }, 0,
	  "2: mangle:PREROUTING:policy mangle:FORWARD:policy log\n" },
	{ "and between them", {
	  EMPTY(999), NFT_IN(1600, "1", "53"), TO("10.0.0.5", 1000), NFT_TO("10.0.0.5", 1600) }, 0,
	  "1: mangle:PREROUTING:policy mangle:FORWARD:policy log\n" },
	{ "of a packet to another host behind DNAT", {
	  EMPTY(999), TO("10.0.0.6", 1000), NFT_IN(1600, "1", "53"), NFT_TO("10.0.0.5", 1600) }, 0,
	  "1: log\n2: mangle:PREROUTING:policy mangle:FORWARD:policy\n" },
	{ "no room for a packet that may be told of yet", {
	  EMPTY(999), LOG_ID(1000, "1"), LOG_ID(1100, "2"), LOG_ID(1200, "3") }, 2,
	  "1: log\n2: log\n3: log\n1 given up\n" },
	{ "no room for one of which all was told", {
	  EMPTY(999), LOG_ID(1000, "1"), LOG_ID(1100, "2"), EMPTY(1150), LOG_ID(1200, "3") }, 2,
	  "1: log\n2: log\n3: log\n" },
};
/* clang-format on */

struct saying {
	char text[2048];
	size_t n;
};

static void on_packet(void *who, const struct model *m, const struct packet *p)
{
	struct saying *s = who;

	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "%" PRIu64 ": ", p->no);
	s->n += model_path_text(m, p->path, s->text + s->n, sizeof(s->text) - s->n);
	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "\n");
}

static void feed(struct model *m, const struct moment *moment)
{
	struct record rec = { .kind = RECORD_EMPTY,
			      .whole = true,
			      .when_ns = S0_NS + moment->ms * INT64_C(1000000) };

	if (moment->text) {
		rec.kind = RECORD_LINE;
		rec.lines = 1;
		rec.data = str_from(moment->text);
		rec.data.n--;
	}
	assert_int_equal(model_feed(m, &rec), 0);
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_joins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct saying said = { .n = 0 };
		const struct model_sink sink = { on_packet, &said };
		struct model_config config = model_config_default();
		struct model *m;

		config.live = config.woven = true;
		config.max_kept = 16;
		config.max_open = cases[i].max_open ? cases[i].max_open : config.max_open;
		m = model_create(&config, &sink);
		assert_non_null(m);
		for (const struct moment *at = cases[i].moments; at->ms; at++)
			feed(m, at);
		model_end(m);
		assert_int_equal(model_stats(m)->packets, lines_of(said.text));
		if (model_stats(m)->evicted_open)
			snprintf(said.text + said.n, sizeof(said.text) - said.n,
				 "%" PRIu64 " given up\n", model_stats(m)->evicted_open);
		if (strcmp(said.text, cases[i].want) != 0)
			print_error("%s\n", cases[i].name);
		assert_string_equal(said.text, cases[i].want);
		model_destroy(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_joins) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
