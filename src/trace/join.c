/* SPDX-License-Identifier: GPL-2.0-or-later */
/* join.c - one packet that two sources tell of: nftables by events, legacy iptables by its log
 *
 * Theory of Operation
 *
 * A packet passes nftables' and iptables' chains in turns, but the two are told on different
 * ways, each in order and with no common clock that would put one hop between two others. So each
 * is assembled for itself, by its own rules, in a slot of its own: the second one that begins for
 * a packet follows the first one. When either is over both are, and their hops are put into one
 * row: by hook, by priority in the hook, and in the order in which they came within one chain.
 * Where a packet passes a hook again (loopback, a multicast copy), the rows are compared lap by
 * lap. A bridge, of which only nftables tells, has hooks of the same names: what it did before IP
 * stands before all laps of IP's.
 *
 * Only the slot that leads is a packet to everybody else: it has the number and the flow.
 */
#include "assemble.h"

#include <errno.h>
#include <stdlib.h>

/* The log is read when somebody comes to it: up to so much later than the event. */
#define JOIN_NS INT64_C(250000000)

#define UP_PRIORITY (UNKNOWN_PRIORITY + 1) /* of what a bridge hands up: before IP's INPUT */

/* struct key - where a hop stands among those of the other row; @lap: 0 before IP */
struct key {
	unsigned int lap;
	enum hook hook;
	int priority;
};

static bool addresses_meet(const struct packet *p, const struct header *h)
{
	for (uint8_t i = 0; i < p->n_ends; i++) {
		const struct endpoints *e = &p->ends[i];

		if (!memcmp(&e->src, &h->src, sizeof(h->src)) &&
		    !memcmp(&e->dst, &h->dst, sizeof(h->dst)))
			return true;
	}
	return !p->n_ends;
}

static bool can_lead(const struct open *o, unsigned int scope, const struct event *ev,
		     const struct place *place)
{
	return o->packet.scope == scope && o->twin == NO_OPEN && o->nft != place->nft &&
	       place->kind != HOP_LOG && o->hook_told && same_packet(o, &ev->pkt) &&
	       addresses_meet(&o->packet, &ev->pkt) &&
	       llabs(stamp_age(&ev->stamp, &o->last)) <= JOIN_NS;
}

uint32_t join_find(const struct assembler *a, unsigned int scope, uint32_t hash,
		   const struct event *ev, const struct place *place)
{
	uint32_t found = NO_OPEN;

	for (uint32_t i = like_first(a, hash, &ev->pkt); i != NO_OPEN;
	     i = like_next(a, i, &ev->pkt))
		if (can_lead(&a->open[i], scope, ev, place) &&
		    (found == NO_OPEN || a->open[i].packet.no < a->open[found].packet.no))
			found = i;
	return found;
}

void join_link(struct assembler *a, uint32_t lead, uint32_t i)
{
	struct open *first = &a->open[lead], *second = &a->open[i];

	first->twin = i;
	second->twin = lead;
	second->follows = true;
	first->trail = NULL; /* it will have the other's hops, too */
	second->packet.no = first->packet.no;
	second->packet.flow = first->packet.flow;
	second->packet.flags |= first->packet.flags & PACKET_BACK;
}

static int base_priority(const struct assembler *a, const struct step *s)
{
	const struct ruleset *rules = paths_rules(a->paths);
	const struct chain *chain = NULL;
	enum table_no table = table_find(sym_text(a->syms, s->table));

	if (!(s->have & STEP_NFT))
		return table == TABLE_MAX ? UNKNOWN_PRIORITY : table_priority(table, s->hook);
	if (rules)
		chain = ruleset_chain(rules, BACKEND_NFT, s->family, sym_text(a->syms, s->table),
				      sym_text(a->syms, s->chain));
	return chain && chain->have & CHAIN_PRIORITY ? chain_stands_at(chain) : UNKNOWN_PRIORITY;
}

/* key_of - the key of a hop behind one that has @before */
static struct key key_of(const struct assembler *a, const struct hop *hop, const struct key *before)
{
	const struct step *s = paths_step_at(a->paths, hop->step);
	bool bridged = s->family == FAMILY_BRIDGE;
	struct key key = *before;

	if (bridged && !before->lap)
		return key;
	if (!before->lap || (s->hook && s->hook < before->hook))
		key.lap++;
	if (s->hook && s->hook != before->hook)
		key.priority = UNKNOWN_PRIORITY;
	if (s->hook)
		key.hook = s->hook;
	if (s->kind != HOP_LOG && (!(s->have & STEP_NFT) || (s->have & STEP_FIRST)))
		key.priority = bridged && s->hook == HOOK_INPUT ? UP_PRIORITY : base_priority(a, s);
	return key;
}

/* Does the base chain, or the legacy table, that hop @i of @p is in end the packet? */
static bool ends_in(const struct assembler *a, const struct packet *p, uint16_t i)
{
	const struct step *s = paths_step_at(a->paths, p->hops[i].step), *last = s;
	enum verdict verdict;

	for (uint16_t k = i + 1u; k < p->n_hops; k++) {
		const struct step *next = paths_step_at(a->paths, p->hops[k].step);

		if (next->kind == HOP_LOG)
			continue;
		if ((next->have & STEP_NFT) ? next->have & STEP_FIRST
					    : next->hook != s->hook || next->table != s->table)
			return false;
		last = next;
		i = k;
	}
	verdict = last->verdict ? last->verdict
				: paths_meaning_at(a->paths, p->hops[i].step)->verdict;
	return verdict_reach(verdict) == REACH_PACKET;
}

/*
 * goes_first - hop @y of the second row before hop @x of the first one?
 *
 * @x_ends: what the first row tells of that chain ends the packet. At the same priority nobody
 * knows which of the two filters is asked first (chain_order()), but none is behind that end.
 */
static bool goes_first(const struct key *ky, const struct hop *y, const struct key *kx,
		       const struct hop *x, bool x_ends)
{
	if (ky->lap != kx->lap)
		return ky->lap < kx->lap;
	if (ky->hook != kx->hook)
		return ky->hook < kx->hook;
	if (ky->priority != UNKNOWN_PRIORITY && ky->priority == kx->priority)
		return x_ends;
	if (ky->priority != UNKNOWN_PRIORITY && kx->priority != UNKNOWN_PRIORITY)
		return ky->priority < kx->priority;
	return stamp_age(&y->stamp, &x->stamp) < 0;
}

/* end_of - the number in @to of endpoints that @from has under @at */
static uint8_t end_of(struct packet *to, const struct packet *from, uint8_t at)
{
	const struct endpoints *e = &from->ends[at];

	if (at >= from->n_ends)
		return 0;
	for (uint8_t i = 0; i < to->n_ends; i++)
		if (!memcmp(&to->ends[i], e, sizeof(*e)))
			return i;
	if (to->n_ends == PACKET_ENDPOINTS)
		return PACKET_ENDPOINTS - 1;
	to->ends[to->n_ends] = *e;
	return to->n_ends++;
}

/* weave - the hops of both in one row; Return: -ENOMEM */
static int weave(const struct assembler *a, struct packet *p, const struct packet *q)
{
	struct hop *all = malloc((size_t)(p->n_hops + q->n_hops) * sizeof(*all));
	struct key kp = { 0, HOOK_NONE, UNKNOWN_PRIORITY }, kq = kp;
	uint16_t i = 0, k = 0, n = 0;

	if (!all)
		return -ENOMEM;
	kp = key_of(a, &p->hops[0], &kp);
	kq = key_of(a, &q->hops[0], &kq);
	while (i < p->n_hops || k < q->n_hops) {
		bool second = i == p->n_hops ||
			      (k < q->n_hops &&
			       goes_first(&kq, &q->hops[k], &kp, &p->hops[i], ends_in(a, p, i)));

		all[n] = second ? q->hops[k++] : p->hops[i++];
		if (second)
			all[n].at = end_of(p, q, all[n].at);
		n++;
		if (second && k < q->n_hops)
			kq = key_of(a, &q->hops[k], &kq);
		else if (!second && i < p->n_hops)
			kp = key_of(a, &p->hops[i], &kp);
	}
	free(p->hops);
	p->hops = all;
	p->n_hops = p->cap_hops = n;
	return 0;
}

/* The row that began earlier says what the packet was at first. */
static void join_heads(struct packet *p, const struct packet *q)
{
	p->flags |= q->flags & (uint16_t)~PACKET_BACK; /* p was told which way it runs */
	if (q->has_quoted && !(p->has_quoted && (p->quoted.have & HEADER_ADDR))) {
		p->quoted = q->quoted;
		p->has_quoted = true;
	}
}

void join_merge(struct assembler *a, uint32_t lead, uint32_t follower)
{
	struct packet *p = &a->open[lead].packet, *q = &a->open[follower].packet;

	if (!q->n_hops || !p->n_hops || p->n_hops + q->n_hops > UINT16_MAX || weave(a, p, q))
		return;
	join_heads(p, q);
}
