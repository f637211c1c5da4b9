/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hop.c - an event becomes a hop of a packet, and what it changes about the packet */
#include "assemble.h"

#include <errno.h>
#include <stdlib.h>

int hops_reserve(struct packet *p, size_t n)
{
	size_t cap = p->cap_hops ? p->cap_hops : 16;
	struct hop *hops;

	if (n <= p->cap_hops)
		return 0;
	while (cap < n)
		cap *= 2;
	hops = realloc(p->hops, cap * sizeof(*hops));
	if (!hops)
		return -ENOMEM;
	p->hops = hops;
	p->cap_hops = (uint16_t)cap;
	return 0;
}

uint16_t flags_of_event(const struct event *ev)
{
	unsigned int flags = 0;

	if (ev->pkt.have & (HEADER_FRAG | HEADER_MF))
		flags |= PACKET_FRAGMENT;
	if (ev->pkt.have & HEADER_SHORT)
		flags |= PACKET_SHORT;
	if (ev->have & EVENT_UID)
		flags |= PACKET_UID;
	if (ev->have & EVENT_CT_INVALID)
		flags |= PACKET_CT_INVALID;
	if ((ev->have & EVENT_QUOTED) ||
	    ((ev->pkt.have & HEADER_FLAGS) && (ev->pkt.tcp_flags & TCP_RST)))
		flags |= PACKET_ERROR;
	/* formats.md 1.13: locally made ND, MLD, IGMP carry their own device and no MAC */
	if (ev->iif.n && !str_eq(ev->iif, STR("lo")) &&
	    !(str_eq(ev->iif, ev->oif) && !(ev->have & EVENT_MAC) && !ev->physin.n))
		flags |= PACKET_CAME_IN;
	return (uint16_t)flags;
}

struct endpoints endpoints_of(const struct header *h)
{
	struct endpoints e = { .src = h->src, .dst = h->dst };

	if (h->have & HEADER_PORTS) {
		e.sport = h->sport;
		e.dport = h->dport;
	} else if (h->have & HEADER_ECHO) {
		e.sport = e.dport = h->echo_id;
	}
	return e;
}

static bool endpoints_eq(const struct endpoints *a, const struct endpoints *b)
{
	return !memcmp(&a->src, &b->src, sizeof(a->src)) &&
	       !memcmp(&a->dst, &b->dst, sizeof(a->dst)) && a->sport == b->sport &&
	       a->dport == b->dport;
}

static bool remarks(const struct assembler *a, const struct place *place)
{
	return place->text && (rule_text_flags(sym_text(a->syms, place->text)) & RULE_SETS_MARK);
}

static uint32_t step_ask(struct assembler *a, const struct event *ev, const struct place *place,
			 enum hook hook)
{
	struct step step = {
		.table = place->table,
		.chain = place->chain,
		.target = place->target,
		.prefix = place->prefix,
		.text = place->text,
		.rule = ev->have & EVENT_NUMBER ? ev->number : 0,
		.handle = ev->have & EVENT_HANDLE ? ev->handle : 0,
		.family = (uint8_t)ev->family,
		.hook = (uint8_t)hook,
		.kind = (uint8_t)ev->hop,
		.verdict = (uint8_t)ev->verdict,
		.generation = paths_generation(a->paths),
	};

	step.have = (uint8_t)((ev->have & EVENT_NUMBER ? STEP_RULE : 0) |
			      (ev->have & EVENT_HANDLE ? STEP_HANDLE : 0) |
			      (place->nft ? STEP_NFT : 0) | (place->base ? STEP_BASE : 0) |
			      (place->first ? STEP_FIRST : 0) |
			      (remarks(a, place) ? STEP_REMARKS : 0));
	return paths_step(a->paths, &step);
}

uint32_t step_of_event(struct assembler *a, const struct event *ev, const struct place *place,
		       enum hook hook)
{
	struct steps *steps = place->steps;

	if (!steps)
		return step_ask(a, ev, place, hook);
	if (steps->generation != paths_generation(a->paths))
		*steps = (struct steps){ .generation = paths_generation(a->paths) };
	if (!steps->at[hook])
		steps->at[hook] = step_ask(a, ev, place, hook) + 1;
	return steps->at[hook] - 1;
}

uint8_t hop_have(const struct event *ev)
{
	/* a LOG line of netdev egress never has a mark (formats 2), and looks like POSTROUTING */
	bool egress = !ev->chain.n && !ev->hook && !ev->iif.n && ev->oif.n;
	/* the kernel's log prints every mark but 0, nft monitor those of policies alone */
	bool known = (ev->have & (EVENT_MARK | EVENT_MARK_TOLD)) ||
		     !(egress || (ev->have & EVENT_TRACE_ID));

	return (uint8_t)((ev->have & EVENT_MARK ? HOP_MARK : 0) | (known ? HOP_MARK_KNOWN : 0) |
			 (ev->pkt.have & HEADER_TTL ? HOP_TTL : 0) |
			 (ev->pkt.have & HEADER_LEN ? HOP_LENGTH : 0) |
			 (ev->pkt.have & HEADER_TOS ? HOP_TOS : 0) |
			 (ev->have & EVENT_IN ? HOP_IN : 0));
}

/* Note the event's endpoints; Return: true if they are new to the packet. */
bool endpoints_add(struct packet *p, const struct event *ev)
{
	struct endpoints e = endpoints_of(&ev->pkt);

	if (!(ev->pkt.have & HEADER_ADDR) || p->n_ends == PACKET_ENDPOINTS)
		return false;
	if (p->n_ends && endpoints_eq(&p->ends[p->n_ends - 1], &e))
		return false;
	p->ends[p->n_ends++] = e;
	return true;
}

/* A source changes last, a destination at OUTPUT where nothing later need show it. */
const struct nat_target *translates(const struct assembler *a, uint32_t step)
{
	const struct rule *rule = paths_meaning_at(a->paths, step)->rule;

	if (!rule || !rule->nat || rule->nat->by_map ||
	    (!rule->nat->source && paths_step_at(a->paths, step)->hook != HOOK_OUTPUT))
		return NULL;
	return rule->nat;
}

/* Does the rule set say what address the packet goes on with? */
void tell_translation(struct assembler *a, struct packet *p)
{
	const struct nat_target *to = translates(a, p->hops[p->n_hops - 1].step);

	if (a->sink.translated && to)
		a->sink.translated(a->sink.who, p, to);
}

struct hop *hop_next(struct packet *p)
{
	return hops_reserve(p, p->n_hops + 1u) ? NULL : &p->hops[p->n_hops];
}

int hop_put(struct assembler *a, struct open *o, const struct place *place, enum hook hook)
{
	struct packet *p = &o->packet;
	struct hop *hop = &p->hops[p->n_hops];

	if (hop->step == UINT32_MAX)
		return -ENOMEM;
	if (p->flags & PACKET_GAP) {
		p->flags &= (uint16_t)~PACKET_GAP;
		p->flags |= PACKET_MID_GAP;
	}
	hop->at = (uint8_t)(p->n_ends ? p->n_ends - 1 : 0);
	p->n_hops++;
	position_advance(&o->pos, place, hook);
	o->last = hop->stamp;
	o->touched = a->events;
	o->trail = NULL;
	return 0;
}

/* tell_moved - the endpoints of @o are new */
static void tell_moved(struct assembler *a, struct open *o)
{
	struct packet *twin = o->twin == NO_OPEN ? NULL : &a->open[o->twin].packet;
	struct packet *p = o->follows ? twin : &o->packet;

	if (!a->sink.moved)
		return;
	a->sink.moved(a->sink.who, p, &o->packet);
	if (twin)
		o->packet.flow = twin->flow = p->flow;
}

void header_seq(struct header *h, const struct header *other)
{
	if (!(other->have & ~h->have & HEADER_SEQ))
		return;
	h->have |= HEADER_SEQ;
	h->tcp_seq = other->tcp_seq;
	h->tcp_ack = other->tcp_ack;
}

/* header_fill - what the headers of the hops before did not show, those of @ev may */
static void header_fill(struct packet *p, const struct event *ev)
{
	if (p->first.have & HEADER_UNSEEN && ev->pkt.have & ~(uint32_t)HEADER_UNSEEN) {
		p->first = ev->pkt;
		p->has_quoted = ev->have & EVENT_QUOTED;
	} else {
		header_seq(&p->first, &ev->pkt);
	}
	if (ev->have & EVENT_QUOTED)
		p->quoted = ev->quoted; /* nat turns what is quoted, too */
}

int hop_append(struct assembler *a, uint32_t i, const struct event *ev, const struct place *place,
	       enum hook hook)
{
	struct open *o = &a->open[i];
	struct packet *p = &o->packet;
	bool moved = endpoints_add(p, ev) && p->n_hops;
	struct hop *hop = hop_next(p);

	if (!hop)
		return -ENOMEM;
	hop->stamp = ev->stamp;
	hop->step = step_of_event(a, ev, place, hook);
	hop->iif = place->iif;
	hop->oif = place->oif;
	hop->mark = ev->have & EVENT_MARK ? ev->mark : 0;
	hop->length = ev->pkt.length;
	hop->ttl = ev->pkt.ttl;
	hop->tos = ev->pkt.tos;
	hop->have = hop_have(ev);
	if (hop_put(a, o, place, hook))
		return -ENOMEM;
	p->flags |= flags_of_event(ev);
	p->elsewhere |= (ev->have & EVENT_ELSEWHERE) != 0;
	p->untold |= (ev->have & EVENT_UNTOLD) != 0;
	if (ev->have & EVENT_UID)
		p->uid = ev->uid;
	header_fill(p, ev);
	if (a->crowd.buckets)
		crowd_see(a, i);
	o->body = 0;
	if (moved)
		tell_moved(a, o);
	if (p->n_hops > 1)
		tell_translation(a, p);
	return 0;
}
