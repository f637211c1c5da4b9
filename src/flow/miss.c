// SPDX-License-Identifier: GPL-2.0-or-later
/* miss.c - why a rule did not fit a packet */
#include "finding.h"

#include <inttypes.h>
#include <stdio.h>

#include "nfhop/addr.h"

#define MISS_LONGEST 1024 /* a condition's text is as long as its author made it */

/* A packet as it stood before the rules of a chain: NAT and forwarding have changed it. */
struct seen {
	struct header header;
	struct sighting sighting;
};

static void packet_seen_at(const struct model *m, const struct packet *p, size_t hop,
			   struct seen *seen)
{
	const struct hop *h = &p->hops[hop];

	seen->header = p->first;
	if (p->n_ends) {
		seen->header.src = p->ends[h->at].src;
		seen->header.dst = p->ends[h->at].dst;
		if (p->first.have & HEADER_PORTS) {
			seen->header.sport = p->ends[h->at].sport;
			seen->header.dport = p->ends[h->at].dport;
		}
	}
	seen->sighting = (struct sighting){
		.pkt = &seen->header,
		.iif = sym_text(m->syms, h->iif),
		.oif = sym_text(m->syms, h->oif),
		.mark = h->mark,
		.have = SIGHTING_MARK,
	};
	/* IN= is empty at POSTROUTING before 5.5: an empty device proves nothing there */
	if (h->iif || (h->have & HOP_IN && h->oif == 0))
		seen->sighting.have |= SIGHTING_IIF;
	if (h->oif || (h->have & HOP_IN))
		seen->sighting.have |= SIGHTING_OIF;
}

enum match packet_rule_match(const struct model *m, const struct packet *p, size_t hop,
			     const struct rule *rule, unsigned int but, struct rule_miss *miss)
{
	struct seen seen;

	packet_seen_at(m, p, hop, &seen);
	if (but & BUT_IIF)
		seen.sighting.have &= (uint8_t)~SIGHTING_IIF;
	if (but & BUT_OIF)
		seen.sighting.have &= (uint8_t)~SIGHTING_OIF;
	if (but & BUT_ADDR)
		seen.header.have &= ~(uint32_t)HEADER_ADDR;
	return rule_match(rule, &seen.sighting, miss);
}

/* How a field of a packet is called in "the packet ...". */
static struct str value_of(const struct model *m, const struct packet *p, size_t hop,
			   const char *field)
{
	const struct hop *h = &p->hops[hop];
	const struct endpoints *e = &p->ends[h->at];
	struct str iif = sym_text(m->syms, h->iif), oif = sym_text(m->syms, h->oif);
	const char *proto = p->first.have & HEADER_PROTO ? ip_proto_name(p->first.proto) : NULL;

	if (!strcmp(field, "in"))
		return iif.n ? text("came in on %.*s", STR_ARG(iif)) : text("was made here");
	if (!strcmp(field, "out"))
		return oif.n ? text("leaves by %.*s", STR_ARG(oif)) : text("does not leave");
	if (!strcmp(field, "dport"))
		return text("goes to %u", e->dport);
	if (!strcmp(field, "sport"))
		return text("comes from %u", e->sport);
	if (!strcmp(field, "source"))
		return text("comes from %s", addr_text(&e->src).s);
	if (!strcmp(field, "destination"))
		return text("goes to %s", addr_text(&e->dst).s);
	if (!strcmp(field, "protocol") && proto)
		return text("is %s", proto);
	return text("has another");
}

enum match model_fit(const struct model *m, const struct packet *p, size_t i,
		     const struct rule *rule, struct rule_miss *miss, char *buf, size_t n)
{
	enum match match = packet_rule_match(m, p, i, rule, 0, miss);
	struct str value;

	if (n)
		*buf = '\0';
	if (match == MATCH_UNKNOWN) {
		snprintf(buf, n, "cannot be checked from here");
	} else if (match == MATCH_NO) {
		value = value_of(m, p, i, miss->field);
		snprintf(buf, n, "the packet %.*s", STR_ARG(value));
		text_free(value);
	}
	return match;
}

/* "rule 3", "tcp_in rule 3", "nat POSTROUTING rule 3" */
static struct str rule_name(const struct rule *rule, const struct chain *told)
{
	const struct chain *chain = rule->chain;
	bool base = chain->have & CHAIN_BASE;
	struct str table = base ? chain->table->name : STR("");

	if (chain == told)
		return text("rule %" PRIu32, rule->number);
	return text("%.*s%s%.*s rule %" PRIu32, STR_ARG(table), base ? " " : "",
		    STR_ARG(chain->name), rule->number);
}

struct str near_miss_text(const struct model *m, const struct packet *p, size_t hop,
			  const struct rule *rule, const struct chain *told)
{
	struct rule_miss miss = { NULL, { NULL, 0 } };
	char why[MISS_LONGEST];
	enum match match = model_fit(m, p, hop, rule, &miss, why, sizeof(why));
	struct str name = rule_name(rule, told), s;

	if (match == MATCH_YES)
		s = text("%.*s: all of it fits; the rule set may be another one", STR_ARG(name));
	else
		s = text("%.*s: %.*s%s%s", STR_ARG(name), STR_ARG(miss.text),
			 match == MATCH_UNKNOWN ? " " : ", ", why);
	text_free(name);
	return s;
}
