/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ruleset.h - the rules that were loaded, read from what people save or paste */
#ifndef NFHOP_RULESET_H
#define NFHOP_RULESET_H

#include "nfhop/event.h"

struct cond; /* one parsed condition of a rule; known to src/ruleset only */

/* Which of the kernel's two packet filters holds a table. Both may have an `ip filter`. */
enum backend {
	BACKEND_ANY, /* in a question: either; of a table: the file does not say which */
	BACKEND_XT,  /* legacy iptables: TRACE lines, numbers */
	BACKEND_NFT, /* nf_tables, iptables-nft included: trace events, handles */
};

/* struct table, flags */
enum {
	TABLE_DORMANT = 1 << 0, /* not hooked in: its chains see no packet */
	TABLE_NAME_ASSUMED =
		1 << 1, /* `iptables -L`, -S do not say: inferred, see ruleset_notes() */
	TABLE_FAMILY_ASSUMED = 1 << 2,	/* nothing in the file tells IPv4 from IPv6: IPv4 taken */
	TABLE_NO_HANDLES = 1 << 3,	/* the dump has none: events cannot be looked up in it */
	TABLE_DEVICES_HIDDEN = 1 << 4,	/* `iptables -L` without -v: -i and -o are not shown */
	TABLE_IPTABLES_SYNTAX = 1 << 5, /* its texts are iptables', not nft's */
};

/**
 * struct table - one table of one backend
 * @file: number of the load, from 0 (ruleset_file_name())
 * @line: where it begins, from 1; 0 if the format has no lines (JSON)
 * @flags: TABLE_* bits
 */
struct table {
	struct str name;
	enum family family;
	enum backend backend;
	uint32_t flags;
	uint32_t file, line;
};

/* struct chain, have */
enum {
	CHAIN_BASE = 1 << 0,	  /* hooked in: hook and policy hold */
	CHAIN_PRIORITY = 1 << 1,  /* priority holds */
	CHAIN_HANDLE = 1 << 2,	  /* handle holds */
	CHAIN_COUNTERS = 1 << 3,  /* packets, bytes hold: those that the policy decided */
	CHAIN_NAT = 1 << 4,	  /* nft's type nat: only first packets of connections see it */
	CHAIN_TO_SOCKET = 1 << 5, /* some rule of it has RULE_TO_SOCKET */
};

/**
 * struct chain - one chain
 * @hook: of a base chain, else HOOK_NONE
 * @priority: as nft counts; for legacy tables the kernel's own number
 * @policy: VERDICT_ACCEPT or VERDICT_DROP (VERDICT_QUEUE with ancient kernels) of a base chain,
 *	else VERDICT_NONE
 * @device: of an ingress or egress chain, as written (`r0`, `{ r0, r1 }`)
 * @nth: its place among the chains of its table, from 0
 * @rules: @n_rules of them, in the order in which they are tried
 */
struct chain {
	const struct table *table;
	struct str name;
	uint32_t have;
	enum hook hook;
	int32_t priority;
	enum verdict policy;
	struct str device;
	uint64_t handle;
	uint64_t packets, bytes;
	uint32_t line;
	uint32_t nth;
	uint32_t n_rules;
	const struct rule *rules;
};

/* struct nat_target, have */
enum {
	NAT_TARGET_ADDR = 1 << 0,
	NAT_TARGET_PORT = 1 << 1,
};

/**
 * struct nat_target - what a NAT rule translates to
 * @source: the packet's source changes (SNAT, MASQUERADE), else its destination
 * @by_device: the address is that of the device (MASQUERADE: of the output device, REDIRECT: of
 *	the input device), so no address is stated
 * @by_map: taken from a map, or shifted from net to net (NETMAP, `prefix`): not a single answer
 * @addr: first and last address, equal if there is one; hold if NAT_TARGET_ADDR
 * @port: first and last port; hold if NAT_TARGET_PORT
 */
struct nat_target {
	bool source, by_device, by_map;
	uint8_t have;
	struct addr addr[2];
	uint16_t port[2];
};

/* struct rule, flags */
enum {
	RULE_HANDLE = 1 << 0,	      /* handle holds */
	RULE_COUNTERS = 1 << 1,	      /* packets, bytes hold */
	RULE_UNCONDITIONAL = 1 << 2,  /* formats.md 2.3: legacy TRACE calls it policy or return */
	RULE_NEEDS_CT = 1 << 3,	      /* asks connection tracking for something */
	RULE_VERDICT_MAP = 1 << 4,    /* the verdict comes from a map: only the trace knows it */
	RULE_LOGS = 1 << 5,	      /* LOG, NFLOG, log: prefix holds, it may be empty */
	RULE_SETS_TRACE = 1 << 6,     /* TRACE, meta nftrace set 1 */
	RULE_SETS_MARK = 1 << 7,      /* the mark seen after it need not be the one it matched */
	RULE_NOTRACK = 1 << 8,	      /* no connection tracking for what it matches */
	RULE_TO_SOCKET = 1 << 9,      /* gives it to a socket of this host: TPROXY, tproxy */
	RULE_SETS_ZONE = 1 << 10,     /* puts it in a zone of connection tracking */
	RULE_SAVES_MARK = 1 << 11,    /* gives the connection a mark: its own, or another */
	RULE_RESTORES_MARK = 1 << 12, /* gives it the connection's mark */
	RULE_COARSE = 1 << 13,	      /* asks for nothing, or for family, protocol, devices alone */
	RULE_LOG_ENDS = 1 << 14,      /* each packet that it logs it drops or rejects, too */
	RULE_MAP_ACCEPTS = 1 << 15,   /* a verdict map that accepts some, or may: not listed */
	RULE_REJECTS = 1 << 16,	      /* reject, -j REJECT: nft's trace calls it drop */
	RULE_ALTERS = 1 << 17,	  /* nft's `... set`, `add @...`: rules behind it may see else */
	RULE_SETS_ENDS = 1 << 18, /* it writes addresses or ports, without NAT */
	RULE_COPIES = 1 << 19,	  /* sends a copy elsewhere: TEE, dup to */
};

/**
 * struct rule - one rule
 * @number: position in its chain from 1, as `--line-numbers` and legacy TRACE count
 * @verdict: VERDICT_CONTINUE if it has none of its own (LOG, MARK, no target), VERDICT_NONE if it
 *	cannot be told (RULE_VERDICT_MAP, a target that is not known)
 * @target: the chain jumped or gone to, or the target's name as written: `SNAT`, `masquerade`
 * @to: that chain, if it is in this rule set
 * @text: as a person reads it. iptables: what follows `-A CHAIN `, of `iptables -L` the like made
 *	from the row; nft: the rule without its handle; nft JSON: the like made from the JSON
 * @comment: unquoted
 * @prefix: of a rule that logs, as given, trailing blanks included
 * @nat: NULL if it translates nothing
 * @line: in its file, from 1; 0 if the format has none
 */
struct rule {
	const struct chain *chain;
	uint32_t number;
	uint32_t flags;
	uint64_t handle;
	enum verdict verdict;
	struct str target;
	const struct chain *to;
	struct str text, comment, prefix;
	const struct nat_target *nat;
	uint64_t packets, bytes;
	uint32_t line;
	uint32_t n_conds;
	const struct cond *conds;
};

/* ---- loading ---- */

struct ruleset;

/**
 * struct ruleset_error - why a file cannot be read
 * @file: the name it was loaded under (the caller's string)
 * @line, @column: from 1; columns count bytes
 * @expected: a constant: what should have been there
 * @found: what is there instead, cut at the line's end, empty at the end of the file; points into
 *	the caller's bytes. Control characters in it are the caller's to escape.
 * @command: a constant: what prints a file of the kind that this one seemed to be, NULL if that
 *	is not the matter
 */
struct ruleset_error {
	const char *file;
	uint32_t line, column;
	const char *expected;
	struct str found;
	const char *command;
};

/* ruleset_create - Return: an empty rule set (heap), or NULL if there is no memory */
struct ruleset *ruleset_create(void);
void ruleset_destroy(struct ruleset *rs);

/**
 * ruleset_load - add what one file says
 * @name: for messages; copied
 * @text: the whole file; need not outlive the call
 * @err: filled in if the answer is -EINVAL or -EEXIST
 *
 * The format is told from the content: iptables-save and `iptables -S` (ip6tables too),
 * `iptables -L` with or without -n, -v and --line-numbers, `nft list ruleset` and
 * `nft -j list ruleset`, each with or without -a.
 *
 * Return: 0; -EINVAL if the file is broken or none of these; -ENOMEM. After an error @rs can
 * only be destroyed.
 */
int ruleset_load(struct ruleset *rs, const char *name, struct str text, struct ruleset_error *err);

/**
 * ruleset_seal - no more files: join them and build the look-up tables
 * @err: filled in if the answer is -EEXIST
 *
 * An iptables-nft-save and an `nft list ruleset` of the same table are joined: the text of the
 * first with the handles of the second, if their rules correspond; else nft's stands.
 *
 * Return: 0; -EEXIST if two files give the same table of the same backend; -ENOMEM. Every
 * question below may only be asked of a sealed rule set, which is const from then on.
 */
int ruleset_seal(struct ruleset *rs, struct ruleset_error *err);

const char *ruleset_file_name(const struct ruleset *rs, uint32_t file);

/**
 * struct ruleset_note - something that was assumed about a file and that a person should know
 * @text: a constant sentence
 */
struct ruleset_note {
	const struct table *table;
	const char *text;
};

/* ruleset_notes - Return: how many there are; @notes: the first of them */
size_t ruleset_notes(const struct ruleset *rs, const struct ruleset_note **notes);

/* ---- looking up; all answers live as long as @rs ---- */

struct table_list {
	const struct table *const *at;
	size_t n;
};

struct chain_list {
	const struct chain *const *at;
	size_t n;
};

struct rule_list {
	const struct rule *const *at;
	size_t n;
};

/* ruleset_tables - every table, in the order of files and lines */
struct table_list ruleset_tables(const struct ruleset *rs);
/* ruleset_chains - every chain, in the order of files and lines */
struct chain_list ruleset_chains(const struct ruleset *rs);

/* ruleset_has_family - true if any table could see packets of @family (inet sees both) */
bool ruleset_has_family(const struct ruleset *rs, enum family family);

/*
 * ruleset_table, ruleset_chain - Return: NULL if there is none. Asked for BACKEND_XT or
 * BACKEND_NFT, a table whose backend is not known serves too; asked for BACKEND_ANY, nft's goes
 * before legacy's.
 */
const struct table *ruleset_table(const struct ruleset *rs, enum backend backend,
				  enum family family, struct str name);
const struct chain *ruleset_chain(const struct ruleset *rs, enum backend backend,
				  enum family family, struct str table, struct str name);

/* chain_rule - Return: rule @number (from 1) of @chain, or NULL */
const struct rule *chain_rule(const struct chain *chain, uint32_t number);

/* ruleset_rule_by_handle - handles are unique in an nft table; Return: NULL if there is none */
const struct rule *ruleset_rule_by_handle(const struct ruleset *rs, enum family family,
					  struct str table, uint64_t handle);

/**
 * ruleset_hook_chains - the base chains that a packet of @family meets at @hook, in order
 * @family: of the packet: FAMILY_IP and FAMILY_IP6 include the inet tables
 *
 * Sorted by chain_order(). Where that is not known, in the order that is likely (legacy first, of
 * nft's tables the last one), on which no conclusion may rest. Chains of dormant tables are left
 * out.
 */
struct chain_list ruleset_hook_chains(const struct ruleset *rs, enum family family, enum hook hook);

/**
 * chain_stands_at - the priority at which the kernel calls a base chain
 *
 * That of the chain; but chains of NAT are called out of one hook of NAT's own, at -100 (where
 * destinations change) or 100, whatever priority they were given: nf_nat_ipv4_ops and
 * nf_nat_inet_fn() of net/netfilter/nf_nat_proto.c and nf_nat_core.c (6.18; tried live).
 */
int32_t chain_stands_at(const struct chain *chain);

/* Where conntrack sees packets: NF_IP_PRI_CONNTRACK of linux/netfilter_ipv4.h */
#define PRIORITY_CONNTRACK (-200)

/* chain_is_of_nat - is it called out of that hook? It is not once a chain before it has translated
 * the packet (nf_nat_inet_fn(): nf_nat_initialized()). */
bool chain_is_of_nat(const struct chain *chain);

enum chain_order { ORDER_UNKNOWN, ORDER_BEFORE, ORDER_AFTER };

/**
 * chain_order - does a packet that meets two base chains at one hook come to @a before @b?
 *
 * The lower priority goes first. Of equal ones the kernel calls first what was registered last:
 * nf_hook_entries_grow() of net/netfilter/core.c (6.18; tried live with ip, inet, netdev and legacy
 * tables). Within a table that is the chain further down in the text: chains are registered, listed
 * and, if the table was dormant, registered anew in the order in which they were made
 * (nf_tables_addchain(), nf_tables_table_enable() of nf_tables_api.c). An ingress chain of several
 * devices is registered at each by itself, perhaps later (nf_tables_updchain()).
 *
 * Return: ORDER_UNKNOWN at equal priorities of two tables: the text has a chain in its table, even
 * if it was added after all others, and no word of when a dormant one was woken; of NAT's chains
 * and others; if either chain is of several devices or has no priority
 */
enum chain_order chain_order(const struct chain *a, const struct chain *b);

/* ruleset_logs - the rules that log with @prefix; blanks at its end do not count */
struct rule_list ruleset_logs(const struct ruleset *rs, struct str prefix);

/* ruleset_calls - the rules that jump or go to @to; of NULL those whose verdict is a map's */
struct rule_list ruleset_calls(const struct ruleset *rs, const struct chain *to);

/**
 * rule_text_flags - what a rule that reads so does, iptables' words or nft's
 *
 * For rules that only a trace prints; those of a rule set have it in their flags.
 *
 * Return: of RULE_*, what its statements, or target, tell; nothing is said of its conditions
 */
uint32_t rule_text_flags(struct str text);

/* rule_flags - the flags of @rule; if it is NULL, what @text tells, as the trace printed it */
uint32_t rule_flags(const struct rule *rule, struct str text);

/* rule_text_same - do two texts of rules say the same, whatever their counters had counted? */
bool rule_text_same(struct str a, struct str b);

/* ---- what a hop really was ---- */

/* struct hop_name, have */
enum {
	HOP_NAME_NUMBER = 1 << 0,
	HOP_NAME_HANDLE = 1 << 1,
};

/**
 * struct hop_name - what a trace calls one hop
 * @backend: BACKEND_XT for legacy TRACE lines, BACKEND_NFT for nft events, BACKEND_ANY if not known
 *	(then a hop with a handle is nft's, one with a number legacy's, if there is such a table)
 * @kind: HOP_RULE, HOP_RETURN or HOP_POLICY
 * @family: of the table
 */
struct hop_name {
	enum backend backend;
	enum family family;
	enum hop_kind kind;
	struct str table, chain;
	uint32_t number;
	uint64_t handle;
	uint8_t have;
};

/* Why the rule set has no answer. misfit_proves() tells which mean that it is the wrong one. */
enum misfit {
	MISFIT_NONE,
	MISFIT_NO_TABLE,    /* the table is not in the files: they may not hold everything */
	MISFIT_NO_HANDLES,  /* the dump was made without -a */
	MISFIT_UNSURE_RULE, /* called rule:N, but that rule seems to have no condition */
	MISFIT_TEXT,	    /* the chain has no rule that reads so, as nft printed it here */
	MISFIT_NO_CHAIN,    /* the table has no such chain */
	MISFIT_NUMBER,	    /* the chain is shorter */
	MISFIT_HANDLE,	    /* the table has no such handle, or in another chain */
	MISFIT_CONDITIONAL, /* called policy:N or return:N, but rule N has conditions */
	MISFIT_KIND,	    /* a policy in a user chain, a `return:` in a base chain */
	MISFIT_MAX
};

enum hop_is { HOP_IS_UNKNOWN, HOP_IS_RULE, HOP_IS_END, HOP_IS_POLICY };

/* Why it cannot be told whether a rule behind a LOG rule ended the evaluation of a packet. */
enum doubt_kind {
	DOUBT_NONE,	 /* nothing that a sentence could name */
	DOUBT_CONDITION, /* no line tells whether this condition fits */
	DOUBT_STATE,	 /* nor what conntrack called the packet */
	DOUBT_SET,	 /* what the named set or map held then */
	DOUBT_VERDICT,	 /* it fits; what it does is a map's, or a target's that is not known */
	DOUBT_ENDS,	 /* it writes addresses or ports */
	DOUBT_APART,	 /* several ends are possible: this one, and another */
	DOUBT_MAX
};

/**
 * struct doubt - that, and what it is about
 * @text: the condition or the target as written; lives as long as the rule set
 * @chain, @rule, @verdict: of DOUBT_APART, the other end, as in struct hop_meaning
 */
struct doubt {
	enum doubt_kind kind;
	enum verdict verdict;
	struct str text;
	const struct chain *chain;
	const struct rule *rule;
};

/**
 * struct hop_meaning - what the hop was, by this rule set
 * @is: HOP_IS_END is the end of a user chain, or of a base chain before its policy
 * @verdict: of the rule or the policy; VERDICT_RETURN at the end of a user chain, VERDICT_CONTINUE
 *at the end of a base chain; VERDICT_NONE if the rule set cannot tell (a verdict map). What the
 *trace itself states goes before it.
 * @chain, @rule: NULL if there is none
 * @rests: SIGHTING_LISTED, SIGHTING_STATES: an end behind a LOG rule that hangs on these, too
 * @told_reject: that it rejects, its text in the trace says; nft's events call that a drop
 * @doubt: of such an end
 */
struct hop_meaning {
	enum hop_is is;
	enum verdict verdict;
	enum misfit misfit;
	uint8_t rests;
	bool told_reject;
	const struct chain *chain;
	const struct rule *rule;
	struct doubt doubt;
};

/* ruleset_step - what @hop really was (formats.md 2.3) */
struct hop_meaning ruleset_step(const struct ruleset *rs, const struct hop_name *hop);

/* misfit_text - a constant sentence; NULL for MISFIT_NONE */
const char *misfit_text(enum misfit misfit);
/* misfit_proves - true if it shows that this rule set is not the one that was loaded */
bool misfit_proves(enum misfit misfit);

/* ---- does a rule fit a packet? ---- */

/* struct sighting, have */
enum {
	SIGHTING_IIF = 1 << 0,
	SIGHTING_OIF = 1 << 1,
	SIGHTING_MARK = 1 << 2,
	SIGHTING_CT = 1 << 3,
	SIGHTING_PASSED = 1 << 4, /* it is known that the rule was passed over: why is asked */
	SIGHTING_LISTED = 1 << 5, /* named sets are taken to have held what the dump lists */
	SIGHTING_STATES = 1 << 6, /* states holds */
};

/* What connection tracking calls a packet: the bits of nft's `ct state`. */
enum ct_state {
	CT_INVALID = 1 << 0,
	CT_ESTABLISHED = 1 << 1,
	CT_RELATED = 1 << 2,
	CT_NEW = 1 << 3,
	CT_UNTRACKED = 1 << 6,
};

/* ct_state_name - "new", a constant */
const char *ct_state_name(enum ct_state state);

/**
 * struct sighting - a packet as a rule saw it
 * @iif, @oif: empty if SIGHTING_IIF, SIGHTING_OIF are set and there is no such device
 * @mark: before the rule; known to be 0 if SIGHTING_MARK is set and the trace printed none
 * @ct: most likely; counts with SIGHTING_PASSED only
 * @states: CT_* bits: by what is known of its connection, it was in one of these
 * @met: a rule of that chain, or of one that called it, that logged the packet: what that asks for
 *	is known to fit; NULL: none
 * @have: what is known; a condition on what is not known cannot be checked
 */
struct sighting {
	const struct header *pkt;
	struct str iif, oif;
	uint32_t mark;
	enum ct_state ct;
	unsigned int states;
	const struct rule *met;
	uint8_t have;
};

enum match { MATCH_NO, MATCH_UNKNOWN, MATCH_YES };

#define TUPLE_MAX 5

/**
 * struct rule_miss - the first condition that does not fit, or that cannot be checked
 * @field: a constant word: `source`, `in`, `dport`, ...; NULL for MATCH_YES
 * @parts: of the field "tuple" the words of those that are asked at once, behind them NULL
 * @text: the condition's own text; lives as long as the rule set
 * @set: it asks a set or a map by name, @map: a map; @negated: the packet should not be in it;
 *	@empty: nothing is in it
 * @failed: of MATCH_NO how many conditions do not fit
 * @unknown: of MATCH_UNKNOWN how many conditions cannot be checked; the others fit
 * @likely: of these how many fit by what counts against a packet alone; one of the others is named
 */
struct rule_miss {
	const char *field, *parts[TUPLE_MAX];
	struct str text;
	bool set, map, negated, empty;
	uint32_t failed, unknown, likely;
};

/**
 * rule_match - does @seen fit the conditions of @rule?
 * @miss: filled in; may be NULL
 *
 * Checked are addresses, devices, protocol, ports, ICMP type and code, TCP flags, mark and
 * family, with negation, ranges, masks, lists and keys of maps. Named sets whose elements the dump
 * has, and the state of the connection, count against a packet if SIGHTING_PASSED is set: they
 * were others at another time, so they accuse no rule set, and nothing is known to fit by them,
 * unless SIGHTING_LISTED and SIGHTING_STATES say so.
 * All else (limits, owner, time, ...) cannot be checked.
 *
 * Return: MATCH_NO if a condition does not fit (certain), MATCH_UNKNOWN if some cannot be checked
 * and the others fit, MATCH_YES if all fit.
 */
enum match rule_match(const struct rule *rule, const struct sighting *seen, struct rule_miss *miss);

#define SIGHTING_KEY_MAX 208

/* struct sighting_key - what the rules of a rule set can ask of a sighting: @n bytes */
struct sighting_key {
	uint8_t n;
	uint8_t b[SIGHTING_KEY_MAX];
};

/**
 * sighting_key - sightings of one key fit the same rules of @rs, if they met the same rule
 * @key: filled in, up to @n; may be written to in any case
 * Return: false if it has none: no rule logs, or a device has a name longer than the kernel allows
 */
bool sighting_key(const struct ruleset *rs, const struct sighting *seen, struct sighting_key *key);

/* What can be said of the end behind a LOG rule. */
enum behind {
	BEHIND_NOTHING, /* no rule logs with that prefix there */
	BEHIND_APART,	/* there are different ways, to different ends */
	BEHIND_END,
};

/**
 * ruleset_behind - where does the evaluation of a packet end that a rule logged with @prefix?
 * @seen: the packet as that rule saw it; @met is not looked at
 * @hooks: HOOK_BIT of each hook where it may have been
 *
 * The rules behind the LOG rule are held against the packet one by one, into chains that they call
 * and back. If several rules may have logged it, or several may have called their chain, all must
 * come to one end. What @seen says with SIGHTING_LISTED and SIGHTING_STATES is asked where nothing
 * else tells.
 *
 * @end: receives the rule, or the policy, that ends the evaluation of the base chain, and its
 *	verdict. With VERDICT_NONE that rule may end it, and what comes before does not. If they
 *	are apart, one of the ends, and another in @doubt; without a chain if none is known.
 */
enum behind ruleset_behind(const struct ruleset *rs, struct str prefix, const struct sighting *seen,
			   unsigned int hooks, struct hop_meaning *end);

/**
 * rule_ct_states - the states of connection tracking that a rule asks for
 * @verdict: that it had, which tells those of a map apart
 *
 * Return: CT_* bits: a packet that met the rule and had that verdict is in one of them; 0 if it
 * does not ask
 */
unsigned int rule_ct_states(const struct rule *rule, enum verdict verdict);

#endif
