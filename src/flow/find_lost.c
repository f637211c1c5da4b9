// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * find_lost.c - packets that ended between PREROUTING and the next hook, where no rule did it
 *
 * The kernel's own reasons are in the order in which it comes to them (ip_route_input_slow() and
 * ip_forward(), net/ipv4; formats.md 5.4): an impossible source, forwarding that is off, no route,
 * the way back (rp_filter), the TTL. The first one that the evidence bears out is named, unless
 * its counter is known and did not move meanwhile. Without evidence only what the log itself says
 * is left: a kernel line about martians, an ICMP error of this host's own.
 */
#include "find_flow.h"

#include <inttypes.h>

#include "nfhop/addr.h"

#define STRICT 1 /* rp_filter */
#define LOOSE  2

/* struct lost - a lost packet, and what is known of the host */
struct lost {
	const struct model *m;
	const struct flow *flow;
	const struct evidence *now, *before;
	const struct packet *packet; /* may be NULL */
	struct route_query query;    /* @dst holds if it is @routed */
	bool six, routed;
};

static struct lost lost_of(const struct model *m, const struct flow_case *c)
{
	struct lost l = {
		.m = m,
		.flow = c->flow,
		.now = m->after ? m->after : m->before,
		.before = m->before,
		.packet = c->there,
		.six = c->flow->there.family == FAMILY_IP6,
	};

	l.query.family = (enum family)c->flow->there.family;
	l.query.src = c->flow->there.ends.src;
	l.query.dst = c->flow->left.ends.dst;
	l.routed = true;
	if (c->there && c->there->n_hops) {
		struct endpoints to;
		enum new_dst dst = new_destination(m, c->there, &to);

		l.routed = dst != DST_NOT_KNOWN;
		if (dst == DST_BY_RULE)
			l.query.dst = to.dst;
	}
	l.query.iif = sym_text(m->syms, c->flow->iif[0]);
	if (c->there && c->there->n_hops)
		l.query.mark = c->there->hops[c->there->n_hops - 1].mark;
	return l;
}

static bool is_for_us(const struct lost *l)
{
	return l->now && l->routed && evidence_is_local(l->now, &l->query.dst) == SWITCH_ON;
}

/* Only what is known not to be ours has to be forwarded. */
static bool is_for_others(const struct lost *l)
{
	return l->routed && evidence_is_local(l->now, &l->query.dst) == SWITCH_OFF;
}

static const struct str nothing = { NULL, 0 };

/* No route is asked for: ip_route_input_rcu() of net/ipv4/route.c, with or without mrouting. */
static struct str not_joined(const struct lost *l)
{
	const uint8_t *b = l->query.dst.b;

	if (!l->routed || (l->six ? b[0] != 0xff : (b[12] & 0xf0) != 0xe0))
		return nothing;
	return text("nobody here listens to the group %s, and it is not routed",
		    addr_text(&l->query.dst).s);
}

static void list_groups(const struct lost *l, struct finding *f)
{
	finding_confirm(f, text("ip maddr show dev %.*s", STR_ARG(l->query.iif)));
}

/* Whatever rp_filter is: fib_validate_source() of net/ipv4/fib_frontend.c. */
static struct str own_source(const struct lost *l)
{
	if (l->six || str_eq(l->query.iif, STR("lo")) ||
	    evidence_is_local(l->now, &l->query.src) != SWITCH_ON)
		return nothing;
	return text("its source %s is this host's own address, so it cannot come from a wire",
		    addr_text(&l->query.src).s);
}

static void ask_source(const struct lost *l, struct finding *f)
{
	finding_confirm(f, text("ip route get %s", addr_text(&l->query.src).s));
}

static struct str forwarding_off(const struct lost *l)
{
	if (!is_for_others(l) ||
	    evidence_forwards(l->now, l->query.family, l->query.iif) != SWITCH_OFF)
		return nothing;
	if (l->six)
		return text("this host does not forward IPv6 (net.ipv6.conf.all.forwarding is 0)");
	if (l->now->forward4 == SWITCH_OFF)
		return text("this host does not forward (net.ipv4.ip_forward is 0)");
	return text("what comes in by %.*s is not forwarded (net.ipv4.conf.%.*s.forwarding is 0)",
		    STR_ARG(l->query.iif), STR_ARG(l->query.iif));
}

static void forwarding_on(const struct lost *l, struct finding *f)
{
	if (l->six)
		finding_confirm(f, text("sysctl -w net.ipv6.conf.all.forwarding=1"));
	else if (l->now->forward4 == SWITCH_OFF)
		finding_confirm(f, text("sysctl -w net.ipv4.ip_forward=1"));
	else
		finding_confirm(f, text("sysctl -w net.ipv4.conf.%.*s.forwarding=1",
					STR_ARG(l->query.iif)));
}

static struct str no_route(const struct lost *l)
{
	const struct evidence_route *route;
	struct addr_text dst = addr_text(&l->query.dst);

	if (!l->routed || evidence_route_find(l->now, &l->query, &route) != ROUTE_ANSWER_NONE)
		return nothing;
	return text("there is no route to %s", dst.s);
}

/* "10.9.0.0/16" */
static struct str net_text(const struct evidence_net *net)
{
	struct addr_text addr = addr_text(&net->addr);

	return text("%s/%u", addr.s, net->bits - (addr_is_ip4(&net->addr) ? 96u : 0u));
}

static const char *const refusing[ROUTE_TYPE_MAX] = {
	[ROUTE_BLACKHOLE] = "a blackhole route",
	[ROUTE_UNREACHABLE] = "an unreachable route",
	[ROUTE_PROHIBIT] = "a prohibit route",
};

static struct str refusing_route(const struct lost *l)
{
	const struct evidence_route *route;
	struct str net, s;

	if (!l->routed || evidence_route_find(l->now, &l->query, &route) != ROUTE_ANSWER_FOUND ||
	    !refusing[route->type])
		return nothing;
	net = net_text(&route->to);
	s = text("%s (%.*s) takes it", refusing[route->type], STR_ARG(net));
	text_free(net);
	return s;
}

/* The old destination would be the wrong question. */
static void ask_rules(const struct lost *l, struct finding *f)
{
	finding_confirm(f, text("%s -t nat -L PREROUTING -n -v --line-numbers",
				iptables_tool(l->m, l->query.family)));
}

static void ask_route(const struct lost *l, struct finding *f)
{
	if (!l->routed) {
		ask_rules(l, f);
		return;
	}
	finding_confirm(f, text("ip %sroute get %s from %s iif %.*s", l->six ? "-6 " : "",
				addr_text(&l->query.dst).s, addr_text(&l->query.src).s,
				STR_ARG(l->query.iif)));
}

static struct str strict_text(const struct lost *l, const struct evidence_route *back)
{
	struct addr_text src = addr_text(&l->query.src);

	if (!back)
		return text("there is no route back to its source %s, and rp_filter drops what "
			    "could not be answered",
			    src.s);
	if (refusing[back->type])
		return text("rp_filter dropped it: the way back to its source %s is %s", src.s,
			    refusing[back->type]);
	if (back->type != ROUTE_UNICAST)
		return text("rp_filter dropped it: %s cannot come from a wire", src.s);
	return text("rp_filter is strict on %.*s, and the way back to %s is %.*s",
		    STR_ARG(l->query.iif), src.s, STR_ARG(back->device));
}

static struct str way_back(const struct lost *l)
{
	const struct evidence_route *back;
	int filter = l->six ? 0 : evidence_rp_filter(l->now, l->query.iif);

	if ((filter != STRICT && filter != LOOSE) ||
	    evidence_way_back(l->now, &l->query, &back) != SWITCH_OFF ||
	    (filter == LOOSE && back && back->type == ROUTE_UNICAST))
		return nothing;
	return strict_text(l, back);
}

/* Loose is enough if there is a way back at all. */
static void loosen(const struct lost *l, struct finding *f)
{
	const struct evidence_route *back = NULL;

	evidence_way_back(l->now, &l->query, &back);
	if (!back)
		finding_evidence(f, text("what is missing is a route to %s by %.*s; a looser "
					 "rp_filter (2) would drop it, too",
					 addr_text(&l->query.src).s, STR_ARG(l->query.iif)));
	ask_source(l, f);
	if (back && back->type == ROUTE_UNICAST)
		finding_confirm(f, text("sysctl -w net.ipv4.conf.all.rp_filter=2"));
}

/* Checked after the route, before FORWARD. */
static struct str ttl_used_up(const struct lost *l)
{
	const struct packet *p = l->packet;

	if (!is_for_others(l) || !p || !(p->first.have & HEADER_TTL) || p->first.ttl > 1)
		return nothing;
	return text("its %s was %u: it may not be forwarded", l->six ? "hop limit" : "TTL",
		    p->first.ttl);
}

static void trace_route(const struct lost *l, struct finding *f)
{
	finding_confirm(f, text("traceroute -n %s", addr_text(&l->query.dst).s));
}

/**
 * struct cause - one reason of the kernel's
 * @said: the sentence, empty if it does not hold
 * @tells: the sender is told, by an ICMP error of this host
 * @counters: IPv4's, IPv6's
 */
static const struct cause {
	struct str (*said)(const struct lost *l);
	void (*confirm)(const struct lost *l, struct finding *f);
	bool tells;
	const char *counters[2];
} causes[] = {
	{ not_joined, list_groups, false, { NULL, NULL } },
	{ own_source, ask_source, false, { "rt_cache.in_martian_src", NULL } },
	{ forwarding_off, forwarding_on, false, { "IpInAddrErrors", "Ip6InAddrErrors" } },
	{ no_route, ask_route, true, { "IpExtInNoRoutes", "Ip6InNoRoutes" } },
	{ refusing_route, ask_route, true, { "rt_cache.in_no_route", NULL } },
	{ way_back, loosen, false, { "TcpExtIPReversePathFilter", NULL } },
	{ ttl_used_up, trace_route, true, { "IpInHdrErrors", "Ip6InHdrErrors" } },
};

/* A counter that is known and did not move speaks against its cause. */
static bool counter_denies(const struct lost *l, const struct cause *cause)
{
	const char *name = cause->counters[l->six];
	uint64_t value;

	return name && l->m->before && l->m->after &&
	       evidence_value(l->m->before, str_from(name), &value) &&
	       evidence_value(l->m->after, str_from(name), &value) &&
	       !evidence_rise(l->m->before, l->m->after, str_from(name));
}

/* The ICMP error with which this host itself answered, NULL if none was seen. */
static const struct packet *own_error(const struct flow *flow)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct packet *p = flow->paths[i].sample;

		if (flow->paths[i].back && p && p->has_quoted && !(p->flags & PACKET_CAME_IN))
			return p;
	}
	return NULL;
}

/* The first cause that holds; NULL if none does. @said: its sentence, to be freed */
static const struct cause *cause_of(const struct lost *l, struct str *said)
{
	bool told = own_error(l->flow);

	*said = nothing;
	for (size_t i = 0; l->now && i < sizeof(causes) / sizeof(*causes); i++) {
		if ((told && !causes[i].tells) || counter_denies(l, &causes[i]))
			continue;
		*said = causes[i].said(l);
		if (said->n)
			return &causes[i];
	}
	return NULL;
}

/* What a counter that rose stands for. */
static const struct {
	const char *name, *words;
	bool six;
} counters[] = {
	{ "IpInAddrErrors", "not for this host, and not forwarded", false },
	{ "TcpExtIPReversePathFilter",
	  "rp_filter: the way back is another device, or there is none", false },
	{ "IpExtInNoRoutes", "no route", false },
	{ "IpInHdrErrors", "a TTL that was used up, or a broken header", false },
	{ "IpFragFails", "too big for the next link, and DF is set", false },
	{ "rt_cache.in_martian_src", "an impossible source, or rp_filter", false },
	{ "rt_cache.in_martian_dst", "an impossible destination", false },
	{ "rt_cache.in_no_route", "no route, or one that refuses", false },
	{ "Ip6InAddrErrors", "not for this host, and not forwarded", true },
	{ "Ip6InNoRoutes", "no route", true },
	{ "Ip6InHdrErrors", "a hop limit that was used up, or a broken header", true },
	{ "Ip6InTooBigErrors", "too big for the next link", true },
};

/* Return: how many counters rose */
static size_t say_counters(const struct lost *l, struct finding *f)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		uint64_t rise = evidence_rise(l->m->before, l->m->after,
					      str_from(counters[i].name));

		if (counters[i].six != l->six || !rise)
			continue;
		finding_evidence(f, text("%s rose by %" PRIu64 " meanwhile: %s", counters[i].name,
					 rise, counters[i].words));
		n++;
	}
	return n;
}

/* Lost between PREROUTING and the next hook. */
static bool not_forwarded(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return c->view.decision.outcome == OUTCOME_LOST &&
	       c->view.decision.lost_after == HOOK_PREROUTING &&
	       c->view.decision.reason != REASON_CT_FULL;
}

static struct str say_not_forwarded(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), said, s;
	struct lost l = lost_of(m, c);

	cause_of(&l, &said);
	s = text("%.*s was accepted at PREROUTING and went nowhere: %.*s%s.", STR_ARG(name),
		 STR_ARG(said), said.n ? "" : "the kernel ended it, no rule did");
	text_free(name);
	text_free(said);
	return s;
}

static const struct note *martian_of(const struct model *m, const struct flow *flow)
{
	for (size_t i = 0; i < m->n_notes; i++) {
		const struct note *note = &m->notes[i];

		if ((note->kind == NOTE_MARTIAN_SOURCE || note->kind == NOTE_MARTIAN_DESTINATION) &&
		    !memcmp(&note->addr[1], &flow->there.ends.src, sizeof(struct addr)))
			return note;
	}
	return NULL;
}

static const struct {
	uint8_t family, type, code;
	const char *words;
} icmp_words[] = {
	{ FAMILY_IP, 3, 0, "no route" },
	{ FAMILY_IP, 3, 1, "an unreachable route, or a neighbour that does not answer" },
	{ FAMILY_IP, 3, 4, "larger than the next link takes, and DF is set" },
	{ FAMILY_IP, 3, 13, "a prohibit route" },
	{ FAMILY_IP, 11, 0, "its TTL was used up" },
	{ FAMILY_IP6, 1, 0, "no route" },
	{ FAMILY_IP6, 1, 1, "a prohibit route" },
	{ FAMILY_IP6, 2, 0, "larger than the next link takes" },
	{ FAMILY_IP6, 3, 0, "its hop limit was used up" },
};

static const char *icmp_meaning(const struct header *h)
{
	for (size_t i = 0; i < sizeof(icmp_words) / sizeof(icmp_words[0]); i++)
		if (icmp_words[i].family == h->family && icmp_words[i].type == h->icmp_type &&
		    icmp_words[i].code == h->icmp_code)
			return icmp_words[i].words;
	return "see the type";
}

/* What the log itself says; Return: does it say anything? */
static bool say_log(const struct lost *l, const struct packet *error, struct finding *f)
{
	const struct note *martian = martian_of(l->m, l->flow);
	struct str said = martian ? sym_text(l->m->syms, martian->text) : STR("");

	if (martian)
		finding_evidence(f, text("the kernel says: %.*s", STR_ARG(said)));
	if (error)
		finding_evidence(f, text("this host answered it with ICMP %u/%u: %s",
					 error->first.icmp_type, error->first.icmp_code,
					 icmp_meaning(&error->first)));
	return martian || error;
}

static void say_unknown(const struct lost *l, struct finding *f)
{
	if (!l->routed)
		finding_evidence(f, text("a rule of nat PREROUTING gave it a new destination, "
					 "which is not known here"));
	if (is_for_us(l))
		finding_evidence(f, text("%s is this host's own address: INPUT should have come",
					 addr_text(&l->query.dst).s));
	else
		finding_evidence(
			f, text("forwarding is off, there is no route, or rp_filter did it; no "
				"ICMP error of this host was seen, if they are traced"));
}

/* The usual suspects. */
static void confirm_all(const struct lost *l, const struct packet *error, struct finding *f)
{
	ask_route(l, f);
	finding_confirm(f, text("sysctl %s net.ipv4.conf.all.rp_filter",
				l->six ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward"));
	if (!error && told_by_nft(l->m, l->packet))
		finding_confirm(f, text("nfhop report --trace %s", l->six ? "icmp6" : "icmp"));
	else if (!error)
		finding_confirm(f, text("%s -t raw -A OUTPUT -p %s -j TRACE",
					iptables_tool(l->m, l->query.family),
					l->six ? "icmpv6" : "icmp"));
	finding_confirm(f,
			text("nstat -az IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes"));
}

static void why_lost(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct packet *error = own_error(c->flow);
	struct lost l = lost_of(m, c);
	struct str said;
	const struct cause *cause = cause_of(&l, &said);
	bool known = say_log(&l, error, f);

	known |= say_counters(&l, f) > 0;
	if (cause)
		cause->confirm(&l, f);
	else if (!known)
		say_unknown(&l, f);
	if (!cause)
		confirm_all(&l, error, f);
	text_free(said);
}

const struct flow_finding find_not_forwarded = { not_forwarded, say_not_forwarded, why_lost };
