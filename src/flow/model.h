/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.h - the model's inside, shared by the files of this room */
#ifndef NFHOP_FLOW_MODEL_H
#define NFHOP_FLOW_MODEL_H

#include "nfhop/model.h"
#include "nfhop/trace.h"

#include "flows.h"
#include "loose.h"

#define NOTES_MAX     1024 /* kinds of notes kept; more of the same only count */
#define GAPS_MAX      1024
#define SCOPES_MAX    65535
#define LINE_MAX_KEPT 4096 /* a line longer than that is not repeated */

#define CLOCKS 4 /* hosts of one source whose clocks are held against at a time */

/**
 * struct clock - the time that the lines of host @scope have come to
 * @turned_ns: when summer time was last taken to end
 */
struct clock {
	unsigned int scope;
	struct stamp high;
	int64_t turned_ns;
};

/**
 * struct input - what is remembered of one source from record to record
 * @lines, @bytes: of the batches of it so far; @fed: lines of the one that is fed in parts
 */
struct input {
	uint64_t lines, bytes, fed;
	struct timeline timeline;
	struct clock clocks[CLOCKS];
	uint64_t seq;
	bool seq_known;
	size_t line_n; /* the last record, for "last message repeated N times" */
	char line[LINE_MAX_KEPT];
	struct record record;
};

/*
 * struct answers_seen - a device that traced answers came in by (0: made here), and when;
 * @to_private: one was forwarded to a private address as it came: the next router knows the way
 */
struct answers_seen {
	sym_t by;
	bool to_private;
	struct stamp first, last;
};

/* struct model_host - one host of the logs */
struct model_host {
	sym_t name;
	struct answers_seen answers[16];
	unsigned int n_answers;
};

/* struct remote - a hash of @n addresses; @unspecified: 0.0.0.0 or :: is one, too */
struct remote {
	struct addr *slots;
	size_t mask, n;
	bool unspecified;
};

/**
 * struct loaded - a rule set, and since when it was loaded
 * @change: what it has otherwise than the one before, empty if nothing; @compared: it is known.
 *	Sets do not change, and a view asks each second.
 */
struct loaded {
	struct ruleset *set;
	struct stamp at;
	struct str change;
	bool compared;
};

#define DECIDED 1024

/* struct decided - what became of packets that took @path; see state.c */
struct decided {
	bool known;
	uint32_t path;
	unsigned int flags;
	struct visible visible;
	struct decision decision;
};

#define DHCP_BIT(port) (1u << ((port)-67)) /* of 67, where servers listen, or 68 */

struct model {
	struct model_config config;
	struct model_sink sink;
	struct syms *syms;
	struct paths *paths;
	struct assembler *assembler;
	struct flows *flows;
	struct decided *decided; /* DECIDED of them */
	struct scratch scratch;
	struct input **inputs;
	size_t n_inputs;
	struct model_host *hosts;
	size_t n_hosts, cap_hosts;
	struct packet **kept; /* a ring; the newest @n_held of them were not handed out yet */
	size_t kept_at, n_kept, n_held;
	struct stats stats;
	struct loaded *sets; /* that came with the records, one a generation */
	size_t n_sets;
	int64_t stale_until_ns;
	uint64_t asked, traced; /* packets that --trace asked for, that its limit let through */
	struct gap *gaps;
	size_t n_gaps;
	struct note *notes;
	size_t n_notes;
	const struct evidence *before, *after; /* either may be NULL */
	struct evidence seen[2];	       /* that came with the records, and its text */
	char *seen_text[2];
	struct finding *findings;
	size_t n_findings, cap_findings;
	struct stops *stops; /* while findings are drawn */
	struct early *early; /* the same: see find_early.c */
	struct remote remote;
	struct loose_errors loose;
	unsigned int dhcp; /* DHCP_BIT() of ports that this host, or a rule, is known to hear at */
	bool untold;	   /* a packet may be of another network namespace */
	sym_t elsewhere;   /* a device of such a one */
	bool other_rules;  /* a packet was of such a one, by the rules that it met */
	bool behind;	   /* the packet that began with this line is one that came before */
	bool inexact;	   /* this event has the stamp of another, or of its arrival */
	bool own_errors;   /* an ICMP error of this host's own was seen */
	bool unlike_texts; /* a rule of the trace does not stand in the rule set as it reads */
	bool wrong_rules;  /* the rule set is not the one that was loaded: no longer sure of it */
	int err;	   /* the first failure inside a callback */
};

struct input *input_of(struct model *model, unsigned int source);
/* line_keep - @rec may be repeated */
void line_keep(struct input *in, const struct record *rec);
/* model_count - bring the counts in stats that others keep up to date */
void model_count(struct model *model);
void see_stamp(struct model *model, const struct stamp *stamp);

/* model_scope - number of the host of that name; Return: the number, or -ENOMEM */
int model_scope(struct model *model, sym_t host);

/*
 * rules_take - the rule set from here on; Return: 0, -EINVAL if it cannot be read, -ENOMEM
 * rules_free - all of them
 */
int rules_take(struct model *model, const struct record *rec, const struct stamp *now);
void rules_free(struct model *model);

/*
 * kept_add - packet @p is closed: keep a copy, hand out what is due; Return: 0 or -ENOMEM
 * kept_free - all of them
 */
int kept_add(struct model *model, struct packet *p);
void kept_free(struct model *model);

/* evidence_now - of the host as it was seen last; NULL if nothing is known of it */
static inline const struct evidence *evidence_now(const struct model *model)
{
	return model->after ? model->after : model->before;
}

/* host_take - how the host is set up; Return: 0, -EINVAL if it cannot be read, -ENOMEM; host_free
 */
int host_take(struct model *model, const struct record *rec);
void host_free(struct model *model);

/* limit_take - not all packets were traced; Return: 0 or -EINVAL */
int limit_take(struct model *model, const struct record *rec);

/*
 * netns_bits - is a line of the kernel log of another network namespace than the traced one?
 * Return: EVENT_ELSEWHERE, EVENT_UNTOLD if that cannot be known, 0 if it is none, or no such line
 */
unsigned int netns_bits(struct model *model, const struct record *rec, const struct event *ev);
/* netns_told - does any hop of the path show that it was in the traced one? */
bool netns_told(const struct model *model, uint32_t path);

/* netns_rules_deny - may @packet, which may be of another, not have met rules of the traced one? */
bool netns_rules_deny(const struct model *model, const struct packet *packet);
/*
 * netns_note_elsewhere - is it of another network namespace? netns_note_untold - may it be? The
 * neighbour table is one for all
 */
bool netns_note_elsewhere(const struct model *model, const struct note *note);
bool netns_note_untold(const struct model *model, const struct note *note);
/* netns_named - the number in "... in netns 4026532318, ..." of the kernel, 0 if there is none */
uint64_t netns_named(struct str text);
/* netns_is_other - is that one known to be another than the traced one? */
bool netns_is_other(const struct model *model, struct str text);

/* disorder_is_late - is a line of @in, of host @scope, earlier than those before it? */
bool disorder_is_late(struct input *in, unsigned int scope, const struct stamp *now);
/* disorder_tell - such a line was taken in */
void disorder_tell(struct model *model, unsigned int source, unsigned int scope, uint64_t line);
/* disorder_see - packet @p begins; is it @before, which began in its flow before it? */
void disorder_see(struct model *model, const struct packet *before, struct packet *p);

/* ct_states - CT_* bits: what conntrack may have called @packet, which is to be closed; 0: nothing
 * tells */
unsigned int ct_states(const struct model *model, const struct packet *packet);

/* note_add - keep a note, or count it if an equal one is kept */
int note_add(struct model *model, const struct event *ev, const struct record *rec);
int gap_add(struct model *model, const struct event *ev, const struct record *rec);

/*
 * dhcp_learn - model->dhcp, by a flow; dhcp_ask_rules - begin anew, with the rule set
 * dhcp_is_meant - of a broadcast: is it DHCP that this host has to do with?
 */
void dhcp_learn(struct model *model, const struct flow *flow);
void dhcp_ask_rules(struct model *model);
bool dhcp_is_meant(const struct model *model, const struct flow *flow);

/*
 * remote_build - collect the addresses that cannot be this host's own, and in the same walk over
 * the flows the ICMP errors that may be about others; remote_has - ask
 */
int remote_build(struct model *model);
void remote_free(struct model *model);
bool remote_has(const struct model *model, const struct addr *addr);

/* is_private - an address that nobody has on the Internet (RFC 1918, 6598, 4193, ...) */
bool is_private(const struct addr *addr);

/* was_traced - a LOG line picks its packets: that one was seen proves nothing of others */
bool was_traced(const struct model *model, const struct packet *packet);

/* answer_to - what is known of the headers of an answer to @flow, as it would come in */
struct header answer_to(const struct flow *flow);

/*
 * answers_traced - would an answer to @flow have been traced, had it come? errors_untraced - does
 * the rule set say that an ICMP error about it would not?
 */
bool answers_traced(const struct model *model, const struct flow *flow);
bool errors_untraced(const struct model *model, const struct flow *flow);
/* answers_seen_by - the answers that @host saw come in by that device; NULL if none did */
struct answers_seen *answers_seen_by(struct model_host *host, sym_t device);

/* base_hop - the last hop up to @i that is none of a chain that another called */
size_t base_hop(const struct model *model, uint32_t path, size_t i);
/**
 * calling_hop - where the chain of hop @i was called
 * @caller: receives the hop
 * Return: false in a base chain, and where the trace does not show it
 */
bool calling_hop(const struct model *model, uint32_t path, size_t i, size_t *caller);
/* base_chain - its chain, NULL without a rule set that has it */
const struct chain *base_chain(const struct model *model, uint32_t path, size_t i);
/* base_priority - and that chain's priority; Return: is it known? Of iptables' raw it always is. */
bool base_priority(const struct model *model, uint32_t path, size_t i, int32_t *priority);
/* is_nat_chain - a base chain that translates addresses: of legacy's table nat, nft's type nat */
bool is_nat_chain(const struct chain *chain);
/* nat_chain_at - the first one that packets of @family meet at @hook, by the rule set; or NULL */
const struct chain *nat_chain_at(const struct model *model, enum family family, enum hook hook);
/* nat_hop - the last hop in such a chain at one of @hooks; -1 if it was not seen there */
int nat_hop(const struct model *model, const struct packet *packet, unsigned int hooks);

/*
 * cannot_confirm - did packets leave the last nat chain as the first ones of a connection, with a
 * tuple that is another flow's?
 */
bool cannot_confirm(const struct model *model, uint32_t path, unsigned int flags);

/**
 * struct astray - an answer that left by @out, though its request came in by @in
 * @path: that it took; it has a sample
 * @refusal: it is a RST or an ICMP error
 */
struct astray {
	const struct flow_path *path;
	sym_t in, out;
	bool refusal;
};

/*
 * answer_astray - did the newest answer to @flow, or its newest refusal, leave by another device
 * than its request came in by? False if the client went on from it. @state: the flow's
 */
bool answer_astray(const struct model *model, const struct flow *flow, enum flow_state state,
		   struct astray *astray);

/* What is known of the destination that a packet went on with from its last hop. */
enum new_dst {
	DST_SEEN,      /* that of its last hop */
	DST_BY_RULE,   /* a rule gave it this one */
	DST_NOT_KNOWN, /* a rule gave it one, or may have; which is not known */
};

/* new_destination - @to: receives its endpoints; of DST_BY_RULE the port is 0 if it is not known */
enum new_dst new_destination(const struct model *model, const struct packet *packet,
			     struct endpoints *to);

/* keeps_destination - is what nat PREROUTING makes of it seen, or is there nothing that would? */
bool keeps_destination(const struct model *model, const struct packet *packet);

/* Whether the router or host that a flow's packets were handed to is there. */
enum next_hop {
	NEXT_HOP_NOT_KNOWN,
	NEXT_HOP_UNREACHABLE, /* this host sent an ICMP error that says so and quotes the flow */
	NEXT_HOP_SILENT,      /* it did not answer, by the neighbour table at the end */
};

/* next_hop_answers - to what left @since then; next_hop_of - Return: is @hop known? */
enum next_hop next_hop_answers(const struct model *model, const struct flow *flow,
			       const struct stamp *since);
bool next_hop_of(const struct model *model, const struct flow *flow, struct addr *hop);

/* view_path_hop - as model_path_step(), of a path's hop number @i */
void view_path_hop(const struct model *model, const struct path_hop *hop, size_t i,
		   struct hop_view *view);

/* quote_for - what goes around a rule's text in a sentence: one that it does not have itself */
const char *quote_for(struct str text);

/* findings_draw - fill model->findings from the table; findings_free */
int findings_draw(struct model *model);
void findings_free(struct model *model);

#endif
