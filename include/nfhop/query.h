/* SPDX-License-Identifier: GPL-2.0-or-later */
/* query.h - the filter language (interface.md section 3): text in, a tree, packets out */
#ifndef NFHOP_QUERY_H
#define NFHOP_QUERY_H

#include "nfhop/model.h"

#define QUERY_NESTING_MAX 64		  /* parentheses and `not` within each other */
#define QUERY_LEAVES_MAX  64		  /* primitives in one filter */
#define QUERY_TEXT_MAX	  ((size_t)65536) /* bytes */

/*
 * What a node of the tree is. The three first ones have children, all others are primitives:
 * leaves. The kernel can match some of them before the first chain: query_in_kernel().
 */
enum query_kind {
	QUERY_OR,  /* at least two children */
	QUERY_AND, /* at least two children */
	QUERY_NOT, /* one child */
	QUERY_HOST,
	QUERY_SRC,
	QUERY_DST, /* these three: @values with addr, prefix, family */
	QUERY_PORT,
	QUERY_SPORT,
	QUERY_DPORT,   /* these three: @values with from, to (a range, or from == to) */
	QUERY_PROTO,   /* @values with from == to: an IP protocol number */
	QUERY_FAMILY,  /* @values with from == to: FAMILY_IP, FAMILY_IP6 or FAMILY_ARP */
	QUERY_IIF,     /* @values with text: a name or a glob (`*`, `?`; `zt+` has become `zt*`) */
	QUERY_OIF,     /* the same */
	QUERY_FLAGS,   /* @values, one: TCP_* bits that are set in from, and that are not in to */
	QUERY_MARK,    /* @values with from: the mark; to: its mask (all ones if none was given) */
	QUERY_TTL,     /* @compare, @values, one: from */
	QUERY_LENGTH,  /* the same */
	QUERY_UID,     /* @values with from, to */
	QUERY_AT,      /* @place */
	QUERY_STOPPED, /* @place, NULL: anywhere, or between two hooks */
	QUERY_OUTCOME, /* @values with from == to: enum outcome */
	QUERY_NAT,
	QUERY_SNAT,
	QUERY_DNAT,
	QUERY_REPLY,
	QUERY_HOST_NAME, /* @values with text: a name or a glob */
	QUERY_PATH,
	QUERY_TEXT,
	QUERY_PREFIX, /* these three: @text is the regular expression, @regex the compiled one */
	QUERY_SINCE,
	QUERY_UNTIL, /* these two: @values, one: time */
	QUERY_KIND_MAX
};

enum query_compare { QUERY_LT, QUERY_LE, QUERY_EQ, QUERY_NE, QUERY_GE, QUERY_GT };

enum query_clock {
	QUERY_CLOCK_LOG,  /* ns since 1970 in the log's own zone */
	QUERY_CLOCK_UTC,  /* ns since 1970 */
	QUERY_CLOCK_DAY,  /* ns since midnight, of any day, in the log's own zone */
	QUERY_CLOCK_BOOT, /* ns since boot */
};

/**
 * struct query_value - one value of a list; the kind of the node says which members hold
 * @addr, @prefix: a network; @prefix counts bits of the 16-byte address (IPv4 /8 is 104), the
 *	bits behind it are 0
 * @family: FAMILY_IP or FAMILY_IP6
 * @ns, @clock: a time
 */
struct query_value {
	struct addr addr;
	unsigned int prefix;
	enum family family;
	uint32_t from, to;
	struct str text;
	int64_t ns;
	enum query_clock clock;
};

/**
 * struct query_place - T:C, T:C:rule, T:C:rule:N, T:C:rule:#HANDLE, T:C:policy, T:C:"comment"
 * @table, @chain: names or globs
 * @any: every kind of hop; else only those of @kind (HOP_RULE, HOP_RETURN, HOP_POLICY)
 * @rule: position in the chain, @handle: nft's; 0: any
 * @comment: the rule's own comment, empty: any; needs the rule set
 */
struct query_place {
	struct str table, chain;
	bool any;
	enum hop_kind kind;
	uint32_t rule;
	uint64_t handle;
	struct str comment;
};

struct query_regex;

/**
 * struct query_node - one node of the tree, owned by its query
 * @at, @n: the bytes of the text that it was read from
 * @child: the first child, its siblings follow by @next; NULL for primitives
 * @leaf: number of the primitive, from 0 in the order of the text
 */
struct query_node {
	enum query_kind kind;
	size_t at, n;
	const struct query_node *child, *next;
	unsigned int leaf;
	enum query_compare compare;
	const struct query_value *values;
	size_t n_values;
	const struct query_place *place;
	struct str text;
	const struct query_regex *regex;
};

struct query;

/**
 * struct query_error - why a text is no filter
 * @at, @n: the bytes that are wrong; at the end of the text @n is 0
 * @expected: what should have been there
 * @guess: the word that was meant, perhaps; a constant, or NULL
 * @advice: what to write instead of other tools' words; a constant, or NULL
 */
struct query_error {
	size_t at, n;
	char expected[256];
	const char *guess, *advice;
};

/**
 * query_parse - read a filter
 * @text: copied
 * @q: receives the query (query_destroy() it), NULL if the answer is not 0
 * @err: filled in if the answer is -EINVAL
 * Return: 0, -EINVAL or -ENOMEM
 */
int query_parse(struct str text, struct query **q, struct query_error *err);
void query_destroy(struct query *q);

/**
 * query_all - the filter that holds where all of @parts hold
 * @parts: stay the caller's; NULLs among them are skipped
 * Return: 0 and @q, NULL if there are none; -ENOMEM; -E2BIG if there are too many primitives
 */
int query_all(const struct query *const *parts, size_t n, struct query **q);

/**
 * query_error_text - `expected an address, found "10.0.0"; did you mean ...?`
 * @text: what was parsed. Control characters in it become '?'.
 * Return: @buf, always terminated
 */
const char *query_error_text(const struct query_error *err, struct str text, char *buf, size_t n);

/* query_error_hint - the same for little room: what to write instead, where that is known */
const char *query_error_hint(const struct query_error *err, struct str text, char *buf, size_t n);

/* query_root - the tree; const, for whoever translates it */
const struct query_node *query_root(const struct query *q);

/**
 * query_print - the filter as text, in one form however it was typed; it parses to the same tree
 * Return: how many bytes it has; at most @n of them are in @buf, which is not terminated
 */
size_t query_print(const struct query *q, char *buf, size_t n);

/* query_print_node - the same for a part of it */
size_t query_print_node(const struct query_node *node, char *buf, size_t n);

/* query_word - the word of a kind as a user types it: "dport"; a constant */
const char *query_word(enum query_kind kind);

/**
 * query_in_kernel - can the kernel match it before the first chain?
 * True for or, and, not, host src dst port sport dport, protocols, families, iif flags mark
 * length ttl.
 */
bool query_in_kernel(enum query_kind kind);

/* struct query_primitive - one row of the table of primitives, for help and completion */
struct query_primitive {
	const char *word, *argument, *help;
	enum query_kind kind;
};

/* query_primitives - Return: how many rows there are, @rows: the first */
size_t query_primitives(const struct query_primitive **rows);

/* ---- Does it hold? ---- */

/**
 * query_match - does the filter hold for a closed packet?
 *
 * Addresses and ports are those before or after NAT: of every address that the trace shows the
 * packet with, and of the one that its flow is known to be translated to, if it got through.
 * Devices, marks and places hold if any hop has them; ttl, length and flags are those of the
 * first hop. What the input does not tell does not hold: `dport 22` is false for a fragment
 * without ports, `not dport 22` is true. Ask when what is known is known: after model_end() or
 * model_conclude().
 */
bool query_match(const struct query *q, const struct model *model, const struct packet *packet);

/* Why it cannot be said. */
enum query_doubt_kind {
	QUERY_DOUBT_NONE,
	QUERY_DOUBT_OUTCOME, /* what became of it is not known: see model_reason() */
	QUERY_DOUBT_CHAIN,   /* hops of it are missing, or may be */
	QUERY_DOUBT_SILENT,  /* legacy iptables or nftables has rules, and tells nothing of it */
	QUERY_DOUBT_RULESET, /* only the rule set could tell: "policy or rule 3", a text */
	QUERY_DOUBT_SOURCE,  /* SNAT may have given it another source, and nothing shows which */
	QUERY_DOUBT_HEADER,  /* the input does not show that part of the packet */
	QUERY_DOUBT_OPENER,  /* which side opened its connection was not seen */
};

/* struct query_doubt - @node: the primitive that cannot be told */
struct query_doubt {
	enum query_doubt_kind kind;
	const struct query_node *node;
};

/**
 * query_judge - the same with a third answer: what is not known is not "no"
 * @doubt: filled in if the answer is MATCH_UNKNOWN; may be NULL
 */
enum match query_judge(const struct query *q, const struct model *model,
		       const struct packet *packet, struct query_doubt *doubt);

/**
 * query_breaker - which primitive makes it "no"?
 * Return: of an `and` the first part that is "no", down to a primitive, or to the `or` or `not`
 * that is "no" as a whole; NULL if the answer is not "no"
 */
const struct query_node *query_breaker(const struct query *q, const struct model *model,
				       const struct packet *packet);

/*
 * Flows. A flow matches if at least one of its packets does. Its packets are not kept, so a flow
 * keeps what each of them said to the filter when it closed: that is its class (struct
 * model_filter). Packets that took the same path with the same class have the same answer, and
 * what a packet cannot say before the end of input (outcome, place, text) the path says later.
 */

/**
 * struct query_untimed - packets that a time of the filter cannot be held against
 * @n: how many, of those of the model's flows; @node: the first such time; @stamp: the first
 *	packet's
 */
struct query_untimed {
	uint64_t n;
	const struct query_node *node;
	struct stamp stamp;
};

/* query_untimed - of `since` and `until` in @q, whose clock is not the one of the packets' stamps
 */
struct query_untimed query_untimed(const struct query *q, const struct model *model);

/* query_class - what the packet itself says to the primitives of @q, a bit each */
uint64_t query_class(const struct query *q, const struct model *model, const struct packet *packet);

/* query_match_class - does @q hold for the packets of @fp, whose query_class() was @class? */
bool query_match_class(const struct query *q, const struct model *model, const struct flow *flow,
		       const struct flow_path *fp, uint64_t class);

/* query_filter - @q for struct model_config: the model shows what it holds for; NULL: all */
struct model_filter query_filter(const struct query *q);

/**
 * query_match_way - does @q hold for packets of @flow that took @fp, as far as is still known?
 *
 * For filters that were not there when the packets closed (views): each path's sample stands
 * for all that took the path. Where no sample was kept, addresses, ports, protocol, direction
 * and all that the path tells hold, but not flags, ttl, length, mark, uid and devices.
 */
bool query_match_way(const struct query *q, const struct model *model, const struct flow *flow,
		     const struct flow_path *fp);

#endif
