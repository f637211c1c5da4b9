/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - what the model says, in plain words: for the report and for the view */
#ifndef NFHOP_TEXT_H
#define NFHOP_TEXT_H

#include "nfhop/model.h"
#include "nfhop/writer.h"

#define TEXT_INDENT 3 /* columns before what belongs to a block's first line */

/**
 * struct way - a path as it is to be shown
 * @packet: one that took it, so that devices and changes are known; may be NULL
 */
struct way {
	const struct flow *flow;
	uint32_t path;
	const struct packet *packet;
};

size_t way_length(const struct model *model, const struct way *way);
/* way_taking - how to say what took a packet whose outcome is OUTCOME_QUEUED */
const struct taking *way_taking(const struct model *model, const struct way *way);
void way_hop(const struct model *model, const struct way *way, size_t i, struct hop_view *hop);
struct way way_of(const struct flow *flow, const struct flow_path *fp);

/* struct way_changes - what is said of changes on one line */
struct way_changes {
	struct change at[2 * CHANGE_MAX];
	unsigned int n;
};

/*
 * way_changes_before, way_changes_by - what is to be said of a hop's changes: those that came about
 * before it, but for what the rule of the hop before did; and what its own rule did. Added to
 * @changes.
 */
void way_changes_before(struct way_changes *changes, const struct hop_view *hop);
void way_changes_by(struct way_changes *changes, const struct model *model, const struct way *way,
		    size_t i);

/* What stands on one line of a way. */
enum way_row_kind {
	WAY_FROM,  /* where it came in, or that it was made here */
	WAY_HOP,   /* a rule, a policy, a LOG line */
	WAY_UP,	   /* a bridge handed it up to its own device */
	WAY_ROUTE, /* the kernel chose a route, a bridge a port */
	WAY_TO,	   /* where it left */
	WAY_END,   /* the hooks that it never reached */
};

/* The cells of such a line, in columns. */
enum way_cell {
	WAY_CELL_HOOK,
	WAY_CELL_PLACE,
	WAY_CELL_RULE,
	WAY_CELL_VERDICT,
	WAY_CELL_TEXT,
	WAY_CELL_REST,
	WAY_CELL_MAX
};

/**
 * struct way_row - one line of a way
 * @hop: of WAY_HOP; of WAY_UP and WAY_ROUTE the one after it, for its devices
 * @i: number of that hop from 0
 * @new_hook, @new_place: differs from the line above, so it is said
 * @changes: what is said on this line of what changed
 * @stop: it ended here
 * @idle: so many hops behind it are left out, as way_idle() says
 */
struct way_row {
	enum way_row_kind kind;
	const struct hop_view *hop;
	size_t i;
	const struct decision *d;
	struct str device;
	struct way_changes changes;
	bool new_hook, new_place, stop;
	size_t idle;
};

/**
 * way_rows - call @row for each line of a way, in order
 * @row: what it gets is valid during the call only
 */
void way_rows(const struct model *model, const struct way *way, const struct decision *d,
	      void (*row)(void *who, const struct way_row *row), void *who);
/**
 * way_idle - is hop @i, of a long way, a call of chains that did nothing to the packet?
 * Return: how many hops behind it tell no more than that
 */
size_t way_idle(const struct model *model, const struct way *way, size_t i);
/* text_way_cell - one cell of a line; writes nothing if it is empty */
void text_way_cell(struct writer *writer, const struct way_row *row, enum way_cell cell);

/* text_way - the way hook by hook, rule by rule, and where it ended */
void text_way(struct writer *writer, const struct model *model, const struct way *way,
	      const struct decision *d);

/* Words. */

/* text_mark - a glyph in the colour of its meaning */
void text_mark(struct writer *writer, enum glyph glyph);
/* glyph_kind - "pass", "stop", "lost", "unknown": its meaning as a word for sections of one sort */
const char *glyph_kind(enum glyph glyph);
enum glyph outcome_glyph(enum outcome outcome);
void text_proto(struct writer *writer, uint8_t family, bool known, uint8_t proto);
void text_endpoint(struct writer *writer, const struct addr *addr, bool with_port, uint16_t port);
void text_endpoints(struct writer *writer, const struct endpoints *ends, bool ports);
/*
 * text_endpoint_within, text_endpoints_within - the same, "[2001:db8:…:6666]:443" where there are
 * only @room columns; with less than 12 for each, more than @room
 */
void text_endpoint_within(struct writer *writer, const struct addr *addr, bool with_port,
			  uint16_t port, size_t room);
void text_endpoints_within(struct writer *writer, const struct endpoints *ends, bool ports,
			   size_t room);
/* text_header - "tcp A:1 → B:2" of a packet as first seen */
void text_header(struct writer *writer, const struct header *header);
/* text_host - "gw: " before what is of one of several hosts */
void text_host(struct writer *writer, const struct model *model, sym_t host);
/* text_flow_name - "tcp A:1 → B:2", "icmp echo-request A → B id 7" */
void text_flow_name(struct writer *writer, const struct flow *flow);
/* text_flow_name_within - the same, its addresses cut where there are only @room columns */
void text_flow_name_within(struct writer *writer, const struct flow *flow, size_t room);
/* text_flow_icmp - " echo-request", if all its packets there are of one type; nft's words */
void text_flow_icmp(struct writer *writer, const struct flow *flow);
/* text_rule - "rule 2", "policy", "policy or rule 3" where nobody can tell */
void text_rule(struct writer *writer, const struct hop_view *hop);
/* text_table - "filter"; "ip filter" where legacy iptables has told of a table called so, too */
void text_table(struct writer *writer, const struct hop_view *hop);
/* text_place - "filter WEB rule 2"; "fw web \"tcp dport 80 drop\"" if no more is known of it */
void text_place(struct writer *writer, const struct hop_view *hop);
/* text_logged - what hop_logged() says */
void text_logged(struct writer *writer, const struct hop_view *hop);
/* text_hook - "FORWARD", "PREROUTING or INPUT" */
void text_hook(struct writer *writer, const struct hop_view *hop);
/* text_outcome - "stopped in FORWARD by filter WEB rule 2", "left by venet0" */
void text_outcome(struct writer *writer, const struct model *model, const struct way *way,
		  const struct decision *d);
/* text_finding - its sentence, why, and what to try; begins with an empty line */
void text_finding(struct writer *writer, const struct finding *finding, size_t indent);
/* text_caveats - the findings that all others hang on */
void text_caveats(struct writer *writer, const struct model *model);
/* text_sure - "Sure: ...", "Inferred: ...", "Not known: ..." */
void text_sure(struct writer *writer, const struct model *model, uint32_t path,
	       const struct decision *d);
/* text_verdict - "accept", "DROP", "jump WEB" */
void text_verdict(struct writer *writer, const struct hop_view *hop);
/* text_change - "ttl 64 → 63" */
void text_change(struct writer *writer, const struct change *change);
/* text_details - what tells a packet from its neighbours: " SYN ACK id 4711" */
void text_details(struct writer *writer, const struct header *header);
/* text_span - "Nov 22 14:58:09–14:58:12" */
void text_span(struct writer *writer, const struct stamp *first, const struct stamp *last);

/* flow_glyph - how a flow's conclusion is marked */
enum glyph flow_glyph(const struct flow_view *view);

#define FLOW_TROUBLES 7
/* flow_trouble - where it stands among others, below FLOW_TROUBLES: what was stopped is 0, then
 * what was lost, what is not known, and what got through. Housekeeping is behind all others that
 * were stopped, or behind all. */
uint8_t flow_trouble(const struct flow_view *view);
/* text_conclusion - what became of a flow: "both directions got through this gateway" */
void text_conclusion(struct writer *writer, const struct model *model, const struct flow *flow);
/* text_flow_nat - "Its source became 192.0.2.1."; nothing if nothing was translated */
void text_flow_nat(struct writer *writer, const struct model *model, const struct flow *flow);

#endif
