/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests.c - the primitives held against packets and paths: one row a kind */
#include "judge.h"

/* ---- what the packet itself says ---- */

static bool in_network(const struct query_value *v, const struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned int bytes = v->prefix / 8, bits = v->prefix % 8;

	if (v->family == FAMILY_IP6 && !memcmp(addr->b, mapped, sizeof(mapped)))
		return false;
	if (memcmp(v->addr.b, addr->b, bytes))
		return false;
	return !bits || !((v->addr.b[bytes] ^ addr->b[bytes]) >> (8 - bits));
}

static bool in_networks(const struct query_node *node, const struct addr *addr)
{
	for (size_t i = 0; i < node->n_values; i++)
		if (in_network(&node->values[i], addr))
			return true;
	return false;
}

static bool in_ranges(const struct query_node *node, uint32_t number)
{
	for (size_t i = 0; i < node->n_values; i++)
		if (node->values[i].from <= number && number <= node->values[i].to)
			return true;
	return false;
}

static bool addresses_hold(const struct query_node *node, const struct endpoints *ends)
{
	return (node->kind != QUERY_DST && in_networks(node, &ends->src)) ||
	       (node->kind != QUERY_SRC && in_networks(node, &ends->dst));
}

static bool ports_hold(const struct query_node *node, const struct endpoints *ends)
{
	return (node->kind != QUERY_DPORT && in_ranges(node, ends->sport)) ||
	       (node->kind != QUERY_SPORT && in_ranges(node, ends->dport));
}

static enum match yes_if(bool holds)
{
	return holds ? MATCH_YES : MATCH_NO;
}

/* A header that was cut may have had it, and so may one that no line shows. */
static enum match unless_hidden(const struct look *look)
{
	const struct header *h = &look->packet->first;
	bool ip = h->family == FAMILY_IP || h->family == FAMILY_IP6;

	return ip || (look->flags & PACKET_SHORT) || (h->have & HEADER_UNSEEN) ? MATCH_UNKNOWN
									       : MATCH_NO;
}

static enum match packet_addr(const struct look *look, const struct query_node *node)
{
	const struct packet *p = look->packet;

	for (unsigned int i = 0; i < p->n_ends; i++)
		if (addresses_hold(node, &p->ends[i]))
			return MATCH_YES;
	return p->n_ends ? MATCH_NO : unless_hidden(look);
}

/*
 * Every link that comes up sends reports of MLDv2, whose protocol nft's trace does not show, since
 * it stands behind another header. But nothing else goes to their address (RFC 3810, 5.2.14).
 */
static bool proto_known(const struct header *h, uint8_t *proto)
{
	static const struct addr routers = { { 0xff, 0x02, [15] = 0x16 } };

	*proto = h->have & HEADER_PROTO ? h->proto : 58;
	return (h->have & HEADER_PROTO) || (h->family == FAMILY_IP6 && (h->have & HEADER_ADDR) &&
					    !memcmp(&h->dst, &routers, sizeof(routers)));
}

/* What only packets of these protocols have is not in the line. */
static enum match unless_of(const struct look *look, const uint8_t *protocols, size_t n)
{
	uint8_t proto;

	if (!proto_known(&look->packet->first, &proto))
		return unless_hidden(look);
	return memchr(protocols, proto, n) ? MATCH_UNKNOWN : MATCH_NO;
}

static enum match packet_port(const struct look *look, const struct query_node *node)
{
	/* IANA: the protocols whose packets begin with two ports */
	static const uint8_t with[] = { 6, 17, 33, 132, 136 };
	const struct packet *p = look->packet;

	if (!(p->first.have & HEADER_PORTS))
		return unless_of(look, with, sizeof(with));
	for (unsigned int i = 0; i < p->n_ends; i++)
		if (ports_hold(node, &p->ends[i]))
			return MATCH_YES;
	return MATCH_NO;
}

static enum match packet_proto(const struct look *look, const struct query_node *node)
{
	uint8_t proto;

	if (!proto_known(&look->packet->first, &proto))
		return unless_hidden(look);
	return yes_if(in_ranges(node, proto));
}

static enum match packet_family(const struct look *look, const struct query_node *node)
{
	const struct header *h = &look->packet->first;

	return h->have & HEADER_UNSEEN ? MATCH_UNKNOWN : yes_if(in_ranges(node, h->family));
}

static bool name_holds(const struct query_node *node, struct str name)
{
	for (size_t i = 0; name.n && i < node->n_values; i++)
		if (glob_matches(node->values[i].text, name))
			return true;
	return false;
}

static enum match packet_device(const struct look *look, const struct query_node *node)
{
	const struct packet *p = look->packet;
	bool known = node->kind == QUERY_OIF; /* that may come later: it needs all of the chain */
	sym_t before = 0;

	for (uint16_t i = 0; i < p->n_hops; i++) {
		sym_t dev = node->kind == QUERY_IIF ? p->hops[i].iif : p->hops[i].oif;

		if (dev && dev != before && name_holds(node, model_text(look->model, dev)))
			return MATCH_YES;
		before = dev;
		known |= p->hops[i].have & HOP_IN;
	}
	return known ? MATCH_NO : MATCH_UNKNOWN;
}

static enum match packet_host_name(const struct look *look, const struct query_node *node)
{
	return yes_if(name_holds(node, model_text(look->model, look->packet->host)));
}

static enum match packet_flags(const struct look *look, const struct query_node *node)
{
	static const uint8_t tcp[] = { 6 };
	const struct header *h = &look->packet->first;
	const struct query_value *v = node->values;

	if (!(h->have & HEADER_FLAGS))
		return unless_of(look, tcp, sizeof(tcp));
	return yes_if((h->tcp_flags & v->from) == v->from && !(h->tcp_flags & v->to));
}

static enum match packet_mark(const struct look *look, const struct query_node *node)
{
	const struct packet *p = look->packet;
	bool known = false;

	for (uint16_t i = 0; i < p->n_hops; i++) {
		if (!(p->hops[i].have & HOP_MARK_KNOWN))
			continue;
		known = true;
		for (size_t k = 0; k < node->n_values; k++)
			if ((p->hops[i].mark & node->values[k].to) == node->values[k].from)
				return MATCH_YES;
	}
	return known ? MATCH_NO : MATCH_UNKNOWN;
}

static bool compares(enum query_compare compare, uint32_t a, uint32_t b)
{
	switch (compare) {
	case QUERY_LT:
		return a < b;
	case QUERY_LE:
		return a <= b;
	case QUERY_EQ:
		return a == b;
	case QUERY_NE:
		return a != b;
	case QUERY_GE:
		return a >= b;
	case QUERY_GT:
		break;
	}
	return a > b;
}

static enum match packet_number(const struct look *look, const struct query_node *node)
{
	const struct header *h = &look->packet->first;
	bool ttl = node->kind == QUERY_TTL;

	if (!(h->have & (ttl ? HEADER_TTL : HEADER_LEN)))
		return MATCH_UNKNOWN;
	return yes_if(compares(node->compare, ttl ? h->ttl : h->length, node->values->from));
}

static enum match packet_uid(const struct look *look, const struct query_node *node)
{
	if (!(look->packet->flags & PACKET_UID))
		return MATCH_UNKNOWN;
	return yes_if(in_ranges(node, look->packet->uid));
}

static enum match packet_time(const struct look *look, const struct query_node *node)
{
	const struct packet *p = look->packet;
	const struct stamp *stamp = p->n_hops ? &p->hops[0].stamp : NULL;
	bool known = false, holds = false;

	if (!stamp && look->fp)
		stamp = &look->fp->first;
	if (stamp)
		holds = time_holds(node->values, node->kind == QUERY_SINCE, stamp, &known);
	return known ? yes_if(holds) : MATCH_UNKNOWN;
}

static uint8_t changes_of(enum query_kind kind)
{
	static const uint8_t bits[QUERY_KIND_MAX] = {
		[QUERY_NAT] = NAT_SRC | NAT_SPORT | NAT_DST | NAT_DPORT,
		[QUERY_SNAT] = NAT_SRC | NAT_SPORT,
		[QUERY_DNAT] = NAT_DST | NAT_DPORT,
	};

	return bits[kind];
}

static enum match packet_nat(const struct look *look, const struct query_node *node)
{
	struct nat nat;

	return yes_if(model_packet_nat(look->model, look->packet, &nat) &&
		      (nat.changed & changes_of(node->kind)));
}

/* ---- what its path, its outcome and its flow say ---- */

/* Of a connection whose SYN was not seen, only what answers a SYN is known to be an answer. */
static enum match path_reply(struct look *look, const struct query_node *node)
{
	static const struct header none;
	const struct header *h = look->packet ? &look->packet->first : &none;

	(void)node;
	if (h->have & HEADER_UNSEEN)
		return MATCH_UNKNOWN;
	if (!look->strict || look_opener_known(look))
		return yes_if(look_runs_back(look));
	if ((h->have & HEADER_FLAGS) && (h->tcp_flags & TCP_SYN))
		return yes_if(h->tcp_flags & TCP_ACK);
	return MATCH_UNKNOWN;
}

/* No: unless it left with a source that nothing shows. */
static enum match unless_untold(struct look *look)
{
	return look->strict && look_source_untold(look) ? MATCH_UNKNOWN : MATCH_NO;
}

static enum match path_addr(struct look *look, const struct query_node *node)
{
	struct endpoints ends;

	if (look_translated(look, &ends) && addresses_hold(node, &ends))
		return MATCH_YES;
	return node->kind == QUERY_DST ? MATCH_NO : unless_untold(look);
}

static enum match path_port(struct look *look, const struct query_node *node)
{
	struct endpoints ends;

	if (look_translated(look, &ends) && look->flow->there.ports && ports_hold(node, &ends))
		return MATCH_YES;
	return node->kind == QUERY_DPORT ? MATCH_NO : unless_untold(look);
}

static enum match path_nat(struct look *look, const struct query_node *node)
{
	if (look_translates(look, node->kind))
		return MATCH_YES;
	return node->kind == QUERY_DNAT ? MATCH_NO : unless_untold(look);
}

static enum match path_outcome(struct look *look, const struct query_node *node)
{
	enum outcome outcome = look_decision(look)->outcome;

	if (in_ranges(node, outcome))
		return MATCH_YES;
	return outcome == OUTCOME_UNKNOWN ? MATCH_UNKNOWN : MATCH_NO;
}

/* formats.md 2.3: a legacy policy:N or return:N may as well be an unconditional rule N. */
static bool may_be_rule(const struct hop_view *hop)
{
	return (hop->kind == HOP_POLICY || hop->kind == HOP_RETURN) && hop->rule &&
	       hop->by != BY_RULESET && hop->by != BY_TRACE;
}

/* struct spot - what of its chain a hop is at; a LOG line is at the rule that logged it, if known
 */
struct spot {
	enum hop_kind kind;
	uint32_t rule;
	uint64_t handle;
};

static struct spot spot_of(const struct hop_view *hop)
{
	const struct rule *rule = hop->meaning->rule;

	if (hop->kind != HOP_LOG || !rule)
		return (struct spot){ hop->kind, hop->rule, hop->handle };
	return (struct spot){ HOP_RULE, rule->number,
			      rule->flags & RULE_HANDLE ? rule->handle : 0 };
}

static enum match kind_holds(const struct look *look, const struct query_place *place,
			     const struct hop_view *hop)
{
	const struct spot spot = spot_of(hop);
	bool either = may_be_rule(hop);

	if (place->any)
		return MATCH_YES;
	if (place->kind == HOP_RULE && either)
		return !place->rule || place->rule == hop->rule ? MATCH_UNKNOWN : MATCH_NO;
	if (place->kind != spot.kind)
		return MATCH_NO;
	if (place->kind != HOP_RULE)
		return either && look->strict ? MATCH_UNKNOWN : MATCH_YES;
	if (place->comment.n && !hop->meaning->rule)
		return MATCH_UNKNOWN;
	if (place->comment.n)
		return yes_if(str_eq(place->comment, hop->meaning->rule->comment));
	if (place->handle)
		return spot.handle ? yes_if(place->handle == spot.handle) : MATCH_UNKNOWN;
	if (place->rule)
		return spot.rule ? yes_if(place->rule == spot.rule) : MATCH_UNKNOWN;
	return MATCH_YES;
}

static enum match place_holds(const struct look *look, const struct query_place *place, size_t i)
{
	struct hop_view hop;

	model_path_step(look->model, look->path, i, &hop);
	if (!hop.chain.n || !glob_matches(place->chain, hop.chain) ||
	    !glob_matches(place->table, hop.table))
		return MATCH_NO;
	return kind_holds(look, place, &hop);
}

static enum match path_at(struct look *look, const struct query_node *node)
{
	enum match best = MATCH_NO;
	size_t n = model_path_length(look->model, look->path);

	for (size_t i = 0; i < n && best != MATCH_YES; i++) {
		enum match one = place_holds(look, node->place, i);

		best = one > best ? one : best;
	}
	return best;
}

static enum match path_stopped(struct look *look, const struct query_node *node)
{
	const struct decision *d = look_decision(look);

	if (d->outcome == OUTCOME_UNKNOWN)
		return MATCH_UNKNOWN;
	if (d->outcome == OUTCOME_LOST || !outcome_stops(d->outcome))
		return MATCH_NO;
	if (!node->place)
		return MATCH_YES;
	return d->stop < 0 ? MATCH_NO : place_holds(look, node->place, (size_t)d->stop);
}

#define PATH_BUFFER 4096

static enum match path_path(struct look *look, const struct query_node *node)
{
	char buf[PATH_BUFFER];
	size_t n = model_path_text(look->model, look->path, buf, sizeof(buf));

	return yes_if(
		regex_matches(node->regex, (struct str){ buf, n < sizeof(buf) ? n : sizeof(buf) }));
}

static enum match path_texts(struct look *look, const struct query_node *node)
{
	bool any = false;

	for (size_t i = 0; i < model_path_length(look->model, look->path); i++) {
		struct hop_view hop;
		struct str s;

		model_path_step(look->model, look->path, i, &hop);
		s = node->kind == QUERY_TEXT ? hop.text : hop.prefix;
		any |= s.n || hop.meaning->is;
		if (s.n && regex_matches(node->regex, s))
			return MATCH_YES;
	}
	return any || node->kind == QUERY_PREFIX ? MATCH_NO : MATCH_UNKNOWN;
}

/* clang-format off */
const struct test tests[QUERY_KIND_MAX] = {
	[QUERY_HOST]      = { packet_addr,      path_addr,    QUERY_DOUBT_HEADER },
	[QUERY_SRC]       = { packet_addr,      path_addr,    QUERY_DOUBT_HEADER },
	[QUERY_DST]       = { packet_addr,      path_addr,    QUERY_DOUBT_HEADER },
	[QUERY_PORT]      = { packet_port,      path_port,    QUERY_DOUBT_HEADER },
	[QUERY_SPORT]     = { packet_port,      path_port,    QUERY_DOUBT_HEADER },
	[QUERY_DPORT]     = { packet_port,      path_port,    QUERY_DOUBT_HEADER },
	[QUERY_PROTO]     = { packet_proto,     NULL,         QUERY_DOUBT_HEADER },
	[QUERY_FAMILY]    = { packet_family,    NULL,         QUERY_DOUBT_HEADER },
	[QUERY_IIF]       = { packet_device,    NULL,         QUERY_DOUBT_HEADER },
	[QUERY_OIF]       = { packet_device,    NULL,         QUERY_DOUBT_CHAIN, NEEDS_CHAIN },
	[QUERY_FLAGS]     = { packet_flags,     NULL,         QUERY_DOUBT_HEADER },
	[QUERY_MARK]      = { packet_mark,      NULL,         QUERY_DOUBT_HEADER, NEEDS_CHAIN },
	[QUERY_TTL]       = { packet_number,    NULL,         QUERY_DOUBT_HEADER },
	[QUERY_LENGTH]    = { packet_number,    NULL,         QUERY_DOUBT_HEADER },
	[QUERY_UID]       = { packet_uid,       NULL,         QUERY_DOUBT_HEADER },
	[QUERY_AT]        = { NULL,             path_at,      QUERY_DOUBT_RULESET, NEEDS_BOTH },
	[QUERY_STOPPED]   = { NULL,             path_stopped, QUERY_DOUBT_OUTCOME },
	[QUERY_OUTCOME]   = { NULL,             path_outcome, QUERY_DOUBT_OUTCOME },
	[QUERY_NAT]       = { packet_nat,       path_nat,     QUERY_DOUBT_SOURCE, NEEDS_CHAIN },
	[QUERY_SNAT]      = { packet_nat,       path_nat,     QUERY_DOUBT_SOURCE, NEEDS_CHAIN },
	[QUERY_DNAT]      = { packet_nat,       path_nat,     QUERY_DOUBT_RULESET, NEEDS_CHAIN },
	[QUERY_REPLY]     = { NULL,             path_reply,   QUERY_DOUBT_OPENER },
	[QUERY_HOST_NAME] = { packet_host_name, NULL,         QUERY_DOUBT_NONE },
	[QUERY_PATH]      = { NULL,             path_path,    QUERY_DOUBT_CHAIN, NEEDS_BOTH },
	[QUERY_TEXT]      = { NULL,             path_texts,   QUERY_DOUBT_RULESET, NEEDS_BOTH },
	[QUERY_PREFIX]    = { NULL,             path_texts,   QUERY_DOUBT_CHAIN, NEEDS_BOTH },
	[QUERY_SINCE]     = { packet_time,      NULL,         QUERY_DOUBT_HEADER },
	[QUERY_UNTIL]     = { packet_time,      NULL,         QUERY_DOUBT_HEADER },
};
/* clang-format on */
