/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bridge.c - frames that a bridge hands up to IP: they go on there under another trace id
 *
 * Theory of Operation
 *
 * A trace id is a hash of the packet's address in memory, its flow and the device that it came in
 * by (nft_trace_init(), net/netfilter/nf_tables_trace.c: skb_iif). Behind its INPUT a bridge
 * receives the frame anew, by its own device (br_pass_frame_up(), net/bridge/br_input.c): that is
 * another one, so the id is, too, and nothing in an event leads from one to the other. What does
 * is that the frame waits for nothing there: its next hop is IP's, comes at once, by another
 * device, and shows the same headers. If several packets could be the one it is none of them:
 * two rows for one packet are better than one row for two.
 *
 * INPUT has to be known, from the rule set. A frame that was seen at the bridge's PREROUTING alone
 * may have gone to another port, and its like come in by another device.
 *
 * With br_netfilter IP's PREROUTING is called at the bridge already, with the bridge as the device,
 * and not again behind it (ip_sabotage_in(), net/bridge/br_netfilter_hooks.c). So a packet of which
 * nothing is told before FORWARD or INPUT is the one that was seen last at PREROUTING, by the same
 * device; conntrack may have turned its destination back meanwhile.
 *
 * The other ways need nothing of the kind. What IP hands down to a bridge keeps its id; of what a
 * bridge floods every port gets a copy, and copies are packets of their own.
 */
#include "assemble.h"

#define BEHIND_PREROUTING (HOOK_BIT(HOOK_INPUT) | HOOK_BIT(HOOK_FORWARD))

/* waits - was it just seen, and nothing ended it? */
static bool waits(const struct assembler *a, const struct open *o)
{
	return o->has_id && !o->ended && !(o->packet.flags & PACKET_GAP) &&
	       a->events - o->touched <= NEAR_EVENTS;
}

/* at_bridge - by the last hop that was seen a bridge hands it up; the device is another one now */
static bool at_bridge(const struct assembler *a, const struct open *o, const struct place *place)
{
	const struct hop *last = &o->packet.hops[o->packet.n_hops - 1];

	return paths_step_at(a->paths, last->step)->family == FAMILY_BRIDGE &&
	       o->pos.hooks == HOOK_BIT(HOOK_INPUT) && last->iif != place->iif;
}

/* at_prerouting - it was IP's PREROUTING, of which a packet at @place should have told */
static bool at_prerouting(const struct assembler *a, const struct open *o,
			  const struct place *place)
{
	const struct hop *last = &o->packet.hops[o->packet.n_hops - 1];

	return paths_step_at(a->paths, last->step)->family != FAMILY_BRIDGE &&
	       o->pos.hooks == HOOK_BIT(HOOK_PREROUTING) && last->iif == place->iif &&
	       hooks_only(place->hooks) && (place->hooks & BEHIND_PREROUTING);
}

/* same_ends - or another destination, if TCP's numbers are those of one packet */
static bool same_ends(const struct packet *p, const struct header *h)
{
	struct endpoints ends = endpoints_of(h);

	return !memcmp(&p->ends[p->n_ends - 1], &ends, sizeof(ends)) ||
	       (p->first.have & h->have & HEADER_SEQ);
}

/* ttl_same - nothing has counted it down, or forwarding has, where no earlier chain shows it */
static bool ttl_same(const struct hop *last, const struct event *ev, const struct place *place)
{
	int down = last->ttl - ev->pkt.ttl;

	return down == 0 || (down == 1 && place->oif);
}

static bool goes_up(const struct assembler *a, const struct open *o, const struct event *ev,
		    const struct place *place)
{
	const struct packet *p = &o->packet;
	const struct hop *last = &p->hops[p->n_hops - 1];

	return (at_bridge(a, o, place) || at_prerouting(a, o, place)) &&
	       (p->first.have & ev->pkt.have & HEADER_ADDR) && p->n_ends &&
	       same_ends(p, &ev->pkt) && same_packet(o, &ev->pkt) && ttl_same(last, ev, place) &&
	       fits_soon(o, &ev->stamp);
}

uint32_t bridge_find(const struct assembler *a, unsigned int scope, const struct event *ev,
		     const struct place *place)
{
	const struct header *h = &ev->pkt;
	uint32_t found = NO_OPEN, i;

	if (ev->family == FAMILY_BRIDGE || !place->iif ||
	    !(a->bridged || (place->hooks & BEHIND_PREROUTING)))
		return NO_OPEN;
	for (i = like_first(a, hash_of(scope, h, false), h); i != NO_OPEN; i = like_next(a, i, h)) {
		const struct open *o = &a->open[i];

		if (o->packet.scope != scope || !waits(a, o) || !goes_up(a, o, ev, place))
			continue;
		if (found != NO_OPEN)
			return NO_OPEN;
		found = i;
	}
	return found;
}
