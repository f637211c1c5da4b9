/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finding.h - how findings are drawn: each row of the table looks at the whole model once */
#ifndef NFHOP_FLOW_FINDING_H
#define NFHOP_FLOW_FINDING_H

#include "nfhop/number.h"

#include "model.h"

#define ONE_KIND_MAX 16 /* findings of one kind; a report must stay readable */

struct flow_finding;

/**
 * struct finding_row - one kind of finding, drawn by one of two
 * @draw: looks at the whole model; adds as many as there are, or -errno
 * @flow: looks at each flow
 */
struct finding_row {
	const char *id;
	enum severity severity;
	int (*draw)(struct model *model, const struct finding_row *row);
	const struct flow_finding *flow;
};

/* struct whose - the host of what a finding tells of; @several: of more than one, none is named */
struct whose {
	sym_t host;
	bool any, several;
};

static inline void whose_add(struct whose *whose, sym_t host)
{
	whose->several |= whose->any && whose->host != host;
	whose->host = whose->several ? 0 : host;
	whose->any = true;
}

/* text - a sentence on the heap, as printf would print it */
__attribute__((format(printf, 1, 2))) struct str text(const char *format, ...);
void text_free(struct str text);

/* finding_add - a new finding; @sentence becomes its own. Return: NULL if there is no memory */
struct finding *finding_add(struct model *model, const struct finding_row *row,
			    struct str sentence);

/* The sentence becomes the finding's own; what is over FINDING_LINES is forgotten. */
void finding_evidence(struct finding *finding, struct str sentence);
void finding_confirm(struct finding *finding, struct str command);
/* finding_confirm_outside - a command for the initial network namespace, whichever was traced */
void finding_confirm_outside(struct finding *finding, struct str command);
/* finding_packet - it speaks of this packet, too; NULL is nobody */
void finding_packet(struct finding *finding, const struct packet *packet);

/* flow_name - "tcp 192.0.2.1:1000 → 198.51.100.1:80" */
struct str flow_name(const struct flow *flow);
/* iptables_tool - what legacy iptables of that family is called, as far as the rule set tells */
const char *iptables_tool(const struct model *model, enum family family);
/* flow_by_nft - did nftables tell of all its hops, legacy iptables of none? */
bool flow_by_nft(const struct model *model, const struct flow *flow);
/* tool_of - the iptables that a table was made with; NULL: nft */
const char *tool_of(const struct model *model, const struct table *table, enum family family);

/* tool_at - the same of the chain that a hop lies in, for packets of @family */
const char *tool_at(const struct model *model, const struct hop_view *hop, enum family family);

/* struct icmp_type - as iptables and nft ask for it */
struct icmp_type {
	const char *xt, *nft;
};

/*
 * Commands that more than one finding gives.
 * confirm_list - list a chain; @tool: as of tool_of(), @family: of the table
 * confirm_chain - the same; @family: of the packet
 * confirm_accept_ct - accept what is ESTABLISHED or RELATED, or RELATED alone, first of all in the
 *	chain of @hop
 * confirm_accept_type - accept a type of ICMP there
 * confirm_rp_filter - both settings that hold for what comes in by @device
 * confirm_setting - set net.ipv4.conf.DEVICE.NAME
 * confirm_route - the route that the kernel finds for a packet that came in by query->iif
 * confirm_masquerade - a rule that does as struct nat_wanted says, for packets of @flow
 */
void confirm_list(struct finding *finding, const char *tool, enum family family, struct str table,
		  struct str chain);
void confirm_chain(const struct model *model, struct finding *finding, const struct chain *chain,
		   enum family family);
void confirm_accept_ct(const struct model *model, struct finding *finding,
		       const struct hop_view *hop, enum family family, bool related_alone);
void confirm_accept_type(const struct model *model, struct finding *finding,
			 const struct hop_view *hop, enum family family,
			 const struct icmp_type *type);
void confirm_rp_filter(struct finding *finding, struct str device);
void confirm_setting(struct finding *finding, struct str device, const char *name, int value);
void confirm_route(struct finding *finding, const struct route_query *query);

/**
 * struct nat_wanted - the source of what leaves by @oif is to be translated
 * @chain: where; NULL if there is no nat chain at POSTROUTING
 * @first: before its rules, one of which takes the packet
 */
struct nat_wanted {
	const struct chain *chain;
	bool first;
	struct str oif;
};

void confirm_masquerade(const struct model *model, struct finding *finding,
			const struct nat_wanted *want, const struct flow *flow);
/* confirm_conntrack - `conntrack -L`, or with another letter, of that connection */
void confirm_conntrack(struct finding *finding, const char *letter, const struct flow *flow);
/* sysctl_of - "net.ipv4.conf.eth0.NAME" */
struct str sysctl_of(struct str device, const char *name);
/* told_by_nft - was the packet's way told by nftables, so that its user knows nft? @packet or NULL
 */
bool told_by_nft(const struct model *model, const struct packet *packet);
/* plural - "" or "s" */
const char *plural(uint64_t n);

/* What packet_rule_match() is to leave out, as if it were not known. */
enum { BUT_IIF = 1 << 0, BUT_OIF = 1 << 1, BUT_ADDR = 1 << 2 };

/**
 * packet_rule_match - do the conditions of @rule fit the packet as it was at hop @hop?
 * @but: BUT_* bits
 * @miss: as of rule_match(); may be NULL
 */
enum match packet_rule_match(const struct model *model, const struct packet *packet, size_t hop,
			     const struct rule *rule, unsigned int but, struct rule_miss *miss);
/**
 * packet_came_to - was @rule tried on the packet in the evaluation that hop @hop ends, by the
 *	trace? True of a packet that was only logged, if nothing tells
 * @by: receives the rule of its chain that took the packet away before it; NULL if its chain was
 *	not entered
 */
bool packet_came_to(const struct model *model, const struct packet *packet, size_t hop,
		    const struct rule *rule, const struct rule **by);
/* refuses_inner - are packets of @path, of @flow, refusals for the address that DNAT made of its
 * own: RSTs, of UDP port-unreachable? */
bool refuses_inner(const struct model *model, const struct flow *flow,
		   const struct flow_path *path);
/* before_conntrack - does hop @i, at @hook, come before connection tracking sees the packet? */
bool before_conntrack(const struct model *model, uint32_t path, size_t i, enum hook hook);
/**
 * untracked_by - were packets of @flow in that direction taken out of connection tracking?
 * @by: receives the hop at the rule that does (notrack), if one did
 */
bool untracked_by(const struct model *model, const struct flow *flow, bool back,
		  struct hop_view *by);
/* taken_for_invalid - the hop whose rule takes packets only if they are invalid, or @path's length
 */
size_t taken_for_invalid(const struct model *model, uint32_t path);
/**
 * was_forgotten - did packets of @flow that took @fp pass as established before, and are they
 *	invalid now as those of a connection are that conntrack no longer knows?
 * @sure: receives whether nothing else can have made them so
 */
bool was_forgotten(const struct model *model, const struct flow *flow, const struct flow_path *fp,
		   bool *sure);
/**
 * zone_of - which zone of connection tracking were packets of @flow in that direction put in?
 * @by: receives the hop at the rule that does
 * Return: its number as text; empty for none that is known
 */
struct str zone_of(const struct model *model, const struct flow *flow, bool back,
		   struct hop_view *by);
/**
 * ipsec_text - the policy of IPsec that most likely ended packets meanwhile; empty if no counter
 *	tells, to be freed
 * @in: packets for this host, behind INPUT
 */
struct str ipsec_text(const struct model *model, bool in);
/* ipsec_ended - does a counter tell that one did? */
bool ipsec_ended(const struct model *model, bool in);
/* ipsec_may_be - is it unknown whether a policy of IPsec ended any? */
bool ipsec_may_be(const struct model *model);
/* confirm_ipsec - commands that show the policies, their SAs and counters */
void confirm_ipsec(struct finding *finding);
/* came_past - was @packet, which hop @hop ended, tried on @rule by the trace, and went on behind
 * it?
 */
bool came_past(const struct model *model, const struct packet *packet, size_t hop,
	       const struct rule *rule);
/* failed_by_state - was @packet, which hop @hop ended, held against @rule, and is the state of its
 * connection all that can have failed? */
bool failed_by_state(const struct model *model, const struct packet *packet, size_t hop,
		     const struct rule *rule);
/* near_miss_text - "rule 3: -i wg0, the packet came in on lan0"; @told: the chain that goes
 * without saying */
struct str near_miss_text(const struct model *model, const struct packet *packet, size_t hop,
			  const struct rule *rule, const struct chain *told);

/**
 * was_left_over - was a packet that was stopped at @hop so because no rule that accepts took it?
 *
 * By a policy, or by a rule that takes the rest, and rules that accept were tried before.
 */
bool was_left_over(const struct model *model, uint32_t path, size_t hop);
/* rule_name - "rule 3" in chain @told, else "tcp_in rule 3", "nat POSTROUTING rule 3" */
struct str rule_name(const struct rule *rule, const struct chain *told);
/* list_near_misses - those rules as evidence, the nearest of them if they are many */
void list_near_misses(const struct model *model, const struct packet *packet, size_t hop,
		      struct finding *finding);

/* early_find - fill model.early, which early_suspect() and its finding ask. Return: -ENOMEM */
int early_find(struct model *model);
/* early_suspect - "netdev n in rule 1 may have dropped the answer unseen: ..."; empty if no chain
 * before what is traced can have */
struct str early_suspect(const struct model *model, const struct flow *flow);

/* stop_hop - the hop where @d, of @fp, says that packets were stopped: d->stop is not negative */
void stop_hop(const struct model *model, const struct flow *flow, const struct flow_path *fp,
	      const struct decision *d, struct hop_view *hop);
/**
 * stop_explained - the packets of @flow that took @fp were stopped, and a finding says why
 * Return: the number of the place where they were, for struct finding; 0 if they were not, or are
 *	not to be shown
 * stops_lead - findings that explain most of what was stopped somewhere go before that
 */
uint32_t stop_explained(struct model *model, const struct flow *flow, const struct flow_path *fp);
void stops_lead(struct model *model);
/* confirm_by_tool - what shows the place of @hop in the words of the tool that made it, if known */
void confirm_by_tool(struct finding *finding, const struct hop_view *hop);

#define SENDERS_MOST 3

/**
 * struct senders - what brought packets to a rule that stopped them
 * @at: ways that differ; @by: the rule that sent them there, NULL if the rule itself tells enough,
 *	or it is not known; @marked: the rule that gave the mark which they were stopped for, or
 *	NULL: then @by sent them to that
 * @n: how many ways there are, those that @at has no room for too
 * @accepted: the rule of another chain at the hook that accepted them before; NULL if of some none
 *	did, or another one
 * @asked: was one added?
 */
struct senders {
	struct sender {
		const struct rule *by, *marked;
	} at[SENDERS_MOST];
	size_t n;
	const struct rule *accepted;
	bool asked;
};

/* senders_add - packets took @path as far as hop @stop, where a rule stopped them */
void senders_add(struct senders *senders, const struct model *model, uint32_t path, size_t stop);
/* senders_tell - as evidence; @many: of several packets */
void senders_tell(const struct model *model, const struct senders *senders, bool many,
		  struct finding *finding);

/* stops_free - what the rows about stops have collected */
void stops_free(struct stops *stops);

/* The rows, by theme. */
int draw_rules_changed(struct model *model, const struct finding_row *row);
int draw_other_netns(struct model *model, const struct finding_row *row);
int draw_out_of_order(struct model *model, const struct finding_row *row);
int draw_recorded_twice(struct model *model, const struct finding_row *row);
int draw_no_end(struct model *model, const struct finding_row *row);
int draw_trace_gap(struct model *model, const struct finding_row *row);
int draw_trace_limit(struct model *model, const struct finding_row *row);
int draw_notes(struct model *model, const struct finding_row *row);
int draw_ct_invalid(struct model *model, const struct finding_row *row);
int draw_stops(struct model *model, const struct finding_row *row);
int draw_near_misses(struct model *model, const struct finding_row *row);
extern const struct flow_finding find_not_forwarded;
extern const struct flow_finding find_forgotten;
extern const struct flow_finding find_unsent;
extern const struct flow_finding find_no_neighbour;
extern const struct flow_finding find_nat_taken;
extern const struct flow_finding find_around;
extern const struct flow_finding find_fragment;
extern const struct flow_finding find_overwritten_mark;
extern const struct flow_finding find_no_snat;
extern const struct flow_finding find_snat_wrong_interface;
extern const struct flow_finding find_dnat_not_applied;
extern const struct flow_finding find_hairpin;
extern const struct flow_finding find_no_reply;
extern const struct flow_finding find_copies;
extern const struct flow_finding find_queued;
extern const struct flow_finding find_no_socket;
extern const struct flow_finding find_reply_blocked;
extern const struct flow_finding find_refused;
extern const struct flow_finding find_asymmetric;
extern const struct flow_finding find_astray;
extern const struct flow_finding find_retransmit;
extern const struct flow_finding find_mtu;
extern const struct flow_finding find_one_way;
extern const struct flow_finding find_not_ours;
int draw_early_chains(struct model *model, const struct finding_row *row);
int draw_untraced_bridges(struct model *model, const struct finding_row *row);
int draw_silent_legacy(struct model *model, const struct finding_row *row);
int draw_wrong_ruleset(struct model *model, const struct finding_row *row);
int draw_wrong_logs(struct model *model, const struct finding_row *row);
int draw_unknown_prefixes(struct model *model, const struct finding_row *row);

#endif
