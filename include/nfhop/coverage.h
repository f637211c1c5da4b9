/* SPDX-License-Identifier: GPL-2.0-or-later */
/* coverage.h - which rules were met, how often and by whom, and which never */
#ifndef NFHOP_COVERAGE_H
#define NFHOP_COVERAGE_H

#include "nfhop/model.h"
#include "nfhop/writer.h"

/* Why a rule was not met: not reached, or reached and not matched, as far as this traffic tells. */
enum never {
	NEVER_NOT,	     /* it was met */
	NEVER_UNKNOWN,	     /* whether a packet came to it is not known */
	NEVER_MATCHED,	     /* packets came to it, @passed_over of them for certain */
	NEVER_TAKEN,	     /* rules before it took every packet of its chain */
	NEVER_CHAIN,	     /* no packet came to its chain */
	NEVER_UNCONDITIONAL, /* rule @by stands before it and takes everything */
	NEVER_SHADOWED,	     /* @by_packets packets fitted it, but earlier rules took all of them */
	NEVER_UNTRACED, /* the rule that starts the trace, or one before it: nothing shows it */
	NEVER_LOGGED,	/* nothing shows it: packets were only logged */
	NEVER_ALIKE, /* it reads as others of its chain, whose hits are told by their text alone */
};

/**
 * struct coverage_row - one rule, or one policy
 * @rule, @chain: of the rule set; NULL if it is not known or not in it
 * @kind: HOP_RULE or HOP_POLICY
 * @number: position in its chain, @handle: nft's; 0 if not known
 * @hits: how often it was met; @packets, @flows: by how many
 * @passed_over: packets that are known to have come to it, of a rule that none matched
 * @when: packets met it; empty if none did
 * @gone: of a rule set that was loaded before, in which alone it was
 * @since, @until: of rule sets that were loaded one after the other, those from @since and before
 *	@until alone have it; empty: the first had it, the last has it. Hits are of all of them.
 * @by: the rule that took most packets that fitted this one, or the unconditional one
 */
struct coverage_row {
	const struct rule *rule;
	const struct chain *chain;
	enum family family;
	struct str table, chain_name, text;
	enum hop_kind kind;
	uint32_t number;
	uint64_t handle;
	uint64_t hits, packets, flows, passed_over;
	struct span when;
	bool gone;
	struct stamp since, until;
	enum never never;
	const struct rule *by;
	uint64_t by_packets;
	/* private */
	uint32_t last_flow;
	uint64_t taken; /* by @by alone, while they are counted */
	size_t last_path;
	size_t place;
	bool unsure; /* some packet may have come to it */
	bool beside; /* a traced packet came to its chain when it was there */
};

/**
 * struct coverage - all rules and policies, chain by chain in the order of the rule set that is
 * loaded now; behind each chain what it had before, if that was met
 * @rules: the rule set they are of; NULL: only what was met is in the rows
 * @reached, @never: how many rules; policies do not count, nor what is not traced
 * @unmatched: of those never met, NEVER_MATCHED
 * @traced, @logged: there are packets that were traced, that were only logged
 */
struct coverage {
	const struct ruleset *rules;
	struct coverage_row *rows;
	size_t n, cap;
	size_t reached, never, unmatched;
	bool traced, logged;
};

/**
 * coverage_draw - from all packets that the model shows
 * @c: coverage_finish() it in any case
 * Return: 0 or -ENOMEM
 */
int coverage_draw(struct coverage *c, const struct model *model);
void coverage_finish(struct coverage *c);

/* never_name - the word of JSON; NULL for NEVER_NOT. never_counts - never met for certain */
bool never_counts(enum never never);
const char *never_name(enum never never);

/* coverage_write_text, coverage_write_json - in src/output; @never: only rules never met */
void coverage_write_text(struct writer *writer, const struct model *model, const struct coverage *c,
			 bool never);
void coverage_write_json(FILE *out, const struct model *model, const struct coverage *c,
			 bool never);

#endif
