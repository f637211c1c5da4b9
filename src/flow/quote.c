/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quote.c - which flow an ICMP error is about whose quote was not captured up to its addresses
 *
 * Of such an error, a trace event has the first 12 bytes of the packet that it quotes
 * (formats.md 3.3): length, identification and protocol. The error goes back to that packet's
 * source. Together they fit the packet that was answered, and next to never another; where two
 * flows fit, it is not said which one it is. Of a packet whose source was translated to nobody
 * knows what, the device that it left by stands in for that address.
 */
#include "flows.h"

#define NEAR_ID 16 /* neighbours that do not answer are told of when the sender has tried again */

bool quotes_ends(const struct packet *p)
{
	return p->has_quoted && (p->quoted.have & HEADER_ADDR);
}

bool quotes_start(const struct packet *p)
{
	const uint32_t need = HEADER_ID | HEADER_LEN | HEADER_PROTO;

	return p->has_quoted && !(p->quoted.have & HEADER_ADDR) && p->n_ends &&
	       (p->quoted.have & need) == need;
}

void sent_set(struct sent *sent, const struct header *h)
{
	const uint32_t need = HEADER_ID | HEADER_LEN;

	sent->id = h->id;
	sent->length = (h->have & need) == need ? h->length : 0;
}

/* Where would an error about it go: its source as it came, or as it left. */
static bool goes_back(const struct flow *flow, const struct addr *to, int direction)
{
	const struct endpoints *there = &flow->there.ends, *left = &flow->left.ends;
	const struct addr *came = direction ? &there->dst : &there->src,
			  *gone = direction ? &left->dst : &left->src;

	return !memcmp(to, came, sizeof(*to)) || !memcmp(to, gone, sizeof(*to));
}

/* By the rule set its source became another, which nothing shows: may an error about it be this? */
static bool may_go_back(const struct flow *flow, const struct packet *error)
{
	const struct endpoints *there = &flow->there.ends, *left = &flow->left.ends;
	sym_t by = error->n_hops ? error->hops[0].iif : 0;

	return flow->nat_by == BY_RULESET && !memcmp(&there->src, &left->src, sizeof(there->src)) &&
	       by && (!flow->oif[0] || flow->oif[0] == by);
}

static enum quote_fit fit_of(const struct sent *sent, const struct header *quoted)
{
	if (!sent->length || sent->length != quoted->length)
		return QUOTE_OTHER;
	if (sent->id == quoted->id)
		return QUOTE_SAME;
	return quoted->id && sent->id > quoted->id && sent->id - quoted->id < NEAR_ID ? QUOTE_NEAR
										      : QUOTE_OTHER;
}

enum quote_fit quote_fit(const struct flow *flow, const struct packet *error, int *direction)
{
	const struct header *quoted = &error->quoted;
	enum quote_fit best = QUOTE_OTHER;

	if (flow->scope != error->scope || flow->there.proto != quoted->proto ||
	    flow->there.family != quoted->family)
		return QUOTE_OTHER;
	for (int d = 0; d < 2; d++) {
		enum quote_fit fit = goes_back(flow, &error->ends[0].dst, d)
					     ? fit_of(&flow->sent[d], quoted)
					     : QUOTE_OTHER;

		if (fit <= best)
			continue;
		best = fit;
		*direction = d;
	}
	if (best < QUOTE_UNTOLD && quoted->id && may_go_back(flow, error) &&
	    fit_of(&flow->sent[0], quoted) == QUOTE_SAME) {
		best = QUOTE_UNTOLD;
		*direction = 0;
	}
	return best;
}
