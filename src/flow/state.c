/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.c - conclusions: of a packet, of a path within a flow, of a flow in one word */
#include "model.h"

#include "nfhop/addr.h"

#define AFTER_MANY 3 /* so often, a sender tries again */

/* The last hook that is known; what the devices and remote addresses tell included. */
static enum hook last_hook(const struct model *m, const struct packet *p)
{
	for (size_t i = p->n_hops; i-- > 0;) {
		enum hook hook = model_hop_hook(m, p, i);

		if (hook)
			return hook;
	}
	return HOOK_NONE;
}

static void take_at_its_word(struct decision *d)
{
	d->outcome = OUTCOME_DROPPED;
	d->certainty = CERTAINTY_STATED;
	d->reason = REASON_STATED;
}

/*
 * nft's trace calls a reject a drop, so the rule set tells which it was. `nft replace` keeps a
 * rule's handle: where other rules of the trace read otherwise in that rule set, and no error was
 * sent though such were seen, the trace is taken at its word.
 */
static void doubt_reject(const struct model *m, uint32_t path, unsigned int flags,
			 struct decision *d)
{
	const struct step *s;

	if (d->outcome != OUTCOME_REJECTED || d->stop < 0 || !m->unlike_texts)
		return;
	s = paths_hop(m->paths, path, (size_t)d->stop).step;
	if (s->text || s->verdict != VERDICT_DROP || (flags & PACKET_ANSWERED))
		return;
	if (m->own_errors)
		take_at_its_word(d);
	else
		d->certainty = CERTAINTY_INFERRED;
}

/*
 * A rule set that is proven wrong somewhere may be wrong here, one that just changed too; where
 * lines may be of another network namespace, so may the rules.
 */
static void doubt(const struct model *m, uint32_t path, unsigned int flags, struct decision *d)
{
	if (d->certainty != CERTAINTY_RULESET)
		return;
	if (m->wrong_rules || (flags & PACKET_STALE) || (m->untold && !netns_told(m, path)))
		d->certainty = CERTAINTY_INFERRED;
}

/*
 * Thousands of flows share a path: what became of its packets is worked out once. It follows
 * from the path, the flags and what was visible, nothing else.
 */
static void decide(const struct model *m, uint32_t path, unsigned int flags,
		   const struct visible *v, struct decision *d)
{
	struct decided *known = &m->decided[(path * 31 + flags * 7 + v->tables) % DECIDED];

	if (!known->known || known->path != path || known->flags != flags ||
	    known->visible.family != v->family || known->visible.tables != v->tables ||
	    known->visible.nft_hooks != v->nft_hooks || known->visible.away != v->away ||
	    known->visible.rerouted != v->rerouted) {
		*known = (struct decided){ true, path, flags, *v, { .stop = -1 } };
		outcome_decide(m->paths, path, flags, v, &known->decision);
	}
	*d = known->decision;
}

/* Seen last at PREROUTING, with a destination that is another host's and stays what it is. */
static bool is_for_others(const struct model *m, const struct packet *p)
{
	return m->n_hosts == 1 && p->n_hops && p->n_ends && /* remote to one may be another's own */
	       paths_step_at(m->paths, p->hops[p->n_hops - 1].step)->hook == HOOK_PREROUTING &&
	       keeps_destination(m, p) && remote_has(m, &p->ends[p->n_ends - 1].dst);
}

/*
 * Do its lines of mangle at OUTPUT differ in what the kernel looks at behind that table? Addresses,
 * which it looks at, too, are not changed there.
 */
static bool is_rerouted(const struct model *m, const struct packet *p)
{
	const struct hop *last = p->n_hops ? &p->hops[p->n_hops - 1] : NULL;
	sym_t table;

	if (!last || paths_step_at(m->paths, last->step)->hook != HOOK_OUTPUT)
		return false;
	table = paths_step_at(m->paths, last->step)->table;
	for (const struct hop *hop = p->hops; hop < last; hop++) {
		const struct step *s = paths_step_at(m->paths, hop->step);

		if (s->hook == HOOK_OUTPUT && s->table == table && s->kind != HOP_LOG)
			return hop->mark != last->mark || hop->tos != last->tos;
	}
	return false;
}

static void see(const struct model *m, const struct packet *p, struct visible *visible)
{
	visible->away = is_for_others(m, p);
	visible->rerouted = is_rerouted(m, p);
}

/* What passed the last hook may still find nobody on the link. */
static void ask_next_hop(const struct model *m, const struct flow *flow, const struct stamp *since,
			 struct decision *d)
{
	if (!flow || (d->outcome != OUTCOME_FORWARDED && d->outcome != OUTCOME_SENT) ||
	    next_hop_answers(m, flow, since) == NEXT_HOP_NOT_KNOWN)
		return;
	d->outcome = OUTCOME_LOST;
	d->lost_after = HOOK_POSTROUTING;
	d->certainty = CERTAINTY_INFERRED;
	d->reason = REASON_NEXT_HOP;
}

/* Did packets of @flow pass, by what conntrack knows of it then? */
static bool was_confirmed(const struct model *m, const struct flow *flow)
{
	struct visible visible = assembler_visible(m->assembler, flow->scope, flow->there.family);
	struct decision d;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		decide(m, fp->path, fp->flags, &visible, &d);
		if (!(fp->flags & PACKET_NAT_TAKEN) && outcome_passes(d.outcome))
			return true;
	}
	return false;
}

/* By its own count, conntrack confirmed every connection meanwhile. */
static bool none_failed(const struct model *m)
{
	const struct str name = STR("nf_conntrack.insert_failed");
	uint64_t value;

	return m->before && m->after && evidence_value(m->before, name, &value) &&
	       evidence_value(m->after, name, &value) && !evidence_rise(m->before, m->after, name);
}

/* Behind every hook conntrack confirms the connection, unless another has its tuple. */
static void ask_conntrack(const struct model *m, const struct flow *flow, uint32_t path,
			  unsigned int flags, struct decision *d)
{
	const struct flow *other = flow ? flows_by_no(m->flows, flow->nat_taken) : NULL;

	if (!other || other == flow || none_failed(m) || !outcome_passes(d->outcome) ||
	    !cannot_confirm(m, path, flags) || !was_confirmed(m, other))
		return;
	d->certainty = CERTAINTY_INFERRED;
	if (flow->packets[1] > flow->errors)
		return; /* answers were for it: the other was over before */
	d->outcome = OUTCOME_LOST;
	d->lost_after = HOOK_POSTROUTING;
	d->reason = REASON_NAT_TAKEN;
}

/* Behind OUTPUT it is routed again if its destination was changed there: to this host by lo. */
static void ask_redirect(const struct flow *flow, struct decision *d)
{
	if (flow && d->reason == REASON_LAST_TABLE && d->at == HOOK_OUTPUT &&
	    addr_is_loopback(&flow->left.ends.dst) && !addr_is_loopback(&flow->there.ends.dst))
		d->reason = REASON_REDIRECTED;
}

static bool may_lack_next_hop(const struct model *m)
{
	return m->own_errors || (m->after && m->after->n_neighbours);
}

void model_decide_path(const struct model *m, const struct flow *flow, const struct flow_path *fp,
		       struct decision *d)
{
	struct visible visible = assembler_visible(m->assembler, flow->scope, flow->there.family);

	if (fp->sample)
		see(m, fp->sample, &visible);
	decide(m, fp->path, fp->flags, &visible, d);
	d->at = fp->sample ? last_hook(m, fp->sample) : d->at;
	doubt(m, fp->path, fp->flags, d);
	doubt_reject(m, fp->path, fp->flags, d);
	if (fp->flags & PACKET_NAT_TAKEN)
		ask_conntrack(m, flow, fp->path, fp->flags, d);
	ask_redirect(fp->back ? NULL : flow, d);
	if (!fp->back && may_lack_next_hop(m))
		ask_next_hop(m, flow, &fp->first, d);
}

void model_decide(const struct model *m, const struct packet *p, struct decision *d)
{
	struct visible visible = assembler_visible(m->assembler, p->scope, p->first.family);

	see(m, p, &visible);
	decide(m, p->path, p->flags, &visible, d);
	d->at = last_hook(m, p);
	doubt(m, p->path, p->flags, d);
	doubt_reject(m, p->path, p->flags, d);
	if (p->flags & PACKET_NAT_TAKEN)
		ask_conntrack(m, model_flow_of(m, p), p->path, p->flags, d);
	ask_redirect(p->flags & PACKET_BACK ? NULL : model_flow_of(m, p), d);
	if (!(p->flags & PACKET_BACK) && may_lack_next_hop(m))
		ask_next_hop(m, model_flow_of(m, p), &p->hops[0].stamp, d);
}

/* The loss, or the end of the input, that hides what became of them; REASON_NONE if none does. */
static enum reason hidden_by(const struct model *m, const struct flow *flow,
			     const struct flow_path *fp)
{
	struct decision d;

	if (!(fp->flags & (PACKET_GAP | PACKET_MID_GAP | PACKET_CUT)))
		return REASON_NONE;
	model_decide_path(m, flow, fp, &d);
	return d.reason == REASON_GAP || d.reason == REASON_MID_GAP || d.reason == REASON_CUT
		       ? d.reason
		       : REASON_NONE;
}

static uint64_t count_hidden(const struct model *m, const struct flow *flow, bool back)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < flow->n_paths; i++)
		if (flow->paths[i].back == back && hidden_by(m, flow, &flow->paths[i]))
			n += flow->paths[i].packets;
	return n;
}

static bool has_syn(const struct flow_path *fp)
{
	const struct packet *p = fp->sample;

	return p && (p->first.have & HEADER_FLAGS) && tcp_opens(p->first.tcp_flags);
}

/* The newest path in the direction of @hidden of which it is known what became of its packets. */
static const struct flow_path *newest_known(const struct model *m, const struct flow *flow,
					    const struct flow_path *hidden)
{
	const struct flow_path *known = NULL;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		struct decision d;

		if (fp->back != hidden->back || (fp->flags & PACKET_ERROR) ||
		    (has_syn(hidden) && !has_syn(fp)) ||
		    (known && stamp_age(&fp->last, &known->last) < 0))
			continue;
		model_decide_path(m, flow, fp, &d);
		if (d.outcome != OUTCOME_UNKNOWN)
			known = fp;
	}
	return known;
}

const struct flow_path *model_newest(const struct model *m, const struct flow *flow, bool back)
{
	const struct flow_path *newest, *known;

	if (flow->newest[back] < 0)
		return NULL;
	newest = &flow->paths[flow->newest[back]];
	if (!hidden_by(m, flow, newest) || 2 * count_hidden(m, flow, back) > flow->packets[back])
		return newest;
	known = newest_known(m, flow, newest);
	return known ? known : newest;
}

/*
 * struct answers - what became of the answers, all paths together; this host's own errors are none
 * @passed: how many got through, @last_passed: when the last of them did
 * @after: how many were stopped or lost later than that
 */
struct answers {
	bool any, stopped, unknown, only_errors, own_errors;
	uint64_t passed, after;
	struct stamp last_passed;
};

static void count_after(const struct model *m, const struct flow *flow, struct answers *a)
{
	for (uint32_t i = 0; a->passed && a->stopped && i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		struct decision d;

		if (!fp->back || (fp->flags & PACKET_ERROR) ||
		    stamp_age(&fp->last, &a->last_passed) <= 0)
			continue;
		model_decide_path(m, flow, fp, &d);
		if (outcome_stops(d.outcome)) /* of those that began earlier, one is known to be */
			a->after += stamp_age(&fp->first, &a->last_passed) > 0 ? fp->packets : 1;
	}
}

static struct answers answers_of(const struct model *m, const struct flow *flow)
{
	struct answers a = { .only_errors = true };

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		struct decision d;

		if (!fp->back)
			continue;
		if ((fp->flags & PACKET_ERROR) && !(fp->flags & PACKET_CAME_IN)) {
			a.own_errors = true;
			continue;
		}
		a.any = true;
		a.only_errors &= (fp->flags & PACKET_ERROR) != 0;
		model_decide_path(m, flow, fp, &d);
		a.passed += outcome_passes(d.outcome) ? fp->packets : 0;
		if (outcome_passes(d.outcome) && stamp_age(&fp->last, &a.last_passed) >= 0)
			a.last_passed = fp->last;
		a.stopped |= outcome_stops(d.outcome);
		a.unknown |= !outcome_passes(d.outcome) && !outcome_stops(d.outcome);
	}
	count_after(m, flow, &a);
	return a;
}

/*
 * Is it, or may it be, the broadcast address of a network? That of one of this host's own is known
 * from its routes; of others only that most end like that, and few hosts do.
 */
static bool may_be_broadcast(const struct model *m, const struct flow *flow)
{
	const struct evidence *e = evidence_now(m);
	const struct addr *dst = &flow->left.ends.dst;

	if (flow->there.family != FAMILY_IP)
		return false;
	if (e && evidence_is_broadcast(e, dst))
		return true;
	return dst->b[15] == 0xff && !(e && evidence_is_local(e, dst) == SWITCH_ON);
}

/* Nobody answers a RST or an ICMP error. */
static bool refuses_only(const struct flow *flow)
{
	for (uint32_t i = 0; i < flow->n_paths; i++)
		if (!flow->paths[i].back && !(flow->paths[i].flags & PACKET_ERROR))
			return false;
	return flow->packets[0] > 0;
}

/*
 * UDP that nobody answers to the port it came from: reports, and tunnels, each direction of which
 * has flows of its own (RFC 7348, 4.1: the source port is a hash of what is inside).
 */
static bool is_one_way(const struct tuple *t)
{
	static const uint16_t ports[] = {
		162,  /* SNMP traps */
		514,  /* syslog */
		2055, /* NetFlow */
		4739, /* IPFIX */
		4754, /* GRE in UDP */
		4789, /* VXLAN */
		6081, /* Geneve */
		6343, /* sFlow */
		8472, /* VXLAN, as Linux had it first */
	};

	for (size_t i = 0; t->proto == 17 && t->ports && i < sizeof(ports) / sizeof(*ports); i++)
		if (t->ends.dport == ports[i])
			return true;
	return false;
}

/* Errors, adverts, reports and what goes to many hosts need no answer, so none is missed. */
static bool expects_answer(const struct model *m, const struct flow *flow)
{
	const uint8_t *dst = flow->there.ends.dst.b;
	bool ip6 = flow->there.family == FAMILY_IP6;
	bool many = ip6 ? dst[0] == 0xff : (dst[12] & 0xf0) == 0xe0 || dst[12] == 0xff;

	if (flow->there.unseen)
		return false;
	if (flow->there.proto == 6)
		return !many;
	if (many || may_be_broadcast(m, flow) || is_one_way(&flow->there))
		return false;
	if (flow->there.proto == (ip6 ? 58 : 1))
		return flow->there.ports; /* echo: its id stands for ports */
	return flow->there.proto != 2;
}

static bool is_discovery(const struct flow *flow)
{
	unsigned int type = flow->icmp >> 8;

	if (flow->icmp_kinds != 1)
		return false;
	if (flow->there.proto == 58)
		return (type >= 130 && type <= 137) || (type >= 141 && type <= 143);
	return type == 9 || type == 10;
}

/* struct call - what is called out to a link; @dport: 0 is any */
struct call {
	uint8_t addr[4], mask[4];
	uint16_t dport;
};

static bool is_call(const struct tuple *t)
{
	static const struct call calls[] = {
		{ { 224, 0, 0, 0 }, { 255, 255, 255, 0 }, 0 },	       /* its own groups */
		{ { 239, 255, 255, 250 }, { 255, 255, 255, 255 }, 0 }, /* SSDP, WS-Discovery */
		{ { 255, 255, 255, 255 }, { 255, 255, 255, 255 }, 0 },
		{ { 0, 0, 0, 255 }, { 0, 0, 0, 255 }, 137 }, /* NetBIOS names */
		{ { 0, 0, 0, 255 }, { 0, 0, 0, 255 }, 138 }, /* and datagrams */
	};
	const uint8_t *dst = &t->ends.dst.b[12];

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const struct call *c = &calls[i];
		unsigned int other = 0;

		for (int k = 0; k < 4; k++)
			other |= (dst[k] & c->mask[k]) ^ c->addr[k];
		if (!other && (!c->dport || (t->ports && t->ends.dport == c->dport)))
			return true;
	}
	return false;
}

bool model_is_housekeeping(const struct model *m, const struct flow *flow)
{
	static const uint8_t ip6[] = { 0xff, 0x02 };
	const struct tuple *there = &flow->there;

	if (there->family == FAMILY_NONE || there->unseen)
		return false;
	if (is_discovery(flow) || (there->known && there->proto == 2))
		return true;
	if (there->family == FAMILY_IP)
		return is_call(there) && !dhcp_is_meant(m, flow);
	return !memcmp(there->ends.dst.b, ip6, sizeof(ip6));
}

/* Nobody goes on from his SYN before he got the answer to it: so an answer got through. */
static bool client_went_on(const struct flow *flow)
{
	return flow->syns && flow->packets[0] > flow->syns && flow->packets[1] > flow->errors;
}

/*
 * Answers got through first, and are stopped now. A few that are stopped behind many others are
 * the rest of a connection that is over: late FINs that are INVALID by then.
 */
static bool is_over(const struct answers *a)
{
	return a->after >= AFTER_MANY || (a->after && a->after >= a->passed);
}

static enum flow_state state_of(const struct model *m, const struct flow *flow,
				const struct flow_view *v, const struct answers *a)
{
	bool stopped = outcome_stops(v->decision.outcome);

	/* what passed once may be stopped now: only an answer that came later tells otherwise */
	if (stopped && (!a->passed || stamp_age(&v->newest->last, &a->last_passed) > 0))
		return FLOW_STOPPED;
	if (a->any && a->only_errors)
		return FLOW_REFUSED;
	if (a->passed)
		return is_over(a) ? FLOW_REPLY_STOPPED : FLOW_TWO_WAY;
	if (a->own_errors && v->decision.outcome == OUTCOME_DELIVERED)
		return FLOW_REFUSED; /* nothing listens there */
	if (a->stopped)
		return FLOW_REPLY_STOPPED;
	if (a->unknown && client_went_on(flow))
		return FLOW_TWO_WAY;
	if (a->unknown || !outcome_passes(v->decision.outcome))
		return FLOW_UNKNOWN;
	if (!expects_answer(m, flow) || refuses_only(flow))
		return FLOW_UNKNOWN;
	if (model_left_out(m))
		return FLOW_UNKNOWN; /* the limit may have left the answer out */
	if (!answers_traced(m, flow))
		return FLOW_ONE_WAY_TRACE;
	/* the answer may be lost with what came last */
	return v->newest == &flow->paths[flow->newest[0]] ? FLOW_NO_REPLY : FLOW_UNKNOWN;
}

static struct nat nat_of(const struct flow *flow)
{
	const struct endpoints *a = &flow->there.ends, *b = &flow->left.ends;
	struct nat nat = { .by = flow->nat_by, .ends = b };

	nat.changed = (uint8_t)((memcmp(&a->src, &b->src, sizeof(a->src)) ? NAT_SRC : 0) |
				(a->sport != b->sport ? NAT_SPORT : 0) |
				(memcmp(&a->dst, &b->dst, sizeof(a->dst)) ? NAT_DST : 0) |
				(a->dport != b->dport ? NAT_DPORT : 0));
	return nat;
}

static void look_where_to(const struct model *m, const struct flow *flow, struct flow_view *v)
{
	struct astray a;

	v->astray = answer_astray(m, flow, v->state, &a);
	v->refused_astray = v->astray && a.refusal;
}

/*
 * Were the last packets of that direction stopped? By a clock it is known what came behind them;
 * nft's monitor has none, so of a few it is not known whether they mattered.
 */
static bool ends_stopped(const struct model *m, const struct flow *flow, const struct flow_view *v,
			 int back)
{
	const struct flow_path *newest = back ? v->newest_back : v->newest;
	struct decision d;

	if (!newest || newest->packets < AFTER_MANY ||
	    (newest->last.have & (STAMP_WALL | STAMP_UP)))
		return false;
	model_decide_path(m, flow, newest, &d);
	return outcome_stops(d.outcome);
}

static void count_ended(const struct model *m, const struct flow *flow, struct flow_view *v)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		struct decision d;

		model_decide_path(m, flow, fp, &d);
		if (!outcome_stops(d.outcome))
			continue;
		v->ended[fp->back] += fp->packets;
		v->troubled |= flow->mtu && (fp->flags & PACKET_ERROR);
	}
	for (int d = 0; d < 2; d++) {
		v->ends_stopped[d] = ends_stopped(m, flow, v, d);
		v->troubled |= v->ended[d] * 2 > flow->packets[d] || v->ends_stopped[d];
	}
}

static void see_losses(const struct model *m, const struct flow *flow, struct flow_view *v)
{
	v->lost_by_end = true;
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		enum reason by = hidden_by(m, flow, fp);

		if (!by)
			continue;
		v->lost[fp->back] += fp->packets;
		v->lost_by_end &= by == REASON_CUT;
		v->lost_first |= fp->sample && fp->sample->no == flow->first_no;
	}
}

void model_flow_view(const struct model *m, const struct flow *flow, struct flow_view *v)
{
	struct answers a = answers_of(m, flow);

	*v = (struct flow_view){ .nat = nat_of(flow),
				 .decision = { .stop = -1 },
				 .answered = a.passed,
				 .housekeeping = model_is_housekeeping(m, flow) };
	see_losses(m, flow, v);
	v->newest = model_newest(m, flow, false);
	v->newest_back = model_newest(m, flow, true);
	if (v->newest)
		model_decide_path(m, flow, v->newest, &v->decision);
	v->state = state_of(m, flow, v, &a);
	if (v->state == FLOW_NO_REPLY) {
		v->errors_untraced = errors_untraced(m, flow);
		v->maybe_error = loose_errors_about(&m->loose, flow);
	}
	if (a.any || a.own_errors)
		look_where_to(m, flow, v);
	if (v->state != FLOW_TWO_WAY)
		return;
	count_ended(m, flow, v);
	v->troubled |= v->astray;
}
