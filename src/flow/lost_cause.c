// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lost_cause.c - why the kernel ended a packet between PREROUTING and the next hook
 *
 * The kernel's own reasons are in the order in which it comes to them (ip_route_input_slow() and
 * ip_forward(), net/ipv4; formats.md 5.4): an impossible source, forwarding that is off, no route,
 * the way back (rp_filter), the TTL. The first one that the evidence bears out is named, unless
 * its counter is known and did not move meanwhile.
 */
#include "lost.h"

#include <inttypes.h>

#include "nfhop/addr.h"

#define STRICT 1 /* rp_filter */
#define LOOSE  2

struct lost lost_of(const struct model *m, const struct flow_case *c)
{
	struct lost l = {
		.m = m,
		.flow = c->flow,
		.now = evidence_now(m),
		.before = m->before,
		.packet = c->there,
		.six = c->flow->there.family == FAMILY_IP6,
	};
	struct str rule;

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
	/* nft's trace has no mark behind a rule that accepts: the rule itself tells */
	if (!l.query.mark && socket_rule(m, c->there, &rule))
		l.query.mark = socket_mark(rule);
	return l;
}

bool lost_is_for_us(const struct lost *l)
{
	return l->now && l->routed && evidence_is_local(l->now, &l->query.dst) == SWITCH_ON;
}

/* Only what is known not to be ours has to be forwarded. */
static bool is_for_others(const struct lost *l)
{
	return l->routed && evidence_is_local(l->now, &l->query.dst) == SWITCH_OFF;
}

static const struct str nothing = { NULL, 0 };

static struct str not_to_socket(const struct lost *l)
{
	const struct evidence_route *route = NULL;
	enum route_answer answer = ROUTE_ANSWER_UNKNOWN;
	struct str rule;

	if (!socket_rule(l->m, l->packet, &rule))
		return nothing;
	if (l->now)
		answer = evidence_route_find(l->now, &l->query, &route);
	if (answer == ROUTE_ANSWER_FOUND && route->type == ROUTE_LOCAL)
		return nothing;
	return text("a rule gives it to a local socket (tproxy), but %sno local route takes it %s",
		    answer == ROUTE_ANSWER_UNKNOWN ? "most likely " : "",
		    l->query.mark ? "by its mark" : "and it has no mark to be routed by");
}

/* The table that a rule for its mark leads to already. */
static const struct evidence_rule *rule_for_mark(const struct lost *l)
{
	for (size_t i = 0; l->now && l->query.mark && i < l->now->n_rules; i++) {
		const struct evidence_rule *rule = &l->now->rules[i];

		if (rule->family == l->query.family && rule->mask && !rule->inverted &&
		    (l->query.mark & rule->mask) == rule->mark)
			return rule;
	}
	return NULL;
}

static void route_to_socket(const struct lost *l, struct finding *f)
{
	const struct evidence_rule *have = rule_for_mark(l);
	const char *six = l->six ? "-6 " : "";
	uint32_t table = have ? have->table : 100, mark = l->query.mark ? l->query.mark : 1;
	struct str rule;

	if (socket_rule(l->m, l->packet, &rule))
		finding_evidence(f, text("the rule: %.*s", STR_ARG(rule)));
	if (!l->query.mark)
		finding_evidence(f, text("with the mark that a rule before it, or it, sets (meta "
					 "mark set 1, --tproxy-mark 1) it can be routed here"));
	if (!have)
		finding_confirm(f, text("ip %srule add fwmark 0x%x lookup %u", six, mark, table));
	finding_confirm(f, text("ip %sroute add local default dev lo table %u", six, table));
	confirm_route(f, &l->query);
}

/*
 * Packets that conntrack itself ended (nf_conntrack_in() of net/netfilter/nf_conntrack_core.c):
 * `drop` counts those whose connection could not be confirmed, too, as insert_failed does.
 */
static uint64_t ended_by_conntrack(const struct model *m)
{
	uint64_t ended = evidence_rise(m->before, m->after, STR("nf_conntrack.drop"));
	uint64_t failed = evidence_rise(m->before, m->after, STR("nf_conntrack.insert_failed"));

	return ended > failed ? ended - failed : 0;
}

static struct str table_full(const struct lost *l)
{
	uint64_t n = ended_by_conntrack(l->m);

	if (!n || !lost_before_conntrack(l))
		return nothing;
	return text("conntrack took no new connection, most likely since its table was full (drop "
		    "of conntrack -S rose by %s meanwhile)",
		    number_text(n).s);
}

void lost_show_table(const struct lost *l, struct finding *f)
{
	(void)l;
	finding_confirm(f, text("sysctl net.netfilter.nf_conntrack_count "
				"net.netfilter.nf_conntrack_max"));
	finding_confirm(f, text("conntrack -S"));
}

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

/*
 * What came from a wire for 127.0.0.0/8 is impossible, unless its device says otherwise:
 * ip_route_input_slow() of net/ipv4/route.c.
 */
static struct str to_loopback(const struct lost *l)
{
	enum evidence_switch on = SWITCH_UNKNOWN;
	struct str setting, s;

	if (l->six || !l->routed || l->query.dst.b[12] != 127 || !l->query.iif.n ||
	    str_eq(l->query.iif, STR("lo")))
		return nothing;
	if (l->now)
		on = evidence_localnet(l->now, l->query.iif);
	if (on == SWITCH_ON)
		return nothing;
	setting = sysctl_of(l->query.iif, "route_localnet");
	s = text("it is for %s now, and what comes in by %.*s gets there only with %.*s=1%s",
		 addr_text(&l->query.dst).s, STR_ARG(l->query.iif), STR_ARG(setting),
		 on == SWITCH_OFF ? " (it is 0)" : "");
	text_free(setting);
	return s;
}

static void route_localnet(const struct lost *l, struct finding *f)
{
	struct str setting = sysctl_of(l->query.iif, "route_localnet");

	finding_evidence(f, text("with it, all that listens on 127.0.0.1 can be reached by %.*s; a "
				 "program that listens on an address of %.*s does not need it",
				 STR_ARG(l->query.iif), STR_ARG(l->query.iif)));
	finding_confirm(f, text("sysctl %.*s net.ipv4.conf.all.route_localnet", STR_ARG(setting)));
	confirm_setting(f, l->query.iif, "route_localnet", 1);
	text_free(setting);
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
		confirm_setting(f, l->query.iif, "forwarding", 1);
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
	[ROUTE_BLACKHOLE] = "a blackhole",
	[ROUTE_UNREACHABLE] = "an unreachable",
	[ROUTE_PROHIBIT] = "a prohibit",
};

/* "a blackhole route (10.66.0.0/16)", "a prohibit rule of `ip rule` (preference 100)" */
static struct str refuser_text(const struct evidence_route *route)
{
	struct str net, s;

	if (route->rule)
		return text("%s rule of `ip rule` (preference %u)", refusing[route->type],
			    route->rule);
	net = net_text(&route->to);
	s = text("%s route (%.*s)", refusing[route->type], STR_ARG(net));
	text_free(net);
	return s;
}

static struct str refusing_route(const struct lost *l)
{
	const struct evidence_route *route;
	struct str what, s;

	if (!l->routed || evidence_route_find(l->now, &l->query, &route) != ROUTE_ANSWER_FOUND ||
	    !refusing[route->type])
		return nothing;
	what = refuser_text(route);
	s = text("%.*s takes it", STR_ARG(what));
	text_free(what);
	return s;
}

struct str lost_refused(const struct lost *l)
{
	struct str none = l->now ? no_route(l) : nothing;

	return none.n || !l->now ? none : refusing_route(l);
}

/* The old destination would be the wrong question. */
static void ask_rules(const struct lost *l, struct finding *f)
{
	if (flow_by_nft(l->m, l->flow))
		finding_confirm(f, text("nft -a list ruleset"));
	else
		finding_confirm(f, text("%s -t nat -L PREROUTING -n -v --line-numbers",
					iptables_tool(l->m, l->query.family)));
}

void lost_ask_route(const struct lost *l, struct finding *f)
{
	if (l->routed)
		confirm_route(f, &l->query);
	else
		ask_rules(l, f);
}

static void ask_refusal(const struct lost *l, struct finding *f)
{
	const struct evidence_route *route;

	lost_ask_route(l, f);
	if (evidence_route_find(l->now, &l->query, &route) == ROUTE_ANSWER_FOUND && route->rule)
		finding_confirm(f, text("ip %srule", l->six ? "-6 " : ""));
}

static struct str strict_text(const struct lost *l, const struct evidence_route *back)
{
	struct addr_text src = addr_text(&l->query.src);

	if (!back)
		return text("there is no route back to its source %s, and rp_filter drops what "
			    "could not be answered",
			    src.s);
	if (refusing[back->type]) {
		struct str what = refuser_text(back), s;

		s = text("rp_filter dropped it: the way back to its source %s is %.*s", src.s,
			 STR_ARG(what));
		text_free(what);
		return s;
	}
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

/* The kernel takes the larger one of the two: which of them is it? */
static void say_setting(const struct lost *l, struct finding *f)
{
	const struct evidence_device *all = evidence_device_find(l->now, STR("all"));
	const struct evidence_device *one = evidence_device_find(l->now, l->query.iif);
	struct str own = sysctl_of(l->query.iif, "rp_filter");

	finding_evidence(f, text("net.ipv4.conf.all.rp_filter is %d and %.*s is %d: the larger "
				 "one holds",
				 all->rp_filter, STR_ARG(own), one->rp_filter));
	text_free(own);
}

/* Loose is enough if there is a way back at all; it is more than strict, whichever says strict. */
static void loosen(const struct lost *l, struct finding *f)
{
	const struct evidence_route *back = NULL;

	evidence_way_back(l->now, &l->query, &back);
	if (!back)
		finding_evidence(f, text("what is missing is a route to %s by %.*s; a looser "
					 "rp_filter (2) would drop it, too",
					 addr_text(&l->query.src).s, STR_ARG(l->query.iif)));
	say_setting(l, f);
	ask_source(l, f);
	if (!back || back->type != ROUTE_UNICAST)
		return;
	confirm_setting(f, l->query.iif, "rp_filter", LOOSE);
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

static struct str by_ipsec(const struct lost *l)
{
	return ipsec_text(l->m, false);
}

static void show_ipsec(const struct lost *l, struct finding *f)
{
	confirm_ipsec(f);
	lost_ask_route(l, f);
}

/* In the order in which the kernel comes to them. */
static const struct cause causes[] = {
	{ .said = not_to_socket, .confirm = route_to_socket, .tells = true, .bare = true },
	{ .said = table_full, .confirm = lost_show_table },
	{ .said = not_joined, .confirm = list_groups, .usual = true },
	{ .said = own_source,
	  .confirm = ask_source,
	  .counters = { "rt_cache.in_martian_src", NULL } },
	{ .said = to_loopback,
	  .confirm = route_localnet,
	  .bare = true,
	  .counters = { "rt_cache.in_martian_dst", NULL } },
	{ .said = forwarding_off,
	  .confirm = forwarding_on,
	  .counters = { "IpInAddrErrors", "Ip6InAddrErrors" },
	  .also = "rt_cache.in_no_route" },
	{ .said = no_route,
	  .confirm = lost_ask_route,
	  .tells = true,
	  .counters = { "IpExtInNoRoutes", "Ip6InNoRoutes" } },
	{ .said = refusing_route,
	  .confirm = ask_refusal,
	  .tells = true,
	  .counters = { "rt_cache.in_no_route", NULL } },
	{ .said = way_back, .confirm = loosen, .counters = { "TcpExtIPReversePathFilter", NULL } },
	{ .said = ttl_used_up,
	  .confirm = trace_route,
	  .tells = true,
	  .counters = { "IpInHdrErrors", "Ip6InHdrErrors" } },
	{ .said = by_ipsec, .confirm = show_ipsec },
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
const struct packet *lost_own_error(const struct flow *flow)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct packet *p = flow->paths[i].sample;

		if (flow->paths[i].back && p && p->has_quoted && !(p->flags & PACKET_CAME_IN))
			return p;
	}
	return NULL;
}

/* The first cause that holds; NULL if none does. @said: its sentence, to be freed */
const struct cause *lost_cause(const struct lost *l, struct str *said)
{
	bool told = lost_own_error(l->flow);

	*said = nothing;
	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
		if ((!l->now && !causes[i].bare) || (told && !causes[i].tells) ||
		    counter_denies(l, &causes[i]))
			continue;
		*said = causes[i].said(l);
		if (said->n)
			return &causes[i];
	}
	return NULL;
}
