/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cond.h - one condition of a rule, parsed: which field of the packet must lie in which spans */
#ifndef NFHOP_RULESET_COND_H
#define NFHOP_RULESET_COND_H

#include "nfhop/ruleset.h"

#include "arena.h"

/* The order is that of the table in match.c. */
enum cond_field {
	COND_OTHER, /* cannot be checked against a packet's headers */
	COND_FAMILY,
	COND_PROTO,
	COND_SRC,
	COND_DST,
	COND_IIF,
	COND_OIF,
	COND_SPORT,
	COND_DPORT,
	COND_PORT, /* either of them */
	COND_ICMP, /* type << 8 | code */
	COND_TCP_FLAGS,
	COND_MARK,
	COND_CT_STATE, /* bits of enum ct_state */
	COND_TUPLE,    /* several of them at once */
	COND_FIELD_MAX
};

/* The address, after @mask, lies from @lo to @hi. Masks need not be contiguous. */
struct addr_span {
	struct addr mask, lo, hi;
};

struct num_span {
	uint32_t mask, lo, hi;
};

/* A device's name, or what it begins with. */
struct name_span {
	struct str name;
	bool prefix;
};

/**
 * struct cond - fits if the field lies in any of @n spans, or in none if @negated
 * @set: it asks a named set or map, whose elements were others before and after the dump
 * @map: it is the key of a map
 * @parts, @n_parts: of COND_TUPLE, its fields: it fits if all of them lie in their spans of one
 *	number from 0 to @n
 * @elements: of a map, what stands between its braces; empty if the dump does not have them
 * @text: as written
 */
struct cond {
	enum cond_field field;
	bool negated, set, map;
	uint8_t n_parts;
	uint32_t n;
	union {
		const struct addr_span *addrs;
		const struct num_span *nums;
		const struct name_span *names;
		const struct cond *parts;
	};
	struct str text, elements;
};

/**
 * struct conds - the conditions of the rule that is being read; grows, used over and over
 * @failed: one is missing for want of memory
 */
struct conds {
	struct cond *at;
	uint32_t n;
	size_t cap;
	bool failed;
};

/* conds_add - Return: the new condition, zeroed but for @field and @text, or NULL */
struct cond *conds_add(struct conds *conds, enum cond_field field, struct str text);
/* conds_add_num - a condition of one span; it lives in @arena */
void conds_add_num(struct conds *conds, struct arena *arena, enum cond_field field, struct str text,
		   struct num_span span);
/* conds_into - hand what was gathered to @rule, and begin anew */
void conds_into(struct conds *conds, struct arena *arena, struct rule *rule);
void conds_finish(struct conds *conds);

enum span_kind { SPAN_NONE, SPAN_ADDR, SPAN_NAME, SPAN_NUM, SPAN_TUPLE };

/* span_kind_of - of the spans that conditions on @field have */
enum span_kind span_kind_of(enum cond_field field);

/* What can be had of a field: its value, nothing at all because the packet has none, not known. */
enum got { GOT_VALUE, GOT_ABSENT, GOT_UNKNOWN };

/* field_get - what a packet has of a field with SPAN_NUM: field_values() of them */
enum got field_get(enum cond_field field, const struct sighting *seen, uint32_t v[2]);
uint8_t field_values(enum cond_field field);

/*
 * cond_by_met - does @cond fit a packet that @seen->met logged, and that was in one of
 *	@seen->states? MATCH_UNKNOWN if that does not tell
 * cond_fits_span - the same if @cond had no other span than number @i; not of conntrack's states
 * states_within - the states that the packet may be in, by what @seen says of them
 * rule_in_nft_words - does it read as nft prints it, where things stand in their order?
 * rule_asks_first - is a condition of @rule with the text @cond asked before it logs?
 */
enum match cond_by_met(const struct cond *cond, const struct sighting *seen);
enum match cond_fits_span(const struct cond *cond, uint32_t i, const struct sighting *seen);
unsigned int states_within(const struct sighting *seen);
bool rule_in_nft_words(const struct rule *rule);
bool rule_asks_first(const struct rule *rule, struct str cond);

#endif
