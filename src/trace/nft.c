/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft.c - events of nftables: one packet's hops by trace id, as far as that can be trusted
 *
 * Theory of Operation
 *
 * A trace id is a hash of an address in memory and the flow's hash (formats.md 3.5): the next
 * packet of a flow often has it again, and one packet changes it when it is cloned or received
 * anew. So an id only tells which hops may belong together. Headers come once per base chain:
 * they mark where one takes up the packet, and there it is decided whether the packet goes on
 * or is another one. It is another if a verdict ended the one before, if the headers differ in
 * what neither NAT nor forwarding changes, or if the base chain cannot come after the last one:
 * hooks and priorities only go forward, and no base chain sees a packet twice. What a bridge hands
 * up is looked for by its headers (bridge.c).
 *
 * `nft monitor` and xtables-monitor print the headers on a line of their own before the hop
 * they came with; such a line waits here for its hop.
 */
#include "assemble.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/hash.h"

#define PENDING 4096 /* a start is followed by its hop at once; a collision costs a header */

struct pending {
	bool used;
	unsigned int scope;
	uint32_t id;
	struct stamp stamp;
	struct header pkt, quoted;
	uint32_t have;
	sym_t iif, oif;
};

static uint64_t id_hash(unsigned int scope, uint32_t id)
{
	return hash_mix((uint64_t)scope << 32 | id);
}

static int reserve(struct assembler *a)
{
	if (a->pending)
		return 0;
	a->pending = calloc(PENDING, sizeof(*a->pending));
	a->ids = malloc((a->mask + 1) * sizeof(*a->ids));
	if (!a->pending || !a->ids)
		return -ENOMEM;
	memset(a->ids, 0xff, (a->mask + 1) * sizeof(*a->ids));
	return 0;
}

static uint32_t find_id(const struct assembler *a, unsigned int scope, uint32_t id)
{
	uint32_t i = a->ids[id_hash(scope, id) & a->mask];

	while (i != NO_OPEN && (a->open[i].id != id || a->open[i].packet.scope != scope))
		i = a->open[i].id_next;
	return i;
}

static void give_id(struct assembler *a, uint32_t i, uint32_t id)
{
	struct open *o = &a->open[i];
	uint32_t *head = &a->ids[id_hash(o->packet.scope, id) & a->mask];

	o->has_id = true;
	o->id = id;
	o->id_next = *head;
	*head = i;
}

void nft_forget(struct assembler *a, uint32_t i)
{
	struct open *o = &a->open[i];
	uint32_t *link;

	if (!o->has_id)
		return;
	link = &a->ids[id_hash(o->packet.scope, o->id) & a->mask];
	while (*link != i)
		link = &a->open[*link].id_next;
	*link = o->id_next;
	o->has_id = false;
}

/* nft has hooks at the devices too. */
static unsigned int hooks_possible(const struct place *place)
{
	unsigned int hooks = hooks_by_devices(place->iif, place->oif);

	if (place->iif && !place->oif)
		hooks |= HOOK_BIT(HOOK_INGRESS);
	if (place->oif && !place->iif)
		hooks |= HOOK_BIT(HOOK_EGRESS);
	return hooks;
}

/* The chain of @ev by the rule set, or NULL. */
static const struct chain *chain_of(const struct assembler *a, const struct event *ev)
{
	const struct ruleset *rules = paths_rules(a->paths);

	return rules ? ruleset_chain(rules, BACKEND_NFT, ev->family, ev->table, ev->chain) : NULL;
}

/* Hook and priority of a base chain: by the rule set, by iptables' five names, by devices. */
static void place_base(const struct assembler *a, const struct event *ev, struct place *place)
{
	const struct chain *chain = chain_of(a, ev);
	enum table_no table = table_find(ev->table);
	enum hook named = table < TABLE_MAX && ev->family != FAMILY_BRIDGE
				  ? chain_hook(table, ev->chain)
				  : HOOK_NONE;

	place->hooks = hooks_possible(place);
	if (chain && chain->hook) {
		place->hooks = HOOK_BIT(chain->hook);
		place->priority = chain->have & CHAIN_PRIORITY ? chain_stands_at(chain)
							       : UNKNOWN_PRIORITY;
	} else if (named) {
		place->hooks = HOOK_BIT(named);
		place->priority = table_priority(table, named);
	}
}

/* A trace may be switched on in a chain that was jumped to: then headers come there. */
static bool is_user_chain(const struct assembler *a, const struct event *ev)
{
	const struct chain *chain = chain_of(a, ev);

	return chain && !chain->hook;
}

static void place_nft(struct assembler *a, const struct event *ev, struct place *place)
{
	*place = (struct place){
		.kind = ev->hop,
		.number = TABLE_MAX,
		.table = sym_intern(a->syms, ev->table),
		.chain = sym_intern(a->syms, ev->chain),
		.text = sym_intern(a->syms, ev->rule_text),
		.target = sym_intern(a->syms, ev->target),
		.iif = sym_intern(a->syms, ev->iif),
		.oif = sym_intern(a->syms, ev->oif),
		.nft = true,
		.base = (ev->have & EVENT_HEADERS) && !is_user_chain(a, ev),
		.first = ev->have & EVENT_HEADERS,
		.priority = UNKNOWN_PRIORITY,
	};
	if (place->first)
		place_base(a, ev, place);
}

static bool seen_before(const struct assembler *a, const struct open *o, const struct place *place,
			enum family family)
{
	for (uint16_t i = 0; i < o->packet.n_hops; i++) {
		const struct step *s = paths_step_at(a->paths, o->packet.hops[i].step);

		if (s->table == place->table && s->chain == place->chain && s->family == family)
			return true;
	}
	return false;
}

/* Can a base chain at one of place->hooks take up the packet now? Return: those hooks */
static unsigned int hooks_next(const struct open *o, const struct place *place)
{
	bool ordered = place->priority != UNKNOWN_PRIORITY && o->pos.priority != UNKNOWN_PRIORITY;
	unsigned int next = 0;

	for (int h = HOOK_INGRESS; h < HOOK_MAX; h++) {
		if (!(place->hooks & HOOK_BIT(h)))
			continue;
		if (hooks_reach(o->pos.hooks, (enum hook)h))
			next |= HOOK_BIT(h);
		else if ((o->pos.hooks & HOOK_BIT(h)) &&
			 (!ordered || place->priority >= o->pos.priority))
			next |= HOOK_BIT(h);
	}
	return next;
}

/* Does the packet that had the id go on here? */
static bool goes_on(const struct assembler *a, const struct open *o, const struct event *ev,
		    struct place *place)
{
	unsigned int next = hooks_next(o, place);

	if (o->ended || !same_packet(o, &ev->pkt) || seen_before(a, o, place, ev->family))
		return false;
	if (!next && o->pos.hooks && place->hooks && ev->family != FAMILY_BRIDGE)
		return false;
	if (next)
		place->hooks = next;
	return true;
}

/* What the event does not say is as it was at the hop before. */
static void inherit(const struct assembler *a, struct packet *p, const struct event *ev)
{
	const struct hop *was = &p->hops[p->n_hops - 2];
	struct hop *is = &p->hops[p->n_hops - 1];

	is->iif = was->iif;
	is->oif = was->oif;
	is->ttl = was->ttl;
	is->tos = was->tos;
	is->length = was->length;
	is->at = was->at;
	is->have = was->have;
	if (ev->have & (EVENT_MARK | EVENT_MARK_TOLD))
		is->have = (uint8_t)((was->have & ~HOP_MARK) | HOP_MARK_KNOWN |
				     (ev->have & EVENT_MARK ? HOP_MARK : 0));
	else
		is->mark = was->mark;
	/* nft monitor prints no mark behind a rule: which one it gave shows at the next policy */
	if (!(ev->have & (EVENT_MARK | EVENT_MARK_TOLD)) &&
	    (paths_step_at(a->paths, was->step)->have & STEP_REMARKS))
		is->have &= (uint8_t)~HOP_MARK_KNOWN;
	if (!is->stamp.have)
		is->stamp = was->stamp;
}

static void after_hop(struct assembler *a, uint32_t i, const struct event *ev,
		      const struct place *place)
{
	struct open *o = &a->open[i];
	struct hop *last = &o->packet.hops[o->packet.n_hops - 1];

	if (ev->have & EVENT_HEADERS)
		o->base = place->base ? place->chain : 0;
	if (verdict_reach(ev->verdict) == REACH_PACKET)
		o->ended = true;
	last->have &= (uint8_t)~HOP_PORTS;
	if (ev->family == FAMILY_BRIDGE) {
		last->have |= HOP_PORTS;
		a->bridged = true;
	}
	if (hooks_only(place->hooks) && o->packet.scope < a->n_scopes)
		a->scopes[o->packet.scope]
			.visible[o->packet.first.family == FAMILY_IP6]
			.nft_hooks |= place->hooks;
}

/* The end of a user chain is a return; that of a base chain is followed by its policy. */
static bool is_base_end(const struct open *o, const struct event *ev, const struct place *place)
{
	return (ev->have & EVENT_CHAIN_END) && place->chain == o->base;
}

static int take_later(struct assembler *a, uint32_t i, const struct event *ev, struct place *place)
{
	struct open *o = &a->open[i];
	unsigned int hooks = o->pos.hooks;
	int priority = o->pos.priority, err;

	if (is_base_end(o, ev, place))
		return 0;
	if (!o->base && ev->hop == HOP_POLICY)
		o->base = place->chain;
	place->base = place->chain == o->base;
	place->hooks = hooks;
	place->priority = priority;
	packet_touch(a, i);
	err = hop_append(a, i, ev, place, hooks_only(hooks));
	o->pos.hooks = hooks;
	if (!err && o->packet.n_hops > 1)
		inherit(a, &o->packet, ev);
	after_hop(a, i, ev, place);
	return err;
}

/* handed_up - the packet that goes on under this id behind a bridge, or NO_OPEN */
static uint32_t handed_up(struct assembler *a, unsigned int scope, const struct event *ev,
			  const struct place *place)
{
	uint32_t i = bridge_find(a, scope, ev, place);

	if (i == NO_OPEN)
		return NO_OPEN;
	nft_forget(a, i);
	give_id(a, i, ev->trace_id);
	return i;
}

static int take_first(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev,
		      struct place *place)
{
	uint32_t i = find_id(a, scope, ev->trace_id);
	int err = 0;

	if (i != NO_OPEN && !goes_on(a, &a->open[i], ev, place)) {
		a->split_ids++;
		if (a->limits.woven)
			nft_forget(a, i); /* what the log says of it may still be on its way */
		else
			packet_close(a, i);
		i = NO_OPEN;
	}
	if (i == NO_OPEN)
		i = handed_up(a, scope, ev, place);
	if (i == NO_OPEN) {
		i = packet_open(a, scope, host, hash_of(scope, &ev->pkt, over_lo(ev)), ev, place);
		if (i == NO_OPEN)
			return -ENOMEM;
		give_id(a, i, ev->trace_id);
	} else {
		join_late(a, i, ev, place);
		packet_touch(a, i);
		err = hop_append(a, i, ev, place, hooks_only(place->hooks));
	}
	a->open[i].pos.hooks = place->hooks;
	after_hop(a, i, ev, place);
	return err;
}

/* A hop of a packet whose beginning is not in the input. */
static int take_stray(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev,
		      struct place *place)
{
	uint32_t hash = (uint32_t)id_hash(scope, ev->trace_id), i;
	const struct chain *chain = chain_of(a, ev);
	struct event bare = *ev;

	bare.pkt.have |= HEADER_UNSEEN;
	if (chain && chain->hook) {
		place->base = place->first = true;
		place_base(a, ev, place);
	}
	i = packet_open(a, scope, host, hash, &bare, place);
	if (i == NO_OPEN)
		return -ENOMEM;
	a->open[i].packet.flags |= PACKET_NO_START;
	a->open[i].pos.hooks = place->hooks;
	a->open[i].base = place->base ? place->chain : 0;
	give_id(a, i, ev->trace_id);
	after_hop(a, i, ev, place);
	return 0;
}

/*
 * misses_start - was the line lost by which this base chain took up the packet? An accept ends the
 * one before, and no jump leads to another table. (A policy alone is no sign: a trace may begin in
 * a chain that was jumped to.)
 */
static bool misses_start(const struct assembler *a, const struct open *o, const struct event *ev,
			 const struct place *place)
{
	const struct packet *p = &o->packet;
	const struct step *last = paths_step_at(a->paths, p->hops[p->n_hops - 1].step);
	const struct chain *chain = chain_of(a, ev);

	if (!o->base || last->kind == HOP_LOG)
		return false;
	if (last->table != place->table || last->family != ev->family)
		return true;
	return place->chain != o->base &&
	       ((chain && chain->hook) || last->verdict == VERDICT_ACCEPT);
}

/* A base chain goes on with packet @i, or with the next one that has its id. */
static int take_startless(struct assembler *a, uint32_t i, const struct event *ev,
			  struct place *place)
{
	struct open *o = &a->open[i];
	unsigned int scope = o->packet.scope;
	sym_t host = o->packet.host;
	struct event bare = *ev;
	int err;

	bare.pkt.have |= HEADER_UNSEEN;
	place->base = place->first = true;
	place_base(a, ev, place);
	if (!goes_on(a, o, &bare, place)) {
		a->split_ids++;
		packet_close(a, i);
		return take_stray(a, scope, host, ev, place);
	}
	packet_touch(a, i);
	err = hop_append(a, i, ev, place, hooks_only(place->hooks));
	if (!err)
		inherit(a, &o->packet, ev);
	o->packet.flags |= PACKET_MID_GAP;
	o->pos.hooks = place->hooks;
	o->base = place->chain;
	after_hop(a, i, ev, place);
	return err;
}

static struct pending *pending_of(struct assembler *a, unsigned int scope, uint32_t id)
{
	return &a->pending[id_hash(scope, id) % PENDING];
}

static void keep_start(struct assembler *a, unsigned int scope, const struct event *ev)
{
	*pending_of(a, scope, ev->trace_id) = (struct pending){
		.used = true,
		.scope = scope,
		.id = ev->trace_id,
		.stamp = ev->stamp,
		.pkt = ev->pkt,
		.quoted = ev->quoted,
		.have = ev->have &
			(EVENT_QUOTED | EVENT_MAC | EVENT_IN | EVENT_HEADERS | EVENT_MARK),
		.iif = sym_intern(a->syms, ev->iif),
		.oif = sym_intern(a->syms, ev->oif),
	};
}

/* @ev with the headers that came on a line before it. */
static struct event with_start(struct assembler *a, unsigned int scope, const struct event *ev)
{
	struct pending *start = pending_of(a, scope, ev->trace_id);
	struct event e = *ev;

	if (!start->used || start->scope != scope || start->id != ev->trace_id)
		return e;
	start->used = false;
	e.pkt = start->pkt;
	e.quoted = start->quoted;
	e.have |= start->have & ~(uint32_t)EVENT_MARK;
	e.iif = sym_text(a->syms, start->iif);
	e.oif = sym_text(a->syms, start->oif);
	if (!e.stamp.have)
		e.stamp = start->stamp;
	return e;
}

/* No rule of a base chain fitted: its policy follows, and is its only hop. */
static bool is_empty_base(const struct event *ev)
{
	return (ev->have & EVENT_HEADERS) && (ev->have & EVENT_CHAIN_END) &&
	       ev->verdict == VERDICT_CONTINUE;
}

int nft_take(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev)
{
	struct place place;
	struct event e;
	uint32_t i;

	if (reserve(a))
		return -ENOMEM;
	if (ev->kind == EVENT_START) {
		keep_start(a, scope, ev);
		return 0;
	}
	if (is_empty_base(ev)) {
		keep_start(a, scope, ev);
		return 0;
	}
	e = with_start(a, scope, ev);
	if ((e.have & EVENT_CHAIN_END) && e.verdict == VERDICT_CONTINUE)
		e.verdict = VERDICT_RETURN;
	place_nft(a, &e, &place);
	if (e.have & EVENT_HEADERS)
		return take_first(a, scope, host, &e, &place);
	i = find_id(a, scope, e.trace_id);
	if (i == NO_OPEN)
		return take_stray(a, scope, host, &e, &place);
	if (misses_start(a, &a->open[i], &e, &place)) /* its policy follows a base chain's end */
		return e.have & EVENT_CHAIN_END ? 0 : take_startless(a, i, &e, &place);
	return take_later(a, i, &e, &place);
}
