/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter.c - what a filter costs a packet; fails if a typical one takes 100 ns or more */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nfhop/query.h"
#include "nfhop/split.h"

#define ROUNDS 2000000
#define LIMIT  100.0 /* ns */

#define LINE(place, devices)                                                                       \
	"<4>[ 1.000] TRACE: " place " " devices " SRC=192.168.7.2 DST=198.51.100.9 LEN=60 "        \
	"TOS=0x00 PREC=0x00 TTL=64 ID=11 PROTO=TCP SPT=4000 DPT=443 SEQ=1 ACK=0 WINDOW=64240 "     \
	"RES=0x00 SYN URGP=0 \n"

static const char *const lines[] = {
	LINE("raw:PREROUTING:policy:2", "IN=zt7 OUT="),
	LINE("mangle:PREROUTING:policy:1", "IN=zt7 OUT="),
	LINE("nat:PREROUTING:policy:1", "IN=zt7 OUT="),
	LINE("mangle:FORWARD:policy:1", "IN=zt7 OUT=eth1"),
	LINE("filter:FORWARD:rule:1", "IN=zt7 OUT=eth1"),
	LINE("mangle:POSTROUTING:policy:1", "IN= OUT=eth1"),
	LINE("nat:POSTROUTING:rule:1", "IN= OUT=eth1"),
};

/* @bounded: the limit is for this one; the others are shown to be known */
static const struct {
	const char *filter;
	bool bounded;
} filters[] = {
	{ "tcp", true },
	{ "dst 198.51.100.0/24 and dport {80,443}", true },
	{ "tcp and src 192.168.0.0/16 and dport 443 and not flags rst", true },
	{ "(host 10.0.0.9 or host 198.51.100.9) and iif zt* and flags syn,!ack", true },
	{ "host {10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4} or arp or port 53", true },
	{ "at filter:FORWARD:rule:1", false },
	{ "stopped", false },
	{ "path ~ \"filter:FORWARD:rule:1\"", false },
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct model *one_packet(void)
{
	struct model_config config = model_config_default();
	struct split split = { .source = 0 };
	struct record rec;
	struct model *m;

	config.max_kept = 1;
	m = model_create(&config, NULL);
	for (size_t i = 0; m && i < sizeof(lines) / sizeof(*lines); i++)
		if (split_next(&split, str_from(lines[i]), true, &rec))
			model_feed(m, &rec);
	if (m)
		model_end(m);
	return m;
}

static volatile unsigned int held; /* the answers must be wanted by somebody */

static double cost(const struct query *q, const struct model *m)
{
	const struct packet *p = model_packet_at(m, 0);
	double best = 1e9;

	for (int round = 0; round < 5; round++) {
		double start = now_ns(), each;

		for (int i = 0; i < ROUNDS / 5; i++)
			held += query_match(q, m, p);
		each = (now_ns() - start) / (ROUNDS / 5);
		best = each < best ? each : best;
	}
	return best;
}

int main(void)
{
	struct model *m = one_packet();
	int status = 0;

	if (!m || !model_packet_count(m))
		return 2;
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		struct query_error err;
		struct query *q;
		double ns;

		if (query_parse(str_from(filters[i].filter), &q, &err))
			return 2;
		ns = cost(q, m);
		printf("%6.1f ns  %s%s\n", ns, filters[i].filter,
		       filters[i].bounded && ns >= LIMIT ? "   TOO SLOW" : "");
		status |= filters[i].bounded && ns >= LIMIT;
		query_destroy(q);
	}
	model_destroy(m);
	return status;
}
