/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_taken.c - connections that conntrack cannot confirm: NAT had no free port for them */
#include "find_flow.h"

#include <inttypes.h>

#include "nfhop/addr.h"

static bool is_taken(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return c->view.decision.reason == REASON_NAT_TAKEN;
}

/* "192.0.2.1:1000" */
static struct str end_text(const struct tuple *t)
{
	struct addr_text src = addr_text(&t->ends.src);

	if (!t->ports)
		return text("%s", src.s);
	return text(t->family == FAMILY_IP6 ? "[%s]:%u" : "%s:%u", src.s, t->ends.sport);
}

/* not_confirmed - how many connections conntrack could not confirm meanwhile, if that is known */
static uint64_t not_confirmed(const struct model *m)
{
	return evidence_rise(m->before, m->after, STR("nf_conntrack.insert_failed"));
}

static struct str say_taken(const struct model *m, const struct flow_case *c)
{
	const struct flow *by = flows_by_no(m->flows, c->flow->nat_taken);
	struct str name = flow_name(c->flow), other = flow_name(by), to = end_text(&c->flow->left);
	struct str s = text("%.*s was to leave as %.*s, which %.*s has already, so conntrack "
			    "%sdropped it behind POSTROUTING: NAT ports ran out.",
			    STR_ARG(name), STR_ARG(to), STR_ARG(other),
			    not_confirmed(m) ? "" : "most likely ");

	text_free(name);
	text_free(other);
	text_free(to);
	return s;
}

static const struct rule *nat_rule(const struct model *m, const struct packet *p)
{
	int i = p ? nat_hop(m, p, HOOK_BIT(HOOK_POSTROUTING)) : -1;

	return i >= 0 ? paths_meaning_at(m->paths, p->hops[i].step)->rule : NULL;
}

static void why_taken(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct flow *flow = c->flow;
	const struct rule *rule = nat_rule(m, c->there);
	uint64_t rise = not_confirmed(m);
	const char *proto = flow->there.known ? ip_proto_name(flow->there.proto) : NULL;

	if (rule)
		finding_evidence(f,
				 text("%.*s %.*s rule %" PRIu32 " translates it: %.*s",
				      STR_ARG(rule->chain->table->name), STR_ARG(rule->chain->name),
				      rule->number, STR_ARG(rule->text)));
	if (rise)
		finding_evidence(f, text("insert_failed of conntrack -S rose by %s meanwhile: "
					 "connections that could not be confirmed",
					 number_text(rise).s));
	finding_evidence(f, text("more ports, more addresses or shorter timeouts make room"));
	finding_confirm(f, text("conntrack -S"));
	finding_confirm(f, text("conntrack -L%s%s%s --reply-dst %s",
				flow->there.family == FAMILY_IP6 ? " -f ipv6" : "",
				proto ? " -p " : "", proto ? proto : "",
				addr_text(&flow->left.ends.src).s));
	if (rule)
		confirm_chain(m, f, rule->chain, (enum family)flow->there.family);
}

const struct flow_finding find_nat_taken = { is_taken, say_taken, why_taken };
