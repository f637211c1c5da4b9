/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace.h - events in, packets out: identity, the order of hooks, paths, outcome */
#ifndef NFHOP_TRACE_H
#define NFHOP_TRACE_H

#include "nfhop/batch.h"
#include "nfhop/event.h"
#include "nfhop/packet.h"
#include "nfhop/prefixes.h"
#include "nfhop/ruleset.h"
#include "nfhop/sym.h"

/* Years and relative stamps: what a line's stamp means in its source. */

/**
 * struct timeline - zero it, then set the first two members; one per source
 * @mtime_ns: when the source was last written, ns since 1970; 0 if not known
 * @year: year of the first line that names none; 0 to take it from @mtime_ns
 */
struct timeline {
	int64_t mtime_ns;
	int year;
	/* private */
	int at_year, at_month;
	int64_t day, day_is; /* ns at which a day began, as it stands in the text, and in truth */
	uint64_t sum_ns;     /* of relative stamps */
};

/**
 * timeline_resolve - give @stamp the year that its text lacks, add up relative stamps
 *
 * The sum stays STAMP_DELTA: when the first line was nobody knows. (No tool prints both, and lines
 * that are not netfilter's need not have been looked at.)
 *
 * Without @year the last line is taken to be no later than the day after @mtime_ns. A month
 * that steps back by six or more (December, January) begins a new year.
 */
void timeline_resolve(struct timeline *timeline, struct stamp *stamp);

/* stamp_age - ns from @then to @now by the kernel's clock or the wall's; 0 if neither tells */
int64_t stamp_age(const struct stamp *now, const struct stamp *then);
/**
 * stamp_since - the same, where it may be that they cannot be compared
 * @apart: they may be of several hosts: how long these ran says nothing, their clocks do
 * @ns: receives it
 * Return: can they be compared?
 */
bool stamp_since(const struct stamp *now, const struct stamp *then, bool apart, int64_t *ns);

/* span_add - it was from @from to @to, too (@apart: as above); what has no stamp is passed over */
void span_add(struct span *span, const struct stamp *from, const struct stamp *to, bool apart);

/* The five tables of iptables: where they hook and in what order (formats.md 2.6, 5.1). */

enum table_no { TABLE_RAW, TABLE_MANGLE, TABLE_NAT, TABLE_FILTER, TABLE_SECURITY, TABLE_MAX };

#define TABLE_BIT(t) (1u << (t))

/* table_find - Return: the table of that name, or TABLE_MAX */
enum table_no table_find(struct str name);
const char *table_name(enum table_no table);

/* table_hooks - Return: HOOK_BIT of every hook that the table has a built-in chain at */
unsigned int table_hooks(enum table_no table);

/* table_priority - where the table stands in the hook (nf_ip_hook_priorities) */
int table_priority(enum table_no table, enum hook hook);

/* chain_hook - Return: the hook of a built-in chain, or HOOK_NONE for a user's chain */
enum hook chain_hook(enum table_no table, struct str chain);

/* hooks_reach - can a packet at one of @from (HOOK_BITs) come to @to next, in an ordinary way? */
bool hooks_reach(unsigned int from, enum hook to);

/* hooks_only - Return: the one hook whose HOOK_BIT @hooks is; HOOK_NONE if none or several */
enum hook hooks_only(unsigned int hooks);

/*
 * hooks_by_devices - Return: HOOK_BIT of each of iptables' hooks where a packet has the devices
 * that it has (formats.md 5.1); 0 if it has none
 */
unsigned int hooks_by_devices(bool in, bool out);

/* Paths: every distinct sequence of steps is kept once. */

struct paths;

/**
 * struct log_name - what the prefix of a LOG line says of its rule (nfhop/prefixes.h)
 * @convention: whose prefix it is; 0 if nobody's
 */
struct log_name {
	sym_t convention, table, chain;
	unsigned int hooks;
	uint32_t rule;
	enum verdict verdict;
	bool default_rule, certain;
};

/**
 * struct path_hop - what a path knows of one of its hops
 * @meaning: what the rule set says that it was; all zero without one
 * @name: what the prefix of a LOG line says; all zero if nothing
 * @verdict, @by: stated by the step, said by the rule set, or inferred from the hops that follow
 * @contradicts: the rule set says that the hops that follow cannot follow; they win
 * @target: chain jumped to, stated or seen; 0 if none
 */
struct path_hop {
	const struct step *step;
	const struct hop_meaning *meaning;
	const struct log_name *name;
	enum verdict verdict;
	enum source_of by;
	bool contradicts;
	sym_t target;
	unsigned int depth;
};

/**
 * paths_create - no path yet (heap)
 * @syms: its names; must outlive the paths
 * @rules: sealed; NULL if none is known
 * @prefixes: the conventions for LOG prefixes; NULL: prefixes are only text
 * Both must outlive the paths.
 */
struct paths *paths_create(struct syms *syms, const struct ruleset *rules,
			   struct prefixes *prefixes);
void paths_destroy(struct paths *paths);

/* paths_rules - the newest rule set, or NULL */
const struct ruleset *paths_rules(const struct paths *paths);
/* paths_rules_of - the one that was loaded at the path's last hop, or NULL */
const struct ruleset *paths_rules_of(const struct paths *paths, uint32_t path);
/**
 * paths_set_rules - another rule set is loaded from here on
 * @set: sealed; must outlive the paths
 * Return: 0, -ENOMEM, or -ENOSPC after 65536 of them: then the last one stays
 */
int paths_set_rules(struct paths *paths, const struct ruleset *set);
/* paths_generation - the number of the newest, for struct step */
uint16_t paths_generation(const struct paths *paths);

/* paths_step - the number of @step; Return: the number, or UINT32_MAX if memory ended */
uint32_t paths_step(struct paths *paths, const struct step *step);
/* paths_step_as - the same of a step that is known to be @is, whatever its names tell; with
 * another verdict or doubt it is another step */
uint32_t paths_step_as(struct paths *paths, const struct step *step, const struct hop_meaning *is);
const struct step *paths_step_at(const struct paths *paths, uint32_t step);
/* paths_name_at - what the prefix of a LOG step says; all zero if nothing */
const struct log_name *paths_name_at(const struct paths *paths, uint32_t step);
/* paths_meaning_at - what the rule set says of a step; all zero without one */
const struct hop_meaning *paths_meaning_at(const struct paths *paths, uint32_t step);

/**
 * paths_intern - the number of the path of these hops; UINT32_MAX if memory ended
 * @beyond: step that evaluation came to behind its last LOG line, by the rule set, which did not
 *	stop the packet, or may have; PATH_NO_STEP
 */
uint32_t paths_intern(struct paths *paths, const struct hop *hops, size_t n, uint32_t beyond);
#define PATH_NO_STEP UINT32_MAX
#define PATH_APART   (UINT32_MAX - 1) /* as @beyond: several steps may be it */
/*
 * paths_beyond - that step; of several two are known at most: see its meaning's doubt. Return: is
 * there one? paths_apart - may several be it?
 */
bool paths_beyond(const struct paths *paths, uint32_t path, struct path_hop *hop);
bool paths_apart(const struct paths *paths, uint32_t path);
size_t paths_length(const struct paths *paths, uint32_t path);
size_t paths_count(const struct paths *paths);
struct path_hop paths_hop(const struct paths *paths, uint32_t path, size_t i);
/* paths_table - the legacy table of one hop, TABLE_MAX if it is none */
enum table_no paths_table(const struct paths *paths, uint32_t path, size_t i);

/* A packet's headers as they were at a hop: NAT and forwarding change them. */
struct packet_seen {
	struct header header;
	struct sighting sighting; /* of that header */
};

void packet_seen_at(const struct syms *syms, const struct packet *packet, size_t hop,
		    struct packet_seen *seen);

/* Outcome. */

/**
 * struct visible - what would have been printed had a packet come there
 * @tables: TABLE_BIT of every legacy table of this family and host that was seen anywhere:
 *	it exists at all its hooks then. Those of the rule set count without being named here.
 * @nft_hooks: HOOK_BIT of every hook where a base chain of nft's was seen
 * @away: it is not for this host, so behind PREROUTING it must come to FORWARD
 * @rerouted: mangle changed its mark or TOS at OUTPUT: behind that it was routed again
 */
struct visible {
	enum family family;
	unsigned int tables;
	unsigned int nft_hooks;
	bool away, rerouted;
};

/**
 * outcome_decide - what became of packets that took @path (semantics.md section 4)
 * @flags: PACKET_* bits
 * @d: filled in
 */
void outcome_decide(const struct paths *paths, uint32_t path, unsigned int flags,
		    const struct visible *visible, struct decision *d);

/* Assembly. */

struct assembler;

/**
 * struct assembler_sink - what happens to packets; each call may set packet->flow and flags
 * @opened: a packet has its first hop
 * @moved: its endpoints changed (NAT), as @told says, which is what one of two sources tells of it,
 *	or the packet itself; told->ends[n_ends - 1] are the new ones
 * @translated: it passed a rule that gives it the source @to, by the rule set (a trace does
 *	not show what SNAT does); NULL if nobody wants to know
 * @withdrawn: what was opened is a part of another packet, which has its hops from now on
 * @closed: its way is complete; it is valid during the call only
 * @soon: it will be closed soon, or next (@next): a good moment to fetch what that needs from
 *	memory; NULL if there is nothing to fetch; @coming: one with these headers
 *	will be opened soon, after some others
 * @states: CT_* bits: what conntrack may have called it, as far as its flow tells, 0: nothing;
 *	asked of packets that were only logged, before they are closed; NULL if nobody can say
 */
struct assembler_sink {
	void (*opened)(void *who, struct packet *packet);
	void (*moved)(void *who, struct packet *packet, const struct packet *told);
	void (*translated)(void *who, struct packet *packet, const struct nat_target *to);
	void (*withdrawn)(void *who, const struct packet *packet);
	void (*closed)(void *who, struct packet *packet);
	void (*soon)(void *who, const struct packet *packet, bool next);
	void (*coming)(void *who, unsigned int scope, const struct header *header,
		       const struct endpoints *ends);
	unsigned int (*states)(void *who, const struct packet *packet);
	void *who;
};

/* struct assembler_limits - see struct model_config */
struct assembler_limits {
	bool woven;
	size_t max_open;
	uint64_t idle_ns;
};

/**
 * assembler_create - nothing is open yet (heap)
 * @syms, @paths: names and paths go there; they must outlive the assembler
 */
struct assembler *assembler_create(const struct assembler_limits *limits,
				   const struct assembler_sink *sink, struct syms *syms,
				   struct paths *paths);
void assembler_destroy(struct assembler *a);

/**
 * assembler_hop - put one EVENT_HOP or EVENT_START where it belongs
 * @scope: number of the host (0, 1, …): a packet never crosses scopes
 * Return: 0 or -ENOMEM
 */
int assembler_hop(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev);

/* assembler_tick - it is @now by a clock that stamps have: close what is quiet, whoever's it is */
void assembler_tick(struct assembler *a, const struct stamp *now);

/**
 * assembler_line - the same for a line in a known form
 * @batch: as assembler_batch() was told; line @i of it is a LINE_HOP
 * @stamp: that of the line, resolved
 */
int assembler_line(struct assembler *a, unsigned int scope, sym_t host, const struct batch *batch,
		   size_t i, const struct stamp *stamp);

/* assembler_batch - lines of @batch come; Return: 0 or -ENOMEM */
int assembler_batch(struct assembler *a, const struct batch *batch);

/**
 * assembler_rides - is all that line @i says known from the lines before it?
 *
 * If so assembler_line() need not be called, unless the batch is not sorted: then it must be told
 * the stamp.
 */
bool assembler_rides(struct assembler *a, size_t i);

/* assembler_pass - lines that ride were passed over, the last one came at @now */
void assembler_pass(struct assembler *a, unsigned int scope, const struct stamp *now);

/**
 * assembler_settle - no packet rides any more: all have the hops of the first @n lines
 *
 * To be called before anything but lines comes, and before another batch.
 */
void assembler_settle(struct assembler *a, size_t n);

/* assembler_emptied - what nft's trace tells from here on happened later than @when */
void assembler_emptied(struct assembler *a, const struct stamp *when);

/* assembler_gap - events were lost here; @opens and @closes bound a longer loss */
void assembler_gap(struct assembler *a, bool opens, bool closes);

/**
 * assembler_broken - an event was here that cannot be read: it may be a hop of a packet near it
 * @ev: what can be read of it: its stamp, nft's trace id
 * @ns: packets whose last hop is no farther than that from it are near; without stamps, those
 *	that had one of the last events
 */
void assembler_broken(struct assembler *a, const struct event *ev, uint64_t ns);

/*
 * assembler_seam - lines of host @scope begin here that do not follow those before them: more hops
 * of the packets that had one of the last events may stand anywhere
 */
void assembler_seam(struct assembler *a, unsigned int scope);

/* assembler_flag - set @flag on every open packet that is younger than @ns at @now */
void assembler_flag(struct assembler *a, unsigned int flag, const struct stamp *now, uint64_t ns);

/* assembler_cut - the input ends in the middle of a line */
void assembler_cut(struct assembler *a);

/* assembler_end - close everything that is open, in the order of last hops; more may come */
void assembler_end(struct assembler *a);
/* assembler_rest - the same, but for the packet that had the last hop */
void assembler_rest(struct assembler *a);

/* assembler_visible - what was seen of @family at @scope so far */
struct visible assembler_visible(const struct assembler *a, unsigned int scope, enum family family);

/* assembler_packets - how many were opened and not withdrawn; numbers of others are left out */
uint64_t assembler_packets(const struct assembler *a);
uint64_t assembler_ambiguous(const struct assembler *a);
/* assembler_split_ids - nft's trace ids that stood for more than one packet */
uint64_t assembler_split_ids(const struct assembler *a);
uint64_t assembler_evicted(const struct assembler *a);

#endif
