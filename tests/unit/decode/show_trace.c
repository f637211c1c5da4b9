// SPDX-License-Identifier: GPL-2.0-or-later
/* show_trace.c - the same as show.c for events with a trace id, which have other members */
#include "show_trace.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char text[8192];
static size_t used;

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text + used, sizeof(text) - used, format, args);
	va_end(args);
	used += (size_t)n;
	assert_true(used < sizeof(text));
}

static const char *family_text(unsigned int family)
{
	static const char *const words[FAMILY_MAX] = {
		[FAMILY_NONE] = "none", [FAMILY_INET] = "inet",	    [FAMILY_IP] = "ip",
		[FAMILY_ARP] = "arp",	[FAMILY_NETDEV] = "netdev", [FAMILY_BRIDGE] = "bridge",
		[FAMILY_IP6] = "ip6",
	};

	return words[family];
}

static void put_addr(const char *before, const struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char buf[INET6_ADDRSTRLEN];
	bool ip4 = !memcmp(addr->b, mapped, sizeof(mapped));

	put("%s%s", before,
	    inet_ntop(ip4 ? AF_INET : AF_INET6, addr->b + (ip4 ? 12 : 0), buf, sizeof(buf)));
}

static void put_numbers(const struct header *h)
{
	const struct {
		uint32_t bit;
		const char *name;
		uint32_t value;
	} numbers[] = {
		{ HEADER_PROTO, "p", h->proto },    { HEADER_PORTS, "", h->sport },
		{ HEADER_PORTS, ">", h->dport },    { HEADER_LEN, "len", h->length },
		{ HEADER_TTL, "ttl", h->ttl },	    { HEADER_TOS, "tos", h->tos },
		{ HEADER_ID, "id", h->id },	    { HEADER_FLAGS, "f", h->tcp_flags },
		{ HEADER_FLAGS, "w", h->window },   { HEADER_SEQ, "s", h->tcp_seq },
		{ HEADER_SEQ, "a", h->tcp_ack },    { HEADER_ICMP, "t", h->icmp_type },
		{ HEADER_ICMP, "c", h->icmp_code }, { HEADER_ECHO, "e", h->echo_id },
		{ HEADER_ECHO, "es", h->echo_seq }, { HEADER_MTU, "mtu", h->mtu },
		{ HEADER_SPI, "spi", h->spi },	    { HEADER_ARP, "arp", h->arp_op },
		{ HEADER_FRAG, "frag", h->frag },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (h->have & numbers[i].bit)
			put("%s%s%" PRIu32, *numbers[i].name == '>' ? "" : " ", numbers[i].name,
			    numbers[i].value);
	put("%s%s%s%s", h->have & HEADER_CE ? " CE" : "", h->have & HEADER_DF ? " DF" : "",
	    h->have & HEADER_MF ? " MF" : "", h->have & HEADER_UNSEEN ? " unseen" : "");
}

static void put_start(const struct event *ev)
{
	const struct header *h = &ev->pkt;

	assert_true((ev->have & (EVENT_HEADERS | EVENT_IN)) == (EVENT_HEADERS | EVENT_IN));
	put(" start %.*s>%.*s %s", STR_ARG(ev->iif), STR_ARG(ev->oif), family_text(h->family));
	if (h->have & HEADER_ADDR) {
		put_addr(" ", &h->src);
		put_addr(">", &h->dst);
	}
	put_numbers(h);
	if (h->have & HEADER_GATEWAY)
		put_addr(" gw", &h->gateway);
	put("%s", ev->have & EVENT_MAC ? " mac" : "");
}

static void put_hop(const struct event *ev)
{
	static const char *const kinds[] = { "rule", "return", "policy", "log" };
	static const char *const verdicts[VERDICT_MAX] = {
		"none", "continue", "accept", "drop",  "reject",
		"jump", "goto",	    "return", "queue", "stolen",
	};

	put(" %s %s", kinds[ev->hop], verdicts[ev->verdict]);
	if (ev->target.n)
		put(">%.*s", STR_ARG(ev->target));
	if (ev->have & EVENT_HANDLE)
		put(" #%" PRIu64, ev->handle);
	if (ev->rule_text.n)
		put(" '%.*s'", STR_ARG(ev->rule_text));
	put("%s", ev->have & EVENT_CHAIN_END ? " end" : "");
}

static void put_event(const struct event *ev)
{
	if (ev->kind == EVENT_GAP)
		put("gap %d", (int)ev->gap);
	else if (ev->kind != EVENT_HOP && ev->kind != EVENT_START)
		put("other");
	if (ev->kind != EVENT_HOP && ev->kind != EVENT_START)
		return;
	put(ev->have & EVENT_TRACE_ID ? "%" PRIx32 : "-", ev->trace_id);
	put(" %s %.*s %.*s", family_text(ev->family), STR_ARG(ev->table), STR_ARG(ev->chain));
	if (ev->kind == EVENT_HOP)
		put_hop(ev);
	else
		put_start(ev);
	if (ev->have & EVENT_MARK)
		put(" mark%" PRIx32, ev->mark);
}

const char *trace_record(const struct record *rec)
{
	static char buf[SCRATCH_SIZE];
	struct scratch scratch = { buf, sizeof(buf), 0 };
	struct complaint why = { 0, NULL };
	struct event ev;
	int err = decode_record(rec, &scratch, &ev, &why);

	used = 0;
	if (ev.stamp.have & STAMP_WALL)
		put("%" PRId64 " ", ev.stamp.wall_ns / 1000000000);
	if (ev.stamp.have & STAMP_UP)
		put("up%" PRIu64 " ", ev.stamp.up_ns / 1000);
	if (ev.host.n)
		put("@%.*s ", STR_ARG(ev.host));
	if (err)
		put("bad %zu %s", why.at, why.expected);
	else
		put_event(&ev);
	return text;
}

void check_traces(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct record rec = { .data = str_from(rows[i].line), .whole = true };
		const char *got;

		if (str_ends(rec.data, STR("$"))) {
			rec.whole = false;
			rec.data.n--;
		}
		got = trace_record(&rec);
		if (strcmp(got, rows[i].want))
			print_message("line: %s\n", rows[i].line);
		assert_string_equal(got, rows[i].want);
	}
}

unsigned int check_file(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t room = 0;
	char *line = NULL;
	unsigned int n = 0;

	assert_non_null(f);
	for (; getline(&line, &room, f) > 0; n++) {
		struct record rec = { .whole = true };
		const char *got;

		line[strcspn(line, "\n")] = '\0';
		rec.data = str_from(line);
		got = trace_record(&rec);
		if (!strncmp(got, "bad", 3) || !strncmp(got, "other", 5) || !strncmp(got, "-", 1))
			fail_msg("%s:%u: %s", path, n + 1, got);
	}
	free(line);
	fclose(f);
	return n;
}
