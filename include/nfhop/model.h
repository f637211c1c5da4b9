/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.h - records in; packets, flows, findings and counts out, for everybody to read */
#ifndef NFHOP_MODEL_H
#define NFHOP_MODEL_H

#include "nfhop/batch.h"
#include "nfhop/decode.h"
#include "nfhop/evidence.h"
#include "nfhop/flow.h"
#include "nfhop/prefixes.h"
#include "nfhop/ruleset.h"

struct model;

/**
 * struct model_filter - which packets are to be shown; all zero: every one
 * @class: asked when a packet closes: what it says to the filter (struct packet, class)
 * @packet: is this packet, which is kept or handed out, to be shown?
 * @path: are the packets to be shown that took this path, of this class?
 *
 * All packets are put together and joined to flows, shown or not: conclusions rest on them. The
 * sink gets those that are shown; flows are shown if one of their packets is; findings about
 * packets count those that are shown.
 */
struct model_filter {
	uint64_t (*class)(void *who, const struct model *model, const struct packet *packet);
	bool (*packet)(void *who, const struct model *model, const struct packet *packet);
	bool (*path)(void *who, const struct model *model, const struct flow *flow,
		     const struct flow_path *fp);
	void *who;
};

/**
 * struct model_config - limits and givens, copied by model_create()
 * @max_open: packets whose way may still go on; the one that was quiet longest closes first
 * @max_flows: flows held; the oldest go first and are counted
 * @max_kept: closed packets kept: they are held back until the end of input, so that what is
 *	seen later can speak for them, and stay readable (model_packet_at()) after it; the oldest
 *	go first. 0: packets are not asked for.
 * @live: there is no end to wait for: packets are handed out as they close
 * @woven: sources are read as they speak, not in the order of their stamps: what one tells of a
 *	packet may come when another has told of the next one
 * @max_samples: packets kept whole as examples of a flow's path
 * @idle_ns: a packet without a new hop for so long is closed (event time)
 * @rules: the rule set that was loaded, sealed, or NULL; must outlive the model
 * @prefixes: the conventions for LOG prefixes, or NULL; must outlive the model
 * @filter: which packets are to be shown
 */
struct model_config {
	const struct ruleset *rules;
	struct prefixes *prefixes;
	size_t max_open, max_flows, max_kept, max_samples;
	uint64_t idle_ns;
	bool live, woven;
	struct model_filter filter;
};

/* model_config_default - the limits that suit a person's report; no packets are kept */
struct model_config model_config_default(void);

/**
 * struct model_sink - who wants to hear of closed packets
 * @packet: called once for each, in the order in which they close; the packet is valid
 *	during the call. NULL: nobody.
 */
struct model_sink {
	void (*packet)(void *who, const struct model *model, const struct packet *packet);
	void *who;
};

/* struct gap - events that are known to be lost */
struct gap {
	enum gap_kind kind;
	struct stamp stamp;
	unsigned int source;
	uint64_t line; /* where the input says so */
	uint64_t lost; /* how many; 0 if that is not said */
	sym_t text;    /* the input's own words */
	bool open;     /* its end was not told yet */
};

/* struct note - a kernel line about the network, with how often it came */
struct note {
	enum note_kind kind;
	struct stamp first, last;
	sym_t host, dev, text;
	struct addr addr[2];
	uint16_t port;
	uint64_t times;
	uint64_t line; /* of the first */
	uint32_t flow; /* a flow it concerns, or 0 */
	bool live;     /* it was read when it was said, on a host whose evidence may be known */
};

/**
 * struct stats - interface.md section 5
 * @lines: of all sources; @events: hops; @other_lines: not netfilter's
 * @malformed: netfilter's, but broken; the first one is at @bad_line of @bad_source
 * @lost: events known to be lost
 * @late: lines that run back in time; the first one is at @late_line of @late_source
 * @twice: packets that stand once more in the input
 * @unended: recordings without an end: what came last is not known
 * @elsewhere: packets of other network namespaces; they are in no other count of packets
 * @evicted_flows, @evicted_open: given up for lack of room, though more might have come
 * @evicted_packets: closed ones that are no longer kept
 */
struct stats {
	uint64_t bytes, lines, events, trace_events, log_events, other_lines, malformed, lost;
	uint64_t packets, flows, split_ids, ambiguous, late, twice, elsewhere, unended;
	uint64_t evicted_flows, evicted_open, evicted_names, evicted_packets;
	unsigned int bad_source, late_source;
	uint64_t bad_line, late_line;
	size_t bad_at;
	const char *bad_expected;
	struct span when;
};

/**
 * model_create - an empty model (heap)
 * @sink: copied; may be NULL
 * Return: the model, or NULL if there is no memory
 */
struct model *model_create(const struct model_config *config, const struct model_sink *sink);
void model_destroy(struct model *model);

/**
 * model_set_source - what is known of a source before its first record
 * @mtime_ns: when it was last written, ns since 1970 (for years that are not in the text)
 * @year: the year that the user gave for it, or 0
 */
int model_set_source(struct model *model, unsigned int source, int64_t mtime_ns, int year);

/**
 * model_feed - take in one record
 * Return: 0; -EINVAL if the record was netfilter's but broken (counted, not fatal);
 * -ENOMEM
 */
int model_feed(struct model *model, const struct record *record);

/**
 * model_tick - no record came, but time went on to @now: what is quiet since idle_ns is over
 * @now: by a clock that the records' stamps have too; NULL: all is quiet since long, whatever the
 *	stamps say
 * Return: 0 or -ENOMEM
 */
int model_tick(struct model *model, const struct stamp *now);

/**
 * model_hand_out - the sink gets packets that are held back now, though the input goes on
 * @keep: so many of those that closed last are held back further
 */
void model_hand_out(struct model *model, size_t keep);

/**
 * model_conclude - draw the findings anew from what is known now
 * For views of what still goes on; its cost grows with flows and paths. Findings that were asked
 * for before are gone. Return: 0 or -ENOMEM
 */
int model_conclude(struct model *model);

/**
 * model_set_evidence - how the traced host was set up when the input began and when it ended
 * @before, @after: either may be NULL; must outlive the model
 * Findings that are drawn from then on use them.
 */
void model_set_evidence(struct model *model, const struct evidence *before,
			const struct evidence *after);

/**
 * model_feed_batch - take in a block of source @source, as its records one by one
 * @from, @to: steps through it, [from, to); those before were taken in already
 * @strict: end at the first record that is netfilter's but broken
 * Return: 0; -EINVAL if there was such a record and @strict; -ENOMEM
 */
int model_feed_batch(struct model *model, unsigned int source, const struct batch *batch,
		     size_t from, size_t to, bool strict);

/* model_count_bytes - tell the model how much of a source was read (for stats) */
void model_count_bytes(struct model *model, uint64_t bytes);

/**
 * model_end - the input has ended: close what is open and draw all conclusions
 * After it, only the questions below are allowed.
 */
void model_end(struct model *model);

/*
 * Questions, to be asked at any time. Everything they return is valid until the next
 * model_feed(), model_tick() or model_end(). Findings and what rests on addresses seen elsewhere
 * are as of the last model_conclude() or model_end().
 */

/* model_rules - the rule set that is loaded now: the one given, else the newest live one, or NULL
 */
const struct ruleset *model_rules(const struct model *model);

/* model_rules_count - how many rule sets there were: the one given, else the live ones */
size_t model_rules_count(const struct model *model);

/* model_rules_at - number @i of them, the oldest is 0; @since: receives since when; may be NULL */
const struct ruleset *model_rules_at(const struct model *model, size_t i, struct stamp *since);

const struct stats *model_stats(const struct model *model);
struct str model_text(const struct model *model, sym_t sym);

/* model_hosts - the hosts whose lines were seen; Return: how many, the names in @hosts */
size_t model_hosts(const struct model *model, sym_t *hosts, size_t max);
/* model_host_told - the name of @host if there are several, so that it is to be said; else empty */
struct str model_host_told(const struct model *model, sym_t host);

/* model_packet_count - how many closed packets are kept; model_packet_at - oldest first, or NULL */
size_t model_packet_count(const struct model *model);
const struct packet *model_packet_at(const struct model *model, size_t i);

size_t model_flow_count(const struct model *model);		       /* slots, merged ones too */
const struct flow *model_flow_at(const struct model *model, size_t i); /* NULL if not to be shown */
const struct flow *model_flow_any(const struct model *model, size_t i); /* shown or not */
/* model_flow_by_no - the flow of that number, or what it was joined into; NULL: it is gone */
const struct flow *model_flow_by_no(const struct model *model, uint32_t no);
const struct flow *model_flow_of(const struct model *model, const struct packet *packet);
/* model_packet_shown - is a packet to be shown? */
bool model_packet_shown(const struct model *model, const struct packet *packet);
/* model_path_shown - are the packets of one of a flow's paths to be shown? */
bool model_path_shown(const struct model *model, const struct flow *flow,
		      const struct flow_path *fp);
/* model_count_shown - how many packets and flows are to be shown */
void model_count_shown(const struct model *model, uint64_t *packets, uint64_t *flows);
void model_flow_view(const struct model *model, const struct flow *flow, struct flow_view *view);

/*
 * model_is_housekeeping - what hosts of a link tell each other by themselves, and nobody asks for:
 * neighbour and router discovery, group membership, all that goes to the link's own groups
 * (224.0.0.0/24, ff02::/16) or to all its hosts (255.255.255.255), SSDP, NetBIOS. DHCP not where
 * this host takes part in it: a program here has bound that port, or has sent some, or a rule lets
 * it in.
 */
bool model_is_housekeeping(const struct model *model, const struct flow *flow);

/**
 * model_newest - the path of a flow's newest packet there or back, which speaks for the flow
 *
 * One of which a loss hides what became of it does not, where that is known of at least half of
 * the others: then the newest one of which it is known. Of a SYN only another SYN tells.
 * Return: NULL if there is none
 */
const struct flow_path *model_newest(const struct model *model, const struct flow *flow, bool back);

void model_decide(const struct model *model, const struct packet *packet, struct decision *d);
/* model_decide_path - the same for all packets of a flow that took one path */
void model_decide_path(const struct model *model, const struct flow *flow,
		       const struct flow_path *fp, struct decision *d);

/* Whose a RST or an ICMP error is that came back. */
enum refused_by {
	REFUSED_NOT_KNOWN, /* no such packet was kept, or its addresses are not known */
	REFUSED_HERE,	   /* of this host, if only by its loopback device */
	REFUSED_BY_TARGET, /* of whom the flow's packets are for */
	REFUSED_ON_WAY,	   /* of another one: a router, a firewall */
};

/**
 * struct refusal - the newest RST or ICMP error about a flow
 * @packet: NULL if none was kept
 * @path: that it took; NULL if there was none
 * @midway: a RST to what no SYN was seen of: a connection under way, not one that is refused
 */
struct refusal {
	enum refused_by by;
	bool midway;
	const struct packet *packet;
	const struct flow_path *path;
};

struct refusal model_refusal(const struct model *model, const struct flow *flow);
/* model_refusal_of - the same of packets that took @fp, one of the flow's paths */
struct refusal model_refusal_of(const struct model *model, const struct flow *flow,
				const struct flow_path *fp);
/**
 * refusal_text - "refused on the way by 192.0.2.1 (ICMP net-unreachable)", "refused by it (RST)",
 *	where "it" is this host
 * @buf: receives at most @n bytes, always terminated
 */
struct str refusal_text(const struct refusal *refusal, char *buf, size_t n);
/* refusal_kind - "RST", "ICMP port-unreachable"; "ICMP" if not even the kind is known. As above. */
struct str refusal_kind(const struct packet *packet, char *buf, size_t n);

/* model_packet_nat - what was changed on the packet, as the trace shows; Return: anything? */
bool model_packet_nat(const struct model *model, const struct packet *packet, struct nat *nat);

/* What is known of the source that a flow left this host with. */
enum left_source {
	LEFT_NOT_KNOWN,	 /* nothing shows it: it may have been translated */
	LEFT_AS_IT_WAS,	 /* not translated */
	LEFT_TRANSLATED, /* that of flow->left */
	LEFT_BY_RULE,	 /* a rule that it met translates sources; to what was not seen */
};

/* model_left_source - @to: receives what the rule translates to, if LEFT_BY_RULE */
enum left_source model_left_source(const struct model *model, const struct flow *flow,
				   const struct nat_target **to);

/**
 * model_new_destination - did a rule, its last hop, give it a destination that no hop shows?
 * @to: receives its endpoints with that; the port is 0 if it is not known
 */
bool model_new_destination(const struct model *model, const struct packet *packet,
			   struct endpoints *to);

/* model_path_count - how many paths packets took, shown or not; they are numbered from 0 */
size_t model_path_count(const struct model *model);
size_t model_path_length(const struct model *model, uint32_t path);

enum change_field {
	CHANGE_TTL,
	CHANGE_SRC,
	CHANGE_SPORT,
	CHANGE_DST,
	CHANGE_DPORT,
	CHANGE_MARK,
	CHANGE_TOS,
	CHANGE_LENGTH,
	CHANGE_MAX
};

/* change_name - the JSON key: "ttl", "src", …, a constant */
const char *change_name(enum change_field field);

/**
 * struct change - a field that was another one at the hop before
 * @by_rule: the rule of that hop did it, by the rule set
 * @from, @to: in the packet: a struct addr (CHANGE_SRC, CHANGE_DST), else a number of @size bytes
 */
struct change {
	enum change_field field;
	bool by_rule;
	size_t size;
	const void *from, *to;
};

/**
 * struct hop_view - everything that is known of one hop, ready to be printed
 * @n: from 1
 * @rule: position, 0 if not known; @handle: 0 if not known
 * @verdict, @by: stated, by the rule set, or inferred from what followed
 * @nft: nftables told of it, else legacy iptables
 * @apart: a word before the table's name, as model_apart() says
 * @behind: not seen: by the rule set it comes behind the packet's last LOG line
 * @depth: 0 in a base chain
 * @hook: HOOK_NONE if not known; then @hooks has a HOOK_BIT for each one possible
 * @hop: devices, mark and stamp; NULL if only the path is known
 * @text: the rule's text from the rule set, empty if not known
 * @meaning: what the rule set says of it; all zero without one
 */
struct hop_view {
	unsigned int n;
	enum family family;
	struct str table, chain, target, prefix, text, apart;
	enum hook hook;
	unsigned int hooks;
	enum hop_kind kind;
	uint32_t rule;
	uint64_t handle;
	enum verdict verdict;
	enum source_of by;
	bool nft, behind;
	unsigned int depth;
	const struct hop *hop;
	const struct hop_meaning *meaning;
	struct str iif, oif;
	unsigned int n_changes;
	struct change changes[CHANGE_MAX];
};

/* hop_was_traced - step_was_traced() of a hop that is shown */
static inline bool hop_was_traced(const struct hop_view *hop)
{
	return hop->kind != HOP_LOG && !hop->behind;
}

/* model_hop_hook - where hop @i was, as the path, devices and addresses seen elsewhere tell */
enum hook model_hop_hook(const struct model *model, const struct packet *packet, size_t i);
/* model_hop_changes - Return: 1 << CHANGE_* of what is not as it was at the hop before */
unsigned int model_hop_changes(const struct packet *packet, size_t i);
/* model_hop - hop number @i (from 0) of a packet */
void model_hop(const struct model *model, const struct packet *packet, size_t i,
	       struct hop_view *view);
/* model_path_hop - the same where only the path is known */
void model_path_hop(const struct model *model, const struct flow *flow, uint32_t path, size_t i,
		    struct hop_view *view);

/*
 * model_apart - the family of a table of nftables' that is called like one of legacy iptables', as
 * nft prints it, if legacy iptables has told something, too; "legacy" of that one, where the rule
 * set has both; else empty
 */
struct str model_apart(const struct model *model, enum backend backend, enum family family,
		       struct str table);

/* hop_known_by_text - is a rule's text all that is known of it? (nft monitor trace) */
bool hop_known_by_text(const struct hop_view *hop);

/*
 * hop_only_logs - is it a LOG line of which only the prefix is known, or that of a rule that ends
 * no packet? What ended the packet is not the rule that logged it, then, even if the prefix says
 * that something did
 */
bool hop_only_logs(const struct hop_view *hop);

/*
 * hop_rule - "rule 2", "policy", "policy or rule 3"
 * hop_place - "filter WEB rule 2"; "fw web \"tcp dport 80 drop\"" if no more is known of it
 * hop_logged - `logged with "PREFIX"`, `logged by filter WEB rule 2`, of a hop that hop_only_logs()
 * Return: how many bytes it has; at most @n of them, ended by NUL, are in @buf. The bytes may be a
 * log's: whoever shows them to a terminal escapes them.
 */
size_t hop_rule(const struct hop_view *hop, char *buf, size_t n);
size_t hop_place(const struct hop_view *hop, char *buf, size_t n);
size_t hop_logged(const struct hop_view *hop, char *buf, size_t n);

/**
 * hop_compare_rule - the order of rules by where they stand; 0: it is one rule
 *
 * Rules that are known by their text are compared by that.
 */
int hop_compare_rule(const struct hop_view *a, const struct hop_view *b);

/*
 * model_path_step - what the path alone says of its hop @i: of the verdict only what is stated or
 * by the rule set, of the hook what does not need a packet. The quickest of the three.
 */
void model_path_step(const struct model *model, uint32_t path, size_t i, struct hop_view *view);
/* model_path_traced - did a trace tell of any of its hops? */
bool model_path_traced(const struct model *model, uint32_t path);

/**
 * model_fit - did the conditions of @rule fit the packet as it was at hop @i?
 * @miss: the condition that did not fit, or cannot be checked
 * @buf: receives at most @n bytes, always terminated: why not, as in "the packet goes to 8080" or
 *	"cannot be checked from here"; empty if all fits. Names are as in the log (the caller
 *	escapes them).
 * Return: as rule_match()
 */
enum match model_fit(const struct model *model, const struct packet *packet, size_t i,
		     const struct rule *rule, struct rule_miss *miss, char *buf, size_t n);

/**
 * model_reason - an English sentence: why the decision is what it is; a second one where what is
 *	told of the packet is told of others, too
 * @buf: receives at most @n bytes, always terminated; names in it are as in the log (the
 *	caller escapes them)
 * Return: @buf
 */
struct str model_reason(const struct model *model, uint32_t path, const struct decision *d,
			char *buf, size_t n);

/**
 * model_path_text - "raw:PREROUTING:policy:3 mangle:PREROUTING:policy:1 …"
 * Return: how many bytes it has; at most @n of them are in @buf
 */
size_t model_path_text(const struct model *model, uint32_t path, char *buf, size_t n);

size_t model_gap_count(const struct model *model);
/* model_left_out - packets that --trace asked for and --limit kept from being traced: unlike what
 * was lost, whole packets are missing */
uint64_t model_left_out(const struct model *model);
const struct gap *model_gap_at(const struct model *model, size_t i);
size_t model_note_count(const struct model *model);
const struct note *model_note_at(const struct model *model, size_t i);

/* Findings: semantics.md section 6. */

#define FINDING_PACKETS 16
#define FINDING_LINES	8

/**
 * struct finding - what an expert would say
 * @id: a constant of the table, e.g. "trace-gap"
 * @flow: the flow it speaks of, or 0; @host: the host, where that is not the flow's, or 0
 * @packets: at most FINDING_PACKETS of the packets it speaks of; @n_packets of all
 * @weight: packets that it explains, if that ranks it; @order: as drawn
 * @stop: number of the place where those were stopped whose cause it names, or 0; @leads: they are
 *	most of the packets that were stopped there, so it stands before what says that they were
 * @text, @evidence, @confirm: sentences and commands, owned by the model; where another network
 *	namespace was listened in, the commands are as they run in it (evidence_inside())
 * @outside: bits of those @confirm that are for the initial network namespace
 * @caveat: of the evidence itself: to be read before any other
 */
struct finding {
	const char *id;
	enum severity severity;
	uint32_t flow;
	uint64_t packets[FINDING_PACKETS];
	size_t n_packets;
	uint64_t weight;
	size_t order;
	uint32_t stop;
	sym_t host;
	struct str text;
	struct str evidence[FINDING_LINES];
	size_t n_evidence;
	struct str confirm[FINDING_LINES];
	size_t n_confirm;
	uint8_t outside;
	bool caveat, leads;
};

/* Most important first. */
size_t model_finding_count(const struct model *model);
const struct finding *model_finding_at(const struct model *model, size_t i);

#endif
