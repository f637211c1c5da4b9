/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fit.c - can an event be the next hop of a packet?
 *
 * Theory of Operation
 *
 * Legacy TRACE and LOG lines have no id, so a packet is known by its headers and by where it
 * can be next. What neither NAT nor forwarding changes must be equal: protocol, IP id or flow
 * label, length, fragment offset, sequence numbers, source. The destination may change where
 * the kernel changes it, between nat at PREROUTING or OUTPUT and what comes behind
 * (formats.md 5.3), so a reply to a masqueraded address stays one packet.
 *
 * IP id 0 is common and retransmits are equal to the last bit, so headers alone do not do:
 * evaluation only goes forward. A table later in the same hook, a later rule of the same chain,
 * a chain just jumped to, a hook that can follow; all else is another packet. What is possible
 * but odd (a TTL that jumped, a device that changed, a chain whose jump was not seen, a long
 * pause) costs points, and the caller takes the cheapest.
 */
#include "assemble.h"

#include <limits.h>
#include <stdlib.h>

#define PRE  HOOK_BIT(HOOK_PREROUTING)
#define IN   HOOK_BIT(HOOK_INPUT)
#define FWD  HOOK_BIT(HOOK_FORWARD)
#define OUT  HOOK_BIT(HOOK_OUTPUT)
#define POST HOOK_BIT(HOOK_POSTROUTING)

enum {			    /* what oddities cost */
       COST_LONG_PAUSE = 4, /* a second and more: NFQUEUE, a slow console */
       COST_TTL = 3,
       COST_DEVICE = 1,
       COST_UNSEEN_JUMP = 4,
       COST_LOOP = 1,
};

void place_of(struct syms *syms, const struct event *ev, struct place *place)
{
	enum hook hook = HOOK_NONE;

	*place = (struct place){
		.kind = ev->hop,
		.number = ev->hop == HOP_LOG ? TABLE_MAX : table_find(ev->table),
		.table = sym_intern(syms, ev->table),
		.chain = sym_intern(syms, ev->chain),
		.prefix = sym_intern(syms, ev->prefix),
		.iif = sym_intern(syms, ev->iif),
		.oif = sym_intern(syms, ev->oif),
		.hooks = hooks_by_devices(ev->iif.n, ev->oif.n),
		.rule = ev->number,
		.priority = UNKNOWN_PRIORITY,
	};
	if (!place->hooks)
		place->hooks = PRE | IN | FWD | OUT | POST;
	if (place->number != TABLE_MAX)
		hook = chain_hook(place->number, ev->chain);
	place->base = hook != HOOK_NONE;
	if (place->base)
		place->hooks = HOOK_BIT(hook);
	else if (place->number != TABLE_MAX && (place->hooks & table_hooks(place->number)))
		place->hooks &= table_hooks(place->number);
	if (ev->hook)
		place->hooks = HOOK_BIT(ev->hook);
	if (ev->have & EVENT_CT_INVALID) /* conntrack's own hooks; formats.md 1.10 */
		place->hooks = ev->iif.n ? PRE : OUT;
}

static bool both(const struct header *a, const struct header *b, uint32_t bit)
{
	return a->have & b->have & bit;
}

static bool addr_eq(const struct addr *a, const struct addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool icmp_same(const struct header *a, const struct header *b)
{
	if (both(a, b, HEADER_ICMP) &&
	    (a->icmp_type != b->icmp_type || a->icmp_code != b->icmp_code))
		return false;
	/* the echo id is a port to NAT and may change, the sequence number may not */
	return !both(a, b, HEADER_ECHO) || a->echo_seq == b->echo_seq;
}

static bool transport_same(const struct header *a, const struct header *b)
{
	if (both(a, b, HEADER_SEQ) && (a->tcp_seq != b->tcp_seq || a->tcp_ack != b->tcp_ack))
		return false;
	if (both(a, b, HEADER_FLAGS) && a->tcp_flags != b->tcp_flags)
		return false;
	if (both(a, b, HEADER_SPI) && a->spi != b->spi)
		return false;
	if (both(a, b, HEADER_ARP) && a->arp_op != b->arp_op)
		return false;
	return icmp_same(a, b);
}

bool same_packet(const struct open *o, const struct header *b)
{
	const struct header *a = &o->packet.first;

	if ((a->have | b->have) & HEADER_UNSEEN)
		return true;
	if (a->family && b->family && a->family != b->family)
		return false;
	if (both(a, b, HEADER_PROTO) && a->proto != b->proto)
		return false;
	if (both(a, b, HEADER_ID) && a->id != b->id)
		return false;
	if (both(a, b, HEADER_LEN) && a->length != b->length)
		return false;
	if ((a->have & HEADER_FRAG) != (b->have & HEADER_FRAG) || a->frag != b->frag)
		return false;
	return transport_same(a, b);
}

/* Is the packet's last hop before the point where destinations are translated? */
static bool before_dst_nat(const struct open *o)
{
	return (o->pos.hooks & PRE) || (o->pos.hooks & OUT);
}

/* The endpoints of @ev may differ from the packet's only where NAT can have changed them. */
static bool endpoints_fit(const struct open *o, const struct event *ev, unsigned int hooks,
			  bool looped)
{
	const struct header *h = &ev->pkt;
	bool ports = h->have & HEADER_PORTS;
	const struct endpoints *e;

	if (!(h->have & HEADER_ADDR) || !o->packet.n_ends)
		return true;
	e = &o->packet.ends[o->packet.n_ends - 1];
	if (!looped && (!addr_eq(&e->src, &h->src) || (ports && e->sport != h->sport)))
		return false;
	if (addr_eq(&e->dst, &h->dst) && (!ports || e->dport == h->dport))
		return true;
	if (o->packet.n_ends == PACKET_ENDPOINTS)
		return false;
	return looped || (before_dst_nat(o) && (hooks & (IN | FWD | OUT | POST | PRE)));
}

static int find_level(const struct position *pos, sym_t chain)
{
	for (int i = (int)pos->n_stack - 1; i >= 0; i--)
		if (pos->stack[i].chain == chain)
			return i;
	return -1;
}

/* @place is in the same table and hook as the packet: does evaluation get there? */
static int fit_pass(const struct position *pos, const struct place *place)
{
	int at = find_level(pos, place->chain);

	if (pos->kind == HOP_POLICY && place->kind != HOP_POLICY)
		return -1;
	if (at >= 0) {
		bool over = (unsigned int)at + 1 == pos->n_stack && pos->kind == HOP_RETURN;

		return over || place->rule <= pos->stack[at].number ? -1 : 0;
	}
	if (place->base)
		return pos->stack_has_base ? -1 : 0;
	return pos->kind == HOP_RULE ? 0 : COST_UNSEEN_JUMP;
}

/*
 * Out by lo, or a multicast copy that comes back in by the device it left by (formats 5.3); at
 * POSTROUTING there may be no table that would have shown it. To nftables, which gives it another
 * id there, it is two packets: so it is to a log that tells of the first one, too.
 */
static bool loops(const struct open *o, const struct event *ev, const struct place *place)
{
	const struct hop *last = &o->packet.hops[o->packet.n_hops - 1];

	return o->twin == NO_OPEN && (o->pos.hooks & (OUT | POST)) && (place->hooks & (PRE | IN)) &&
	       place->iif && place->iif == last->oif && !place->oif &&
	       (str_eq(ev->iif, STR("lo")) || !(ev->have & EVENT_MAC));
}

static int fit_trace_at(const struct position *pos, const struct place *place, enum hook hook)
{
	if (pos->hooks & HOOK_BIT(hook)) {
		if (hook != pos->hook)
			return 0;
		if (place->table == pos->table)
			return fit_pass(pos, place);
		if (place->number != TABLE_MAX &&
		    table_priority(place->number, hook) > pos->priority)
			return place->base ? 0 : COST_UNSEEN_JUMP;
	}
	if (hooks_reach(pos->hooks, hook))
		return place->base ? 0 : COST_UNSEEN_JUMP;
	return -1;
}

int fit_trace(const struct position *pos, const struct place *place, enum hook *hook)
{
	int best = -1;

	for (int h = HOOK_PREROUTING; h <= HOOK_POSTROUTING; h++) {
		int cost;

		if (!(place->hooks & HOOK_BIT(h)))
			continue;
		cost = fit_trace_at(pos, place, (enum hook)h);
		if (cost >= 0 && (best < 0 || cost < best)) {
			best = cost;
			*hook = (enum hook)h;
		}
	}
	return best;
}

/*
 * The same rule does not log a packet twice. Two rules may have the same prefix, but then one
 * packet passes them within microseconds.
 */
static bool logged_before(const struct open *o, const struct paths *steps, const struct event *ev,
			  const struct place *place)
{
	int64_t age = llabs(stamp_age(&ev->stamp, &o->last));
	bool soon = age <= AGE_CLOSE_NS;

	if (soon && age && (ev->pkt.have & o->packet.first.have & HEADER_ID) && ev->pkt.id)
		return false; /* not the same line twice, and a packet of its own has another id */
	for (uint16_t i = o->packet.n_hops; i-- > 0;) {
		const struct hop *hop = &o->packet.hops[i];
		const struct step *step = paths_step_at(steps, hop->step);

		if (step->kind == HOP_LOG && step->prefix == place->prefix &&
		    hop->iif == place->iif && hop->oif == place->oif)
			return true;
		if (soon)
			return false; /* only a line right behind its like is a repetition */
	}
	return false;
}

/* A LOG line fits if the packet is, or can come, where its devices allow. */
static int fit_log(const struct open *o, const struct paths *steps, const struct event *ev,
		   const struct place *place, enum hook *hook)
{
	unsigned int possible = place->hooks & o->pos.hooks;

	if (logged_before(o, steps, ev, place))
		return -1;
	for (int h = HOOK_INGRESS; h < HOOK_MAX; h++)
		if ((place->hooks & HOOK_BIT(h)) && hooks_reach(o->pos.hooks, (enum hook)h))
			possible |= HOOK_BIT(h);
	*hook = hooks_only(possible);
	return possible ? 0 : -1;
}

/* TTL goes down by one where a packet is routed on, and stays elsewhere (formats.md 5.2). */
static int cost_ttl(const struct open *o, const struct event *ev, unsigned int hooks)
{
	const struct hop *last = &o->packet.hops[o->packet.n_hops - 1];
	int down;

	if (!(last->have & HOP_TTL) || !(ev->pkt.have & HEADER_TTL))
		return 0;
	down = last->ttl - ev->pkt.ttl;
	if (!down || (down == 1 && (o->pos.hooks & PRE) && (hooks & (FWD | POST))))
		return 0;
	return COST_TTL;
}

static int cost_devices(const struct open *o, const struct place *place)
{
	const struct hop *last = &o->packet.hops[o->packet.n_hops - 1];
	int cost = 0;

	if (last->iif && place->iif && last->iif != place->iif)
		cost += COST_DEVICE;
	if (last->oif && place->oif && last->oif != place->oif)
		cost += COST_DEVICE;
	return cost;
}

static bool last_queued(const struct open *o, const struct paths *steps)
{
	const struct packet *p = &o->packet;

	return p->n_hops &&
	       paths_meaning_at(steps, p->hops[p->n_hops - 1].step)->verdict == VERDICT_QUEUE;
}

/* How long may a packet take? Return: the cost of the pause, or -1 if it is too long. */
static int cost_pause(const struct open *o, const struct paths *steps, const struct event *ev)
{
	int64_t age = llabs(stamp_age(&ev->stamp, &o->last));
	bool only_logged = o->pos.hook == HOOK_NONE;
	bool exact = ev->stamp.have & o->last.have & STAMP_UP;
	/* seconds only; or NFLOG, which may have the time of its flush, 1 s later (formats 4.5) */
	bool coarse = (!exact && !ev->stamp.wall_digits) || ev->hook;

	if (age <= AGE_CLOSE_NS)
		return 0;
	if (coarse)
		return age <= INT64_C(1100000000) ? 0 : only_logged ? -1 : COST_LONG_PAUSE;
	if (only_logged)
		return age > 10 * AGE_CLOSE_NS ? -1 : COST_PAUSE;
	if (exact && age > 98 * AGE_CLOSE_NS && !last_queued(o, steps))
		return -1; /* TCP sends again after 1 s; only a queue holds a packet that long */
	return age > 100 * AGE_CLOSE_NS ? COST_LONG_PAUSE : COST_PAUSE;
}

bool fits_late(const struct open *o, const struct paths *steps, const struct event *ev)
{
	return cost_pause(o, steps, ev) != 0;
}

bool fits_soon(const struct open *o, const struct stamp *now)
{
	return llabs(stamp_age(now, &o->last)) <= AGE_CLOSE_NS;
}

int fit(const struct open *o, const struct paths *steps, const struct event *ev,
	const struct place *place, enum hook *hook)
{
	bool looped = loops(o, ev, place);
	int pause = cost_pause(o, steps, ev), where;

	if (pause < 0 || !same_packet(o, &ev->pkt))
		return -1;
	where = place->kind == HOP_LOG ? fit_log(o, steps, ev, place, hook)
				       : fit_trace(&o->pos, place, hook);
	if (where < 0 && looped) {
		*hook = place->hooks & PRE ? HOOK_PREROUTING : HOOK_INPUT;
		where = COST_LOOP;
	}
	if (where < 0 || !endpoints_fit(o, ev, place->hooks, looped))
		return -1;
	if (o->pos.hook == HOOK_NONE && place->kind != HOP_LOG && pause)
		return -1; /* a trace that starts long after a LOG line is another packet's */
	return where + pause + cost_ttl(o, ev, place->hooks) + cost_devices(o, place);
}

static void stack_advance(struct position *pos, const struct place *place)
{
	int at = find_level(pos, place->chain);

	if (at >= 0) {
		pos->n_stack = (unsigned int)at + 1;
	} else {
		if (place->base)
			pos->n_stack = 0;
		if (pos->n_stack == STACK_MAX)
			pos->n_stack--;
		pos->stack[pos->n_stack++].chain = place->chain;
	}
	pos->stack[pos->n_stack - 1].number = place->rule;
	pos->stack_has_base |= place->base;
}

void position_advance(struct position *pos, const struct place *place, enum hook hook)
{
	if (place->kind == HOP_LOG) {
		unsigned int before = pos->hooks;

		pos->hooks = 0;
		for (int h = HOOK_INGRESS; h < HOOK_MAX; h++)
			if ((place->hooks & HOOK_BIT(h)) && (!before || (before & HOOK_BIT(h)) ||
							     hooks_reach(before, (enum hook)h)))
				pos->hooks |= HOOK_BIT(h);
		return;
	}
	if (place->table != pos->table || hook != pos->hook || pos->kind == HOP_POLICY) {
		pos->n_stack = 0;
		pos->stack_has_base = false;
	}
	stack_advance(pos, place);
	pos->table = place->table;
	pos->hook = hook;
	pos->hooks = hook ? HOOK_BIT(hook) : place->hooks;
	pos->priority = place->number == TABLE_MAX || !hook ? INT_MIN
							    : table_priority(place->number, hook);
	pos->kind = place->kind;
}
