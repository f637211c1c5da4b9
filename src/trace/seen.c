/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seen.c - a packet as it stood before the rules of a chain */
#include "nfhop/trace.h"

void packet_seen_at(const struct syms *syms, const struct packet *p, size_t hop,
		    struct packet_seen *seen)
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
		.iif = sym_text(syms, h->iif),
		.oif = sym_text(syms, h->oif),
		.mark = h->mark,
		.have = h->have & HOP_MARK_KNOWN ? SIGHTING_MARK : 0,
	};
	/* IN= is empty at POSTROUTING before 5.5: an empty device proves nothing there */
	if (h->iif || (h->have & HOP_IN && h->oif == 0))
		seen->sighting.have |= SIGHTING_IIF;
	if (h->oif || (h->have & HOP_IN))
		seen->sighting.have |= SIGHTING_OIF;
}
