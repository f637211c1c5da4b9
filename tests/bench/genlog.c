/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * genlog.c - writes big kernel logs, the same ones for the same seed
 *
 * usage: genlog trace|mixed|log [--bytes N] [--seed N] [--flows N] [--iso 1] > FILE
 *
 *   trace   TRACE lines of SYNs as rsyslog writes them: 80 % of the packets are forwarded
 *           (7 or 8 hops), 20 % stop on the way; four CPUs interleave their lines
 *   mixed   the same, but nine lines of ten come from other programs
 *   log     LOG lines without TRACE
 *
 * Stamps are rsyslog's traditional ones, or with --iso those that it writes without being told
 * otherwise in Debian since 12: RFC 3339, microseconds, zone.
 *
 * Theory of operation: a line is a stamp, the place, the devices and the packet's text. The
 * packet's text is made once a packet and copied for each hop, so that the generator is
 * faster than anything that reads what it wrote.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CPUS = 4, LINE_MAX_BYTES = 1024, BUFFER = 1 << 20 };

enum side { SIDE_IN, SIDE_BOTH, SIDE_OUT };

struct place {
	const char *text;
	enum side side;
};

/* clang-format off */
static const struct place forwarded[] = {
	{ "raw:PREROUTING:policy:3", SIDE_IN },
	{ "mangle:PREROUTING:policy:1", SIDE_IN },
	{ "nat:PREROUTING:policy:1", SIDE_IN },
	{ "mangle:FORWARD:policy:1", SIDE_BOTH },
	{ "filter:FORWARD:rule:1", SIDE_BOTH },
	{ "mangle:POSTROUTING:policy:1", SIDE_OUT },
	{ "nat:POSTROUTING:rule:1", SIDE_OUT },
	{ NULL, SIDE_IN }
};
static const struct place by_chain[] = {
	{ "raw:PREROUTING:policy:3", SIDE_IN },
	{ "mangle:PREROUTING:policy:1", SIDE_IN },
	{ "nat:PREROUTING:policy:1", SIDE_IN },
	{ "mangle:FORWARD:policy:1", SIDE_BOTH },
	{ "filter:FORWARD:rule:4", SIDE_BOTH },
	{ "filter:WEB:rule:1", SIDE_BOTH },
	{ "mangle:POSTROUTING:policy:1", SIDE_OUT },
	{ "nat:POSTROUTING:rule:1", SIDE_OUT },
	{ NULL, SIDE_IN }
};
static const struct place dropped[] = {
	{ "raw:PREROUTING:policy:3", SIDE_IN },
	{ "mangle:PREROUTING:policy:1", SIDE_IN },
	{ "nat:PREROUTING:policy:1", SIDE_IN },
	{ "mangle:FORWARD:policy:1", SIDE_BOTH },
	{ "filter:FORWARD:rule:4", SIDE_BOTH },
	{ "filter:WEB:rule:2", SIDE_BOTH },
	{ NULL, SIDE_IN }
};
static const struct place by_policy[] = {
	{ "raw:PREROUTING:policy:3", SIDE_IN },
	{ "mangle:PREROUTING:policy:1", SIDE_IN },
	{ "nat:PREROUTING:policy:1", SIDE_IN },
	{ "mangle:FORWARD:policy:1", SIDE_BOTH },
	{ "filter:FORWARD:policy:6", SIDE_BOTH },
	{ NULL, SIDE_IN }
};
static const struct place lost[] = {
	{ "raw:PREROUTING:policy:3", SIDE_IN },
	{ "mangle:PREROUTING:policy:1", SIDE_IN },
	{ "nat:PREROUTING:policy:1", SIDE_IN },
	{ NULL, SIDE_IN }
};

/* Of ten packets, how many take which way. */
static const struct place *const ways[10] = {
	forwarded, forwarded, forwarded, forwarded, forwarded,
	by_chain, by_chain, by_chain,
	dropped, NULL /* by_policy or lost, half and half */
};

static const char *const foreign[] = {
	"sshd[2211]: Failed password for invalid user admin from 198.51.100.77 port 51122 ssh2\n",
	"systemd[1]: Started Session 4711 of User root.\n",
	"CRON[30177]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)\n",
	"dhclient[812]: DHCPREQUEST for 203.0.113.7 on uplink0 to 203.0.113.1 port 67\n",
	"named[977]: client @0x7f2a 10.0.0.9#53412 (example.org): query: example.org IN A +E(0)K\n",
	"kernel: [5378263.000001] usb 1-1.2: new high-speed USB device number 7 using xhci_hcd\n",
	"postfix/smtpd[1822]: connect from mail.example.net[192.0.2.25]\n",
	"ntpd[701]: Soliciting pool server 192.0.2.123\n",
};
/* clang-format on */

/* One packet on its way; @text is what its lines say after the devices, cut at the TTL. */
struct packet {
	const struct place *at;
	char before_ttl[160], after_ttl[256];
	size_t before, after;
};

struct gen {
	uint64_t random, now_us;
	uint64_t flows;
	uint64_t iso;
	struct packet cpu[CPUS];
	char stamp[32];
	size_t stamp_n;
	uint64_t stamp_s;
};

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators" */
static uint64_t next_random(struct gen *g)
{
	g->random ^= g->random >> 12;
	g->random ^= g->random << 25;
	g->random ^= g->random >> 27;
	return g->random * 0x2545f4914f6cdd1dULL;
}

static uint64_t below(struct gen *g, uint64_t n)
{
	return (next_random(g) >> 33) % n;
}

static char *put(char *p, const char *text, size_t n)
{
	memcpy(p, text, n);
	return p + n;
}

static char *put_text(char *p, const char *text)
{
	return put(p, text, strlen(text));
}

/* put_digits - @value in decimal, with zeros in front up to @width */
static char *put_digits(char *p, uint64_t value, int width)
{
	char digits[20];
	int n = 0;

	for (; value || n < width || !n; value /= 10)
		digits[n++] = (char)('0' + value % 10);
	while (n)
		*p++ = digits[--n];
	return p;
}

static void packet_begin(struct gen *g, struct packet *packet)
{
	uint64_t flow = below(g, g->flows);
	unsigned int id = (unsigned int)below(g, 65536);
	unsigned int port = flow % 3 ? 443 : 8080;
	const struct place *way = ways[below(g, 10)];

	packet->at = way ? way : below(g, 2) ? by_policy : lost;
	packet->before = (size_t)snprintf(
		packet->before_ttl, sizeof(packet->before_ttl),
		"SRC=192.168.%u.%u DST=203.0.113.%u LEN=60 TOS=0x00 PREC=0x00 TTL=",
		(unsigned int)(flow >> 8 & 0xff), (unsigned int)(flow & 0xff),
		(unsigned int)(flow >> 16 & 0xff));
	packet->after = (size_t)snprintf(
		packet->after_ttl, sizeof(packet->after_ttl),
		" ID=%u DF PROTO=TCP SPT=%u DPT=%u SEQ=%u ACK=0 WINDOW=64240 RES=0x00 SYN URGP=0 "
		"OPT (020405B40402080A4F2E3A100000000001030307) \n",
		id, (unsigned int)(32768 + flow % 28000), port, (unsigned int)next_random(g));
}

/* All lines of one second begin alike. Days and months do not turn: a log of 10 hours is big. */
static char *put_stamp(struct gen *g, char *p)
{
	uint64_t s = g->now_us / 1000000;

	if (s != g->stamp_s || !g->stamp_n) {
		g->stamp_s = s;
		g->stamp_n = (size_t)snprintf(
			g->stamp, sizeof(g->stamp), "%s%02u:%02u:%02u%s",
			g->iso ? "2026-03-02T" : "Mar  2 ", (unsigned int)(s / 3600 % 24),
			(unsigned int)(s / 60 % 60), (unsigned int)(s % 60), g->iso ? "." : " gw ");
	}
	p = put(p, g->stamp, g->stamp_n);
	return g->iso ? put_text(put_digits(p, g->now_us % 1000000, 6), "+00:00 gateway ") : p;
}

static char *put_kernel(struct gen *g, char *p)
{
	p = put_text(put_stamp(g, p), "kernel: [");
	p = put_digits(p, 5378263 + g->now_us / 1000000, 7);
	*p++ = '.';
	p = put_digits(p, g->now_us % 1000000, 6);
	return put_text(p, "] ");
}

static char *put_packet(char *p, const struct packet *packet, enum side side)
{
	/* clang-format off */
	static const char *const devices[] = {
		[SIDE_IN] = "IN=lan0 OUT= MAC=4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 ",
		[SIDE_BOTH] = "IN=lan0 OUT=uplink0 MAC=4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 ",
		[SIDE_OUT] = "IN= OUT=uplink0 ",
	};
	/* clang-format on */

	p = put_text(p, devices[side]);
	p = put(p, packet->before_ttl, packet->before);
	p = put_text(p, side == SIDE_IN ? "64" : "63");
	return put(p, packet->after_ttl, packet->after);
}

static char *line_trace(struct gen *g, char *p)
{
	struct packet *packet = &g->cpu[below(g, CPUS)];

	if (!packet->at || !packet->at->text)
		packet_begin(g, packet);
	g->now_us += 5 + below(g, 40);
	p = put_text(put_kernel(g, p), "TRACE: ");
	p = put_text(p, packet->at->text);
	*p++ = ' ';
	p = put_packet(p, packet, packet->at->side);
	packet->at++;
	return p;
}

static char *line_mixed(struct gen *g, char *p)
{
	if (!below(g, 10))
		return line_trace(g, p);
	g->now_us += 5 + below(g, 40);
	return put_text(put_stamp(g, p), foreign[below(g, sizeof(foreign) / sizeof(*foreign))]);
}

static char *line_log(struct gen *g, char *p)
{
	packet_begin(g, &g->cpu[0]);
	g->now_us += 5 + below(g, 40);
	p = put_text(put_kernel(g, p), below(g, 4) ? "FW-DROP: " : "FW-NEW: ");
	return put_packet(p, &g->cpu[0], below(g, 2) ? SIDE_IN : SIDE_BOTH);
}

/* clang-format off */
static const struct kind {
	const char *name;
	char *(*line)(struct gen *g, char *p);
} kinds[] = {
	{ "trace", line_trace },
	{ "mixed", line_mixed },
	{ "log", line_log },
};
/* clang-format on */

static bool generate(struct gen *g, const struct kind *kind, uint64_t bytes)
{
	static char buffer[BUFFER + LINE_MAX_BYTES];
	uint64_t written = 0;

	while (written < bytes) {
		char *p = buffer;

		while (p < buffer + BUFFER && written + (uint64_t)(p - buffer) < bytes)
			p = kind->line(g, p);
		written += (uint64_t)(p - buffer);
		if (fwrite(buffer, 1, (size_t)(p - buffer), stdout) != (size_t)(p - buffer))
			return false;
	}
	return !fflush(stdout);
}

int main(int argc, char **argv)
{
	struct gen g = { .random = 1, .flows = 10000, .now_us = 3600000000 };
	const struct kind *kind = NULL;
	uint64_t bytes = 10000000;

	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(argv[1], kinds[i].name))
			kind = &kinds[i];
	for (int i = 2; kind && i < argc; i += 2) {
		uint64_t value = i + 1 < argc ? strtoull(argv[i + 1], NULL, 10) : 0;

		if (value && !strcmp(argv[i], "--bytes"))
			bytes = value;
		else if (value && !strcmp(argv[i], "--seed"))
			g.random = value;
		else if (value && !strcmp(argv[i], "--flows"))
			g.flows = value;
		else if (value && !strcmp(argv[i], "--iso"))
			g.iso = value;
		else
			kind = NULL;
	}
	if (!kind) {
		fputs("usage: genlog trace|mixed|log [--bytes N] [--seed N] [--flows N] "
		      "[--iso 1]\n",
		      stderr);
		return 2;
	}
	return generate(&g, kind, bytes) ? 0 : 1;
}
