/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_flow.c - findings about one flow: answers, spacing, size, where to look next */
#include "find_flow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "nfhop/addr.h"
#include "nfhop/own.h"

int flow_finding_draw(struct model *m, const struct finding_row *row, struct flow_case *c,
		      struct kind_count *n)
{
	const struct flow_finding *kind = row->flow;
	struct finding *f;
	uint32_t stop;

	if (!kind->holds(m, c))
		return 0;
	c->explained |= kind->explains;
	stop = kind->caused ? kind->caused(m, c) : 0;
	if (!n->n)
		n->first = m->n_findings;
	if (n->n++ >= ONE_KIND_MAX)
		return 0;
	f = finding_add(m, row, kind->sentence(m, c));
	if (!f || !f->text.p)
		return -ENOMEM;
	f->flow = c->flow->no;
	f->stop = stop;
	if (c->view.housekeeping)
		f->severity = SEVERITY_INFO;
	finding_packet(f, c->there);
	finding_packet(f, c->back);
	if (kind->more)
		kind->more(m, c, f);
	return 0;
}

static struct str with_name(const struct flow *flow, const char *what)
{
	struct str name = flow_name(flow), s = text("%.*s: %s", STR_ARG(name), what);

	text_free(name);
	return s;
}

static bool answer_missing(const struct model *m, const struct flow_case *c)
{
	return c->view.state == FLOW_NO_REPLY && !rest_stopped(m, c);
}

static bool was_delivered(const struct flow_case *c)
{
	return c->view.decision.outcome == OUTCOME_DELIVERED;
}

static struct str say_no_reply(const struct model *m, const struct flow_case *c)
{
	static const char far_side[] = ": look at the far side and at the way back to the address "
				       "it left with";
	const char *but = c->view.errors_untraced ? " (an ICMP error would not be traced)" : "";
	struct str name = flow_name(c->flow), s;

	(void)m;
	if (c->view.maybe_error)
		but = ", unless an ICMP error is about it that came and quotes too little to tell";
	if (was_delivered(c))
		s = text("%.*s: it was handed to this host's own sockets, answers are traced here, "
			 "and none came%s: look at the program that should answer.",
			 STR_ARG(name), but);
	else
		s = text("%.*s: it left this host, answers are traced here, and none came%s%s.",
			 STR_ARG(name), but, c->explained ? "" : far_side);
	text_free(name);
	return s;
}

/* The source that it left with, as far as anything shows it. */
static struct str source_text(const struct model *m, const struct flow *flow)
{
	const struct nat_target *to = NULL;
	enum left_source left = model_left_source(m, flow, &to);
	struct addr_text src = addr_text(&flow->left.ends.src);

	if (left == LEFT_BY_RULE && to->by_device)
		return text(", translated to an address of that device");
	if (left == LEFT_BY_RULE)
		return text(", its source translated by a rule");
	if (left == LEFT_NOT_KNOWN)
		return text("; whether its source %s was translated there is not shown", src.s);
	return text(" with source %s", src.s);
}

bool has_listener_port(const struct flow *flow)
{
	return flow->there.ports && (flow->there.proto == 6 || flow->there.proto == 17);
}

void ask_listeners(const struct flow *flow, struct finding *f)
{
	if (has_listener_port(flow))
		finding_confirm(f, text("ss -%clnp 'sport = :%u'",
					flow->there.proto == 6 ? 't' : 'u', flow->left.ends.dport));
}

static void left_as(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct str oif = sym_text(m->syms, c->flow->oif[0]);
	struct str source, suspect;

	if (was_delivered(c)) {
		suspect = ipsec_text(m, true);
		if (suspect.n)
			finding_evidence(f, suspect);
		ask_listeners(c->flow, f);
		if (suspect.n)
			confirm_ipsec(f);
		return;
	}
	suspect = early_suspect(m, c->flow);
	if (suspect.n)
		finding_evidence(f, suspect);
	source = source_text(m, c->flow);
	finding_evidence(f, text("it left by %.*s%.*s", STR_ARG(oif), STR_ARG(source)));
	text_free(source);
	if (oif.n)
		finding_confirm(f, text("tcpdump -ni %.*s host %s", STR_ARG(oif),
					addr_text(&c->flow->left.ends.dst).s));
}

const struct flow_finding find_no_reply = { answer_missing, say_no_reply, left_as };

/* The last hop, which the kernel may have taken the packet away at otherwise, too (synproxy). */
static bool is_queued(const struct model *m, const struct flow_case *c)
{
	struct hop_view hop;

	if (c->view.decision.outcome != OUTCOME_QUEUED || !c->there || !c->there->n_hops)
		return false;
	model_hop(m, c->there, c->there->n_hops - 1u, &hop);
	return hop.verdict == VERDICT_QUEUE;
}

static struct str say_queued(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return with_name(c->flow,
			 "a program was to decide (NFQUEUE), and it did not come back: no "
			 "program reads that queue, or it drops, or has not answered yet.");
}

static void queue_readers(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct hop_view hop;

	model_hop(m, c->there, c->there->n_hops - 1u, &hop);
	if (hop.text.n && !str_has(hop.text, STR("bypass")))
		finding_evidence(f, text("without bypass the kernel drops what goes to a queue "
					 "that nobody reads: %.*s",
					 STR_ARG(hop.text)));
	/* its second column is the reader's port id, the first the queue's number */
	finding_confirm(f, text("cat /proc/net/netfilter/nfnetlink_queue"));
}

const struct flow_finding find_queued = { is_queued, say_queued, queue_readers };

/* Where the trace prints numbers, @answer acknowledges that of the SYN. */
static bool acknowledges(const struct packet *answer, const struct flow *request)
{
	return !(answer->first.have & HEADER_SEQ) || !request->syn_seq ||
	       answer->first.tcp_ack == request->syn_seq + 1;
}

/*
 * Its SYN went to whom @flow comes from, and may have left with the address that @flow goes to:
 * nothing shows what it left with, or it has that port, and the rule set lacks a translation.
 */
static bool may_be_asked(const struct model *m, const struct flow *request, const struct flow *flow)
{
	const struct endpoints *left = &request->left.ends, *came = &flow->there.ends;
	const struct nat_target *to = NULL;
	enum left_source source;

	if (!request->syns || request->scope != flow->scope ||
	    request->there.proto != flow->there.proto || left->dport != came->sport ||
	    memcmp(&left->dst, &came->src, sizeof(came->src)) ||
	    stamp_age(&flow->first, &request->first) < 0)
		return false;
	source = model_left_source(m, request, &to);
	return source == LEFT_NOT_KNOWN || source == LEFT_BY_RULE ||
	       (source == LEFT_AS_IT_WAS && left->sport == came->dport);
}

#define ASKED_BEFORE 64 /* flows that began before one that answers them */

/* Nothing shows it: where an answer ends at PREROUTING, its address was not turned back yet. */
static bool may_be_answer(const struct model *m, const struct flow *flow,
			  const struct packet *answer)
{
	for (uint32_t n = 1; n <= ASKED_BEFORE && n < flow->no; n++) {
		const struct flow *request = flows_by_no(m->flows, flow->no - n);

		if (request && request != flow && acknowledges(answer, request) &&
		    may_be_asked(m, request, flow))
			return true;
	}
	return false;
}

/* A SYN-ACK opens the flow, in a trace. */
static bool answer_came_first(const struct model *m, const struct flow_case *c)
{
	const unsigned int mask = TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN;

	return (c->flow->first_flags & mask) == (TCP_SYN | TCP_ACK) && c->there &&
	       was_traced(m, c->there) && !may_be_answer(m, c->flow, c->there);
}

static bool is_asymmetric(const struct model *m, const struct flow_case *c)
{
	const struct flow *flow = c->flow;

	if (answer_came_first(m, c))
		return true;
	return flow->packets[1] > flow->errors && flow->oif[0] && flow->iif[1] &&
	       flow->oif[0] != flow->iif[1] &&
	       !(flow->ports & 4) == !(flow->ports & 2); /* else a bridge, and its port perhaps */
}

static struct str say_asymmetric(const struct model *m, const struct flow_case *c)
{
	struct str out = sym_text(m->syms, c->flow->oif[0]),
		   in = sym_text(m->syms, c->flow->iif[1]);
	struct str name = flow_name(c->flow), s;

	if (answer_came_first(m, c))
		s = text("%.*s: a SYN-ACK came whose SYN was never seen here: the request takes "
			 "another way, or is not being traced.",
			 STR_ARG(name));
	else
		s = text(
			"%.*s: the request left by %.*s, the answer comes in by %.*s: rp_filter or "
			"a rule with an interface may stop it.",
			STR_ARG(name), STR_ARG(out), STR_ARG(in));
	text_free(name);
	return s;
}

/* The route of the request, and what the answer's input device has to say to it. */
static void confirm_ways(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct flow *flow = c->flow;
	struct route_query query = {
		.family = (enum family)flow->there.family,
		.src = flow->there.ends.src,
		.dst = flow->left.ends.dst,
		.iif = sym_text(m->syms, flow->iif[0]),
		.mark = c->there && c->there->n_hops ? c->there->hops[c->there->n_hops - 1].mark
						     : 0,
	};

	confirm_route(f, &query);
	if (query.family == FAMILY_IP)
		confirm_rp_filter(f, sym_text(m->syms, flow->iif[1]));
}

const struct flow_finding find_asymmetric = { is_asymmetric, say_asymmetric, confirm_ways };

static bool same_syn_again(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return c->flow->same_syns > 1 && c->view.state != FLOW_TWO_WAY;
}

/* A RST or an ICMP error went out to it, and then it sent its SYN once more. */
static bool tries_though_refused(const struct model *m, const struct flow_case *c)
{
	/* whatever became of it */
	const struct flow_path *last = &c->flow->paths[c->flow->newest[0]];
	struct refusal r = model_refusal(m, c->flow);
	struct decision d;

	if (!r.path || stamp_age(&last->last, &r.path->first) <= 0)
		return false;
	model_decide_path(m, c->flow, r.path, &d);
	return outcome_passes(d.outcome);
}

static struct str say_retransmit(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), s;
	int64_t span = stamp_age(&c->flow->last, &c->flow->first);
	const char *what = "gets no answer and tries again";
	char within[32] = ""; /* nft monitor tells no time; clocks begin anew, lines run back */

	if (span > 0)
		snprintf(within, sizeof(within), " in %.1f s", (double)span / 1e9);
	if (c->view.errors_untraced)
		what = "gets no answer (an ICMP error would not be traced) and tries again";
	else if (answer_around(m, c))
		what = "gets no answer that it knows and tries again";
	else if (tries_though_refused(m, c))
		what = "tries again, though a refusal went out to it";
	s = text("%.*s: the same SYN %s times%s: the client %s.", STR_ARG(name),
		 number_text(c->flow->same_syns).s, within, what);
	text_free(name);
	return s;
}

const struct flow_finding find_retransmit = { same_syn_again, say_retransmit, NULL };

/*
 * Both directions were forwarded, but the client never went on from its SYN: whatever is wrong,
 * it is not here. Where data flows nothing is wrong.
 */
static bool gateway_did_its_part(const struct model *m, const struct flow_case *c)
{
	struct decision d;

	if (c->view.state != FLOW_TWO_WAY || c->view.astray || !c->flow->syns ||
	    c->flow->packets[0] != c->flow->syns)
		return false;
	for (uint32_t i = 0; i < c->flow->n_paths; i++) {
		model_decide_path(m, c->flow, &c->flow->paths[i], &d);
		if (c->flow->paths[i].back && d.outcome == OUTCOME_FORWARDED)
			return true;
	}
	return false;
}

static struct str say_not_ours(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), s;
	struct str back = sym_text(m->syms, c->flow->oif[1]);

	s = text(
		"%.*s: this gateway did its part in both directions; the answer left by %.*s. Look "
		"further along: the overlay's own rules, the client's firewall, its route back.",
		STR_ARG(name), STR_ARG(back));
	text_free(name);
	return s;
}

static void confirm_watch(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct str back = sym_text(m->syms, c->flow->oif[1]);

	if (back.n)
		finding_confirm(f, text("tcpdump -ni %.*s host %s", STR_ARG(back),
					addr_text(&c->flow->there.ends.src).s));
}

const struct flow_finding find_not_ours = { gateway_did_its_part, say_not_ours, confirm_watch };

/* The rule that would show the answers to @flow. */
static struct str trace_rule(const struct model *m, const struct flow *flow)
{
	struct addr_text far = addr_text(&flow->left.ends.dst);
	const char *proto = flow->there.known ? ip_proto_name(flow->there.proto) : NULL;
	const char *tool = iptables_tool(m, (enum family)flow->there.family);
	const char *chain = flow->oif[0] ? "PREROUTING" : "OUTPUT";

	if (!proto)
		return text("%s -t raw -A %s -s %s -j TRACE", tool, chain, far.s);
	return text("%s -t raw -A %s -p %s -s %s -j TRACE", tool, chain,
		    flow->there.proto == 58 ? "icmpv6" : proto, far.s);
}

/*
 * The far side, as requests and answers name it where --trace takes them up: answers come from
 * what DNAT made of it. A filter for one of the two would never show both directions.
 */
static struct str trace_filter(const struct flow *flow)
{
	struct addr_text before = addr_text(&flow->there.ends.dst);
	struct addr_text after = addr_text(&flow->left.ends.dst);

	if (!strcmp(before.s, after.s))
		return text("nfhop report --trace 'host %s'", after.s);
	return text("nfhop report --trace 'host %s or host %s'", before.s, after.s);
}

/* Where the trace of it began, at IP if it came there: its answers need not be bridged. */
static const struct hop *began(const struct packet *p)
{
	for (uint16_t i = 0; i < p->n_hops; i++)
		if (!(p->hops[i].have & HOP_PORTS))
			return &p->hops[i];
	return &p->hops[0];
}

/* The same for nftables, in the chain where this direction's trace began. */
static struct str nft_rule(const struct model *m, const struct flow_case *c)
{
	const struct packet *p = c->there;
	const struct step *s = paths_step_at(m->paths, began(p)->step);
	struct addr_text far = addr_text(&p->ends[p->n_ends - 1].dst);
	struct str table = sym_text(m->syms, s->table), chain = sym_text(m->syms, s->chain);

	if (is_own_table(s->family, table)) /* gone with us */
		return trace_filter(c->flow);
	return text("nft insert rule %s %.*s %.*s %s saddr %s meta nftrace set 1",
		    family_name(s->family), STR_ARG(table), STR_ARG(chain),
		    p->first.family == FAMILY_IP6 ? "ip6" : "ip", far.s);
}

static bool nft_shows(const struct model *m, const struct packet *there)
{
	return there && there->n_ends && told_by_nft(m, there);
}

static struct str rule_for_answers(const struct model *m, const struct flow_case *c)
{
	if (nft_shows(m, c->there))
		return nft_rule(m, c);
	return flow_by_nft(m, c->flow) ? trace_filter(c->flow) : trace_rule(m, c->flow);
}

static bool same_addr(const struct addr *a, const struct addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool same_trace_rule(const struct flow *a, const struct flow *b)
{
	return a->there.family == b->there.family && a->there.known == b->there.known &&
	       a->there.proto == b->there.proto && !a->oif[0] == !b->oif[0];
}

static bool same_nft_rule(const struct model *m, const struct flow_case *a,
			  const struct flow_case *b)
{
	const struct step *x = paths_step_at(m->paths, began(a->there)->step);
	const struct step *y = paths_step_at(m->paths, began(b->there)->step);

	if (x->family != y->family || x->table != y->table)
		return false;
	if (is_own_table(x->family, sym_text(m->syms, x->table)))
		return same_addr(&a->flow->there.ends.dst, &b->flow->there.ends.dst);
	return x->chain == y->chain && a->there->first.family == b->there->first.family &&
	       same_addr(&a->there->ends[a->there->n_ends - 1].dst,
			 &b->there->ends[b->there->n_ends - 1].dst);
}

/* same_rule - does rule_for_answers() say the same of both? It takes some time to say. */
static bool same_rule(const struct model *m, const struct flow_case *a, const struct flow_case *b)
{
	bool nft = nft_shows(m, a->there);

	if (nft != nft_shows(m, b->there))
		return false;
	if (!nft && flow_by_nft(m, a->flow) != flow_by_nft(m, b->flow))
		return false;
	return nft ? same_nft_rule(m, a, b) : same_trace_rule(a->flow, b->flow);
}

/* Of ten thousand flows most are to places that something was said of. */
static bool said_already(const struct model *m, const struct flow_case *c)
{
	for (size_t i = 0; i < m->n_findings; i++) {
		const struct finding *f = &m->findings[i];
		struct flow_case other = { .flow = NULL };
		const struct flow_path *newest;

		if (strcmp(f->id, "one-way-trace"))
			continue;
		other.flow = model_flow_by_no(m, f->flow);
		if (!same_addr(&other.flow->left.ends.dst, &c->flow->left.ends.dst))
			continue;
		newest = model_newest(m, other.flow, false);
		other.there = newest ? newest->sample : NULL;
		if (same_rule(m, &other, c))
			return true;
	}
	return false;
}

static bool is_one_way(const struct model *m, const struct flow_case *c)
{
	return c->view.state == FLOW_ONE_WAY_TRACE &&
	       (c->flow->there.family == FAMILY_IP || c->flow->there.family == FAMILY_IP6) &&
	       !said_already(m, c);
}

static struct str say_one_way(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return with_name(c->flow,
			 "only this direction was seen, and nothing shows that answers are "
			 "traced: nothing can be said of them. This rule would show them.");
}

static void confirm_trace(const struct model *m, const struct flow_case *c, struct finding *f)
{
	finding_confirm(f, rule_for_answers(m, c));
}

const struct flow_finding find_one_way = { is_one_way, say_one_way, confirm_trace };
