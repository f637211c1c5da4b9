// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * find_lost.c - packets that ended between PREROUTING and the next hook, where no rule did it
 *
 * Without evidence only what the log itself says is left: a kernel line about martians, an ICMP
 * error of this host's own.
 */
#include "lost.h"

#include <inttypes.h>

#include "nfhop/addr.h"
#include "nfhop/names.h"

/* No link that IPv6 runs over takes less (RFC 8200, 5), none of IPv4's (RFC 791). */
static bool may_be_too_big(const struct lost *l)
{
	const struct packet *p = l->packet;

	return !p || !(p->first.have & HEADER_LEN) || p->first.length > (l->six ? 1280 : 68);
}

/* A header that is broken does not come to a hook: ip_rcv_core(), ip6_rcv_core(). */
static bool may_be_used_up(const struct lost *l)
{
	const struct packet *p = l->packet;

	return !p || !(p->first.have & HEADER_TTL) || p->first.ttl <= 1;
}

/* What a counter that rose stands for. @may: can it stand for that packet? NULL: for any */
static const struct {
	const char *name, *words;
	bool six;
	bool (*may)(const struct lost *l);
} counters[] = {
	{ "IpInAddrErrors", "not for this host, and not forwarded", false, NULL },
	{ "TcpExtIPReversePathFilter",
	  "rp_filter: the way back is another device, or there is none", false, NULL },
	{ "IpExtInNoRoutes", "no route", false, NULL },
	{ "IpInHdrErrors", "a TTL that was used up, or a broken header", false, may_be_used_up },
	{ "IpFragFails", "too big for the next link, and DF is set", false, may_be_too_big },
	{ "rt_cache.in_martian_src", "an impossible source, or rp_filter", false, NULL },
	{ "rt_cache.in_martian_dst", "an impossible destination", false, NULL },
	{ "rt_cache.in_no_route", "no route, or one that refuses", false, NULL },
	{ "Ip6InAddrErrors", "not for this host, and not forwarded", true, NULL },
	{ "Ip6InNoRoutes", "no route", true, NULL },
	{ "Ip6InHdrErrors", "a hop limit that was used up, or a broken header", true,
	  may_be_used_up },
	{ "Ip6InTooBigErrors", "too big for the next link", true, may_be_too_big },
};

/* Return: how many counters rose; but for what rises with @cause, which may be NULL */
static size_t say_counters(const struct lost *l, const struct cause *cause, struct finding *f)
{
	const char *also = cause && cause->also ? cause->also : "";
	size_t n = 0;

	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		uint64_t rise = evidence_rise(l->m->before, l->m->after,
					      str_from(counters[i].name));

		if (counters[i].six != l->six || !rise || !strcmp(counters[i].name, also) ||
		    (counters[i].may && !counters[i].may(l)))
			continue;
		finding_evidence(f, text("%s rose by %s meanwhile: %s", counters[i].name,
					 number_text(rise).s, counters[i].words));
		n++;
	}
	return n;
}

static bool has_cause(const struct model *m, const struct flow_case *c)
{
	struct lost l = lost_of(m, c);
	struct str said;
	const struct cause *cause = lost_cause(&l, &said);

	text_free(said);
	return cause && !cause->usual;
}

static bool ended_by_bridge(const struct packet *p)
{
	return p && p->n_hops && (p->hops[p->n_hops - 1].have & HOP_PORTS);
}

/* Lost between PREROUTING and the next hook. What is for the link alone is not to be forwarded,
 * and nobody has to listen: without another cause nothing is wrong. */
static bool not_forwarded(const struct model *m, const struct flow_case *c)
{
	return c->view.decision.outcome == OUTCOME_LOST && !ended_by_bridge(c->there) &&
	       c->view.decision.lost_after == HOOK_PREROUTING &&
	       c->view.decision.reason != REASON_CT_FULL &&
	       (!c->view.housekeeping || has_cause(m, c));
}

/* What this host told the sender. @whole: it says all, so that no usual suspect is left */
static const struct told {
	uint8_t family, type, code;
	bool whole;
	const char *words;
} icmp_words[] = {
	{ FAMILY_IP, 3, 0, false, "no route" },
	{ FAMILY_IP, 3, 1, false, "an unreachable route, or a neighbour that does not answer" },
	{ FAMILY_IP, 3, 4, true, "it is larger than the next link takes, and DF is set" },
	{ FAMILY_IP, 3, 13, false, "a prohibit route" },
	{ FAMILY_IP, 11, 0, true, "its TTL was used up" },
	{ FAMILY_IP6, 1, 0, false, "no route" },
	{ FAMILY_IP6, 1, 1, false, "a prohibit route" },
	{ FAMILY_IP6, 2, 0, true, "it is larger than the next link takes" },
	{ FAMILY_IP6, 3, 0, true, "its hop limit was used up" },
};

static const struct told *told_by(const struct header *h)
{
	for (size_t i = 0; i < sizeof(icmp_words) / sizeof(icmp_words[0]); i++)
		if (icmp_words[i].family == h->family && icmp_words[i].type == h->icmp_type &&
		    icmp_words[i].code == h->icmp_code)
			return &icmp_words[i];
	return NULL;
}

/* The error of this host's own that says what ended it, or NULL. */
static const struct told *told_whole(const struct flow *flow)
{
	const struct packet *error = lost_own_error(flow);
	const struct told *told = error ? told_by(&error->first) : NULL;

	return told && told->whole ? told : NULL;
}

static struct str say_not_forwarded(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), said, s;
	struct lost l = lost_of(m, c);
	const struct told *told;

	lost_cause(&l, &said);
	told = said.n ? NULL : told_whole(c->flow);
	s = text("%.*s was accepted at PREROUTING and went nowhere: %.*s%s.", STR_ARG(name),
		 STR_ARG(said),
		 said.n ? ""
		 : told ? told->words
			: "the kernel ended it, no rule did");
	text_free(name);
	text_free(said);
	return s;
}

/* Another network namespace may find the same packet's source impossible. */
static bool speaks_of(const struct model *m, const struct note *note, const struct flow *flow)
{
	return (note->kind == NOTE_MARTIAN_SOURCE || note->kind == NOTE_MARTIAN_DESTINATION) &&
	       !memcmp(&note->addr[1], &flow->there.ends.src, sizeof(struct addr)) &&
	       !netns_note_elsewhere(m, note);
}

static const struct note *martian_of(const struct model *m, const struct flow *flow)
{
	for (size_t i = 0; i < m->n_notes; i++)
		if (speaks_of(m, &m->notes[i], flow))
			return &m->notes[i];
	return NULL;
}

static void say_error(const struct lost *l, const struct header *h, struct finding *f)
{
	const char *name = names_of_icmp_error(l->six, h->icmp_type, h->icmp_code);
	const struct told *told = told_by(h);
	const char *words = !told ? "see the type" : told->whole ? "" : told->words;

	finding_evidence(f, text("this host answered it with ICMP %s%s%u/%u%s%s%s",
				 name ? name : "", name ? " (" : "", h->icmp_type, h->icmp_code,
				 name ? ")" : "", *words ? ": " : "", words));
}

/* What the log itself says; Return: does it say anything? */
static bool say_log(const struct lost *l, const struct packet *error, struct finding *f)
{
	const struct note *martian = martian_of(l->m, l->flow);
	struct str said = martian ? sym_text(l->m->syms, martian->text) : STR("");

	if (martian)
		finding_evidence(f, text("the kernel says: %.*s", STR_ARG(said)));
	if (error)
		say_error(l, &error->first, f);
	return martian || error;
}

static void say_suspects(const struct lost *l, struct finding *f)
{
	struct str s = lost_suspects(l);
	const char *filter = l->six ? "" : ", and rp_filter lets it pass";

	if (s.n)
		finding_evidence(f, text("%.*s; no ICMP error of this host was seen, if they are "
					 "traced",
					 STR_ARG(s)));
	else
		finding_evidence(f, text("forwarding is on, there is a route%s, by what was "
					 "recorded of this host%s; no ICMP error of this host was "
					 "seen, if they are traced",
					 filter,
					 ipsec_may_be(l->m) ? ", and a policy of IPsec may have "
							      "ended it"
							    : ""));
	if (!s.n && ipsec_may_be(l->m))
		finding_confirm(f, text("ip xfrm policy"));
	text_free(s);
}

static void say_unknown(const struct lost *l, struct finding *f)
{
	if (!l->routed)
		finding_evidence(f, text("a rule of nat PREROUTING gave it a new destination, "
					 "which is not known here"));
	if (lost_is_for_us(l))
		finding_evidence(f, text("%s is this host's own address: INPUT should have come",
					 addr_text(&l->query.dst).s));
	else
		say_suspects(l, f);
}

/* The usual suspects. */
static void confirm_all(const struct lost *l, const struct packet *error, struct finding *f)
{
	lost_ask_route(l, f);
	finding_confirm(f, text("sysctl %s",
				l->six ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward"));
	if (!l->six)
		confirm_rp_filter(f, l->query.iif);
	if (!error && told_by_nft(l->m, l->packet))
		finding_confirm(f, text("nfhop report --trace %s", l->six ? "icmp6" : "icmp"));
	else if (!error)
		finding_confirm(f, text("%s -t raw -A OUTPUT -p %s -j TRACE",
					iptables_tool(l->m, l->query.family),
					l->six ? "icmpv6" : "icmp"));
	finding_confirm(f,
			text("nstat -az %s",
			     l->six ? "Ip6InAddrErrors Ip6InNoRoutes Ip6InHdrErrors"
				    : "IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes"));
	if (lost_may_be_full(l))
		lost_show_table(l, f);
}

static void why_lost(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct packet *error = lost_own_error(c->flow);
	struct lost l = lost_of(m, c);
	struct str said;
	const struct cause *cause = lost_cause(&l, &said);
	bool known = say_log(&l, error, f);

	known |= say_counters(&l, cause, f) > 0;
	if (cause)
		cause->confirm(&l, f);
	else if (!known)
		say_unknown(&l, f);
	if (!cause && told_whole(c->flow))
		lost_ask_route(&l, f);
	else if (!cause)
		confirm_all(&l, error, f);
	text_free(said);
}

const struct flow_finding find_not_forwarded = { not_forwarded, say_not_forwarded, why_lost };
