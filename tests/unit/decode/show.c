// SPDX-License-Identifier: GPL-2.0-or-later
/* show.c - decodes a line and writes down in short what came out, so that tests are tables */
#include "show.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

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

static void put_addr(const struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char buf[INET6_ADDRSTRLEN];
	bool ip4 = !memcmp(addr->b, mapped, sizeof(mapped));

	put("%s", inet_ntop(ip4 ? AF_INET : AF_INET6, addr->b + (ip4 ? 12 : 0), buf, sizeof(buf)));
}

static void put_stamp(const struct stamp *stamp)
{
	time_t sec = (time_t)(stamp->wall_ns / 1000000000);
	char buf[32];
	struct tm tm;

	if (stamp->have & STAMP_WALL) {
		gmtime_r(&sec, &tm);
		strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%S", &tm);
		put("%s", buf);
		if (stamp->wall_digits)
			put(".%.*s", stamp->wall_digits,
			    (snprintf(buf, sizeof(buf), "%09d", (int)(stamp->wall_ns % 1000000000)),
			     buf));
		if (stamp->have & STAMP_ZONE)
			put("%+d", stamp->zone_min);
		put("%s%s ", stamp->have & STAMP_NO_YEAR ? "~y" : "",
		    stamp->have & STAMP_NO_DATE ? "~d" : "");
	}
	if (stamp->have & STAMP_UP)
		put("%s%" PRIu64 "us ", stamp->have & STAMP_DELTA ? "+" : "up",
		    stamp->up_ns / 1000);
}

static void put_bits(uint32_t have, const struct header *h)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = { { HEADER_MF, "MF" },
		     { HEADER_DF, "DF" },
		     { HEADER_CE, "CE" },
		     { HEADER_SHORT, "short" } };
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if (have & bits[i].bit)
			put(" %s", bits[i].name);
	if (have & HEADER_GATEWAY) {
		put(" gw");
		put_addr(&h->gateway);
	}
}

static void put_header(const struct header *h)
{
	if (h->have & HEADER_ADDR) {
		put(" ");
		put_addr(&h->src);
		put(">");
		put_addr(&h->dst);
	}
	if (h->have & HEADER_PROTO)
		put(" p%u", h->proto);
	if (h->have & HEADER_PORTS)
		put(" %u>%u", h->sport, h->dport);
	if (h->have & HEADER_LEN)
		put(" len%u", h->length);
	if (h->have & HEADER_TTL)
		put(" ttl%u", h->ttl);
	if (h->have & HEADER_TOS && h->tos)
		put(" tos%x", h->tos);
	if (h->have & HEADER_ID)
		put(" id%u", h->id);
	if (h->have & HEADER_FRAG)
		put(" frag%u", h->frag);
	if (h->have & HEADER_FRAG_ID)
		put(" fid%x", h->frag_id);
	if (h->have & HEADER_FLAGS)
		put(" f%x w%u", h->tcp_flags, h->window);
	if (h->have & HEADER_SEQ)
		put(" s%u a%u", h->tcp_seq, h->tcp_ack);
	if (h->have & HEADER_ICMP)
		put(" t%u c%u", h->icmp_type, h->icmp_code);
	if (h->have & HEADER_ECHO)
		put(" e%u.%u", h->echo_id, h->echo_seq);
	if (h->have & HEADER_MTU)
		put(" mtu%u", h->mtu);
	if (h->have & HEADER_SPI)
		put(" spi%x", h->spi);
	if (h->have & HEADER_ARP)
		put(" arp%u", h->arp_op);
	put_bits(h->have, h);
}

static const char *family_text(unsigned int family)
{
	static const char *const words[FAMILY_MAX] = {
		[FAMILY_NONE] = "none", [FAMILY_IP] = "ip",	    [FAMILY_ARP] = "arp",
		[FAMILY_IP6] = "ip6",	[FAMILY_BRIDGE] = "bridge",
	};

	return words[family];
}

static void put_hop(const struct event *ev)
{
	static const char *const kinds[] = { "rule", "return", "policy", "log" };

	put("hop %s %s", kinds[ev->hop], family_text(ev->family));
	if (ev->have & EVENT_NUMBER)
		put(" %.*s:%.*s:%u", STR_ARG(ev->table), STR_ARG(ev->chain), ev->number);
	else
		put(" '%.*s'", STR_ARG(ev->prefix));
	put(" %.*s>%.*s", STR_ARG(ev->iif), STR_ARG(ev->oif));
	if (ev->physin.n || ev->physout.n)
		put(" (%.*s>%.*s)", STR_ARG(ev->physin), STR_ARG(ev->physout));
	put_header(&ev->pkt);
	if (ev->have & EVENT_QUOTED) {
		put(" [");
		put_header(&ev->quoted);
		put(" ]");
	}
	if (ev->have & EVENT_MARK)
		put(" mark%x", ev->mark);
	if (ev->have & EVENT_UID)
		put(" u%u", ev->uid);
	if (ev->have & EVENT_GID)
		put(" g%u", ev->gid);
	put("%s%s", ev->have & EVENT_MAC ? " mac" : "",
	    ev->have & EVENT_CT_INVALID ? " invalid" : "");
}

static void put_note(const struct event *ev)
{
	put("note %d", (int)ev->note);
	if (ev->note <= NOTE_MARTIAN_DESTINATION) {
		put(" ");
		put_addr(&ev->addr[1]);
		put(">");
		put_addr(&ev->addr[0]);
		put(" %.*s", STR_ARG(ev->dev));
	}
	if (ev->have & EVENT_PORT) {
		put(" ");
		put_addr(&ev->addr[0]);
		put(" port%u", ev->port);
	}
	if (ev->have & EVENT_LOST)
		put(" lost%" PRIu64, ev->lost);
}

static void put_event(const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_START:
	case EVENT_OTHER:
		put("other");
		break;
	case EVENT_HOP:
		put_hop(ev);
		break;
	case EVENT_NOTE:
		put_note(ev);
		break;
	case EVENT_GAP:
		put("gap %d%s%s", (int)ev->gap, ev->have & EVENT_GAP_OPENS ? " opens" : "",
		    ev->have & EVENT_GAP_CLOSES ? " closes" : "");
		if (ev->have & EVENT_LOST)
			put(" lost%" PRIu64, ev->lost);
		break;
	case EVENT_REPEAT:
		put("repeat");
		break;
	}
	if (ev->times != 1)
		put(" x%u", ev->times);
}

const char *show_record(const struct record *rec)
{
	static char buf[SCRATCH_SIZE];
	struct scratch scratch = { buf, sizeof(buf), 0 };
	struct complaint why = { 0, NULL };
	struct event ev;
	int err = decode_record(rec, &scratch, &ev, &why);

	used = 0;
	put_stamp(&ev.stamp);
	if (ev.stamp.have & STAMP_SEQ)
		put("#%" PRIu64 " ", ev.seq);
	if (ev.host.n)
		put("@%.*s ", STR_ARG(ev.host));
	if (err)
		put("bad %zu %s", why.at, why.expected);
	else
		put_event(&ev);
	return text;
}

const char *show_line(const char *line)
{
	struct record rec = { .data = str_from(line), .kind = RECORD_LINE, .whole = true };

	return show_record(&rec);
}

void check_rows(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const char *got = show_line(rows[i].line);

		if (strcmp(got, rows[i].want))
			print_message("line: %s\n", rows[i].line);
		assert_string_equal(got, rows[i].want);
	}
}
