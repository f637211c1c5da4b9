/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff.h - two captures compared: which flows take another way now, and where they part */
#ifndef NFHOP_DIFF_H
#define NFHOP_DIFF_H

#include "nfhop/model.h"
#include "nfhop/writer.h"

/**
 * struct conversation - what flows of two captures have in common
 * @client, @server: as first seen, before NAT
 * @port: the server's; 0 without ports: the client's port is another one each time
 */
struct conversation {
	struct addr client, server;
	uint16_t port;
	uint8_t proto, family;
	bool known; /* proto holds */
};

/**
 * struct diff_way - one way of one side
 * @flow, @fp: an example, NULL: no packet goes this way in this direction
 * @packets: of all flows of the conversation
 * @hop: the first hop that differs, as a number in the path; its length if the way ends there
 */
struct diff_way {
	const struct flow *flow;
	const struct flow_path *fp;
	uint64_t packets;
	size_t hop;
};

/**
 * struct diff_row - one difference
 * @back: of the server's packets
 * @common: how many hops the two ways share
 * @way: [0] before, [1] after
 */
struct diff_row {
	struct conversation key;
	bool back;
	size_t common;
	struct diff_way way[2];
};

/**
 * struct diff - all differences
 * @matched: conversations that could be compared; @vague: in both, but too little is known
 * @only: conversations [0] in the first alone, [1] in the second
 * @unclear: packets of each side that were not compared, because their ways are not fully known
 */
struct diff {
	const struct model *model[2];
	struct diff_row *rows;
	size_t n, cap;
	size_t matched, vague, only[2];
	uint64_t unclear[2];
};

/**
 * diff_draw - compare what two models show
 *
 * Rules are the same if their texts are, whatever their numbers and counters; where one side has
 * no rule set, if their numbers or handles are. A rule that says something else now (a map) is
 * a difference, and so is address translation that leads elsewhere, where both sides know it; the
 * source port is not looked at. So are answers that only refuse now (RST, an ICMP error), or did
 * so before. Packets with missing hops, or of which it is not
 * known what became of them, are left out.
 * Return: 0 or -ENOMEM; diff_finish() it in any case
 */
int diff_draw(struct diff *diff, const struct model *before, const struct model *after);
void diff_finish(struct diff *diff);

/* diff_shows_target - is it known where address translation sends it? Then @left tells. */
bool diff_shows_target(const struct diff_way *way);

/* diff_write_text - in src/output; @names: of the two captures */
void diff_write_text(struct writer *writer, const struct diff *diff, const char *const names[2]);

#endif
