// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_nflog.c - NFLOG packets of captures: what they say, that the same packets say the same in
 * a kernel log, and that nothing is read beyond a packet's end
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nfhop/source.h"
#include "../edge.h"
#include "show.h"

static const char *folder;

static struct source *open_file(const char *name)
{
	struct source *source;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(source_open(path, 0, NULL, &source), 0);
	return source;
}

/* clang-format off */
#define ONE "2026-11-22T15:18:40.268583+0 hop log ip 'fwd5' if2>if3 10.9.1.2>10.9.2.2 p17 " \
	    "36731>53 len30 ttl63 id50049 DF mac"
#define TWO "2026-11-22T15:18:40.268624+0 hop log ip 'fwd5' if3>if2 10.9.2.2>10.9.1.2 p1 " \
	    "len58 ttl63 tosc0 id2711 t3 c3 [ 10.9.1.2>10.9.2.2 p17 36731>53 len30 ttl63 " \
	    "id50049 DF ] mac"
#define CUT "bad 0 the rest of the packet"

/* What the packets of a capture say, or the first of them. */
static const struct {
	const char *file;
	bool all;
	const char *want[5];
} captures[] = {
	{ "nflog-group5.pcap", true, { ONE, TWO } },
	{ "forms-big-endian.pcap", true, { ONE, TWO } },
	{ "forms-ns.pcap", true, { ONE, TWO } },
	{ "forms-ns-big-endian.pcap", true, { ONE, TWO } },
	{ "forms.pcapng", true, { ONE, "other", TWO } },
	{ "forms-big-endian.pcapng", true, { ONE, "other", TWO } },
	{ "forms-resolutions.pcapng", true, { ONE, TWO, TWO } },
	{ "cut.pcap", true, { ONE, CUT } },
	{ "damaged.pcapng", true, { ONE, "other", TWO, CUT } },
	{ "empty.pcap", true, { NULL } },
	{ "legacy-trace.pcap", false, {
		"2026-11-23T05:07:28.367804+0 hop policy ip raw:PREROUTING:2 if2> "
		"10.9.1.2>10.9.2.2 p17 35267>53 len29 ttl64 id16323 DF mac",
		"2026-11-23T05:07:28.367840+0 hop rule ip mangle:PREROUTING:1 if2> "
		"10.9.1.2>10.9.2.2 p17 35267>53 len29 ttl64 id16323 DF mac",
		"2026-11-23T05:07:28.367842+0 hop policy ip mangle:PREROUTING:2 if2> "
		"10.9.1.2>10.9.2.2 p17 35267>53 len29 ttl64 id16323 DF mark7 mac" } },
};
/* clang-format on */

static void packets_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(captures) / sizeof(*captures); i++) {
		struct source *source = open_file(captures[i].file);
		struct record rec;
		size_t j;

		for (j = 0; captures[i].want[j]; j++) {
			assert_int_equal(source_next(source, &rec), 1);
			assert_string_equal(show_record(&rec), captures[i].want[j]);
		}
		assert_int_equal(source_next(source, &rec), captures[i].all ? 0 : 1);
		source_close(source);
	}
}

/* next_hop - the next hop that a log statement with @prefix made; its strs are only valid now */
static bool next_hop(struct source *source, const char *prefix, struct event *ev)
{
	static char buf[SCRATCH_SIZE];
	struct scratch scratch = { buf, sizeof(buf), 0 };
	struct complaint why;
	struct record rec;

	while (source_next(source, &rec) > 0) {
		scratch.used = 0;
		assert_int_equal(decode_record(&rec, &scratch, ev, &why), 0);
		if (ev->kind == EVENT_HOP && str_eq(ev->prefix, str_from(prefix)))
			return true;
	}
	return false;
}

#define SAME(member) memcmp(&log->member, &wire->member, sizeof(log->member))

/* differs - Return: the name of what the log line says otherwise than the packet, or NULL */
static const char *differs(const struct header *log, const struct header *wire)
{
	const struct {
		uint32_t have;
		const char *name;
		int differs;
	} rows[] = {
		{ HEADER_ADDR, "address", SAME(src) || SAME(dst) },
		{ HEADER_PROTO, "proto", SAME(proto) },
		{ HEADER_PORTS, "ports", SAME(sport) || SAME(dport) },
		{ HEADER_LEN, "length", SAME(length) },
		{ HEADER_TTL, "ttl", SAME(ttl) },
		{ HEADER_TOS, "tos", SAME(tos) },
		{ HEADER_ID, "id", SAME(id) },
		{ HEADER_FRAG, "frag", SAME(frag) },
		{ HEADER_MF, "mf", 0 },
		{ HEADER_DF, "df", 0 },
		{ HEADER_CE, "ce", 0 },
		{ HEADER_FLAGS, "flags", SAME(tcp_flags) || SAME(window) },
		{ HEADER_SEQ, "seq", SAME(tcp_seq) || SAME(tcp_ack) },
		{ HEADER_ICMP, "icmp", SAME(icmp_type) || SAME(icmp_code) },
		{ HEADER_ECHO, "echo", SAME(echo_id) || SAME(echo_seq) },
		{ HEADER_MTU, "mtu", SAME(mtu) },
		{ HEADER_GATEWAY, "gateway", SAME(gateway) },
		{ HEADER_SPI, "spi", SAME(spi) },
		{ HEADER_ARP, "arp", SAME(arp_op) },
		{ HEADER_SHORT, "short", 0 },
		{ HEADER_FRAG_ID, "frag_id", SAME(frag_id) },
	};

	if (log->family && log->family != wire->family) /* TRUNCATED tells none */
		return "family";
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (log->have & rows[i].have && (!(wire->have & rows[i].have) || rows[i].differs))
			return rows[i].name;
	return NULL;
}

static void check_same(const char *prefix, int no, const struct event *log,
		       const struct event *wire)
{
	const uint32_t tails = EVENT_MARK | EVENT_UID | EVENT_GID | EVENT_MAC;
	const char *what = differs(&log->pkt, &wire->pkt);

	if (!what && log->have & EVENT_QUOTED)
		what = wire->have & EVENT_QUOTED ? differs(&log->quoted, &wire->quoted) : "quote";
	if (!what && (log->have & tails & ~wire->have ||
		      (log->have & EVENT_MARK && log->mark != wire->mark)))
		what = "mark, owner or link header";
	if (!what && (log->iif.n != 0) + 2 * (log->oif.n != 0) !=
			     (wire->iif.n != 0) + 2 * (wire->oif.n != 0))
		what = "devices";
	if (what)
		print_message("%s %d: %s\n", prefix, no, what);
	assert_null(what);
}

/* What the log line tells (it hides some) is what the packet's bytes tell. */
static void agrees_with_the_log(void **state)
{
	static const struct {
		const char *prefix;
		enum hook hook;
		int least;
	} rows[] = {
		{ "nd", HOOK_INGRESS, 40 },	  { "agree", HOOK_PREROUTING, 40 },
		{ "post", HOOK_POSTROUTING, 20 }, { "eg", HOOK_EGRESS, 20 },
		{ "out", HOOK_OUTPUT, 1 },	  { "arp", HOOK_INPUT, 1 },
	};
	struct event log, wire;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct source *capture = open_file("agree.pcap"), *kmsg = open_file("agree.kmsg");
		int n = 0;

		while (next_hop(capture, rows[i].prefix, &wire)) {
			assert_true(next_hop(kmsg, rows[i].prefix, &log));
			assert_int_equal(wire.hook, rows[i].hook);
			check_same(rows[i].prefix, n++, &log, &wire);
		}
		assert_true(n >= rows[i].least);
		source_close(capture);
		source_close(kmsg);
	}
}

static void cut_packet(const struct record *rec, bool partial)
{
	struct record_nflog head;
	struct record cut = *rec;

	for (size_t n = 0; n <= rec->data.n; n++) {
		cut.data = at_edge(str_first(rec->data, n));
		if (n >= sizeof(head)) {
			memcpy(&head, cut.data.p, sizeof(head));
			head.partial = partial;
			memcpy((char *)cut.data.p, &head, sizeof(head));
		}
		show_record(&cut);
	}
}

static void nothing_is_read_beyond_the_end(void **state)
{
	struct source *agree = open_file("agree.pcap");
	struct record rec;

	(void)state;
	while (source_next(agree, &rec) > 0)
		cut_packet(&rec, false);
	source_close(agree);
	for (size_t i = 0; i < sizeof(captures) / sizeof(*captures); i++) {
		struct source *source = open_file(captures[i].file);

		while (source_next(source, &rec) > 0) {
			cut_packet(&rec, false);
			cut_packet(&rec, true);
		}
		source_close(source);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_say),
		cmocka_unit_test(agrees_with_the_log),
		cmocka_unit_test(nothing_is_read_beyond_the_end),
	};

	assert(argc == 2);
	folder = argv[1];
	return cmocka_run_group_tests(tests, map_edge, NULL);
}
