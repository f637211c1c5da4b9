/* SPDX-License-Identifier: GPL-2.0-or-later */
/* refusal.c - who refused a flow's packets, and with which words */
#include "model.h"

#include <stdio.h>

#include "nfhop/addr.h"
#include "nfhop/names.h"

/* To whom an error is sent, its source tells who sent it: seen before anything translates that. */
static bool is_target(const struct flow *flow, const struct addr *addr)
{
	return !memcmp(addr, &flow->left.ends.dst, sizeof(*addr)) ||
	       !memcmp(addr, &flow->there.ends.dst, sizeof(*addr));
}

static bool was_delivered(const struct model *m, const struct flow *flow)
{
	const struct flow_path *newest = model_newest(m, flow, false);
	struct decision d = { .outcome = OUTCOME_UNKNOWN };

	if (newest)
		model_decide_path(m, flow, newest, &d);
	return d.outcome == OUTCOME_DELIVERED;
}

static enum refused_by refused_by(const struct model *m, const struct flow *flow,
				  const struct flow_path *fp)
{
	const struct packet *p = fp->sample;

	if (!(fp->flags & PACKET_CAME_IN) || was_delivered(m, flow))
		return REFUSED_HERE;
	if (!flow->errors) /* RSTs alone */
		return REFUSED_BY_TARGET;
	if (!p || !(p->first.have & HEADER_ADDR))
		return REFUSED_NOT_KNOWN;
	return is_target(flow, &p->first.src) ? REFUSED_BY_TARGET : REFUSED_ON_WAY;
}

static bool is_icmp(const struct header *h)
{
	return (h->have & HEADER_PROTO) && h->proto == (h->family == FAMILY_IP6 ? 58 : 1);
}

struct refusal model_refusal_of(const struct model *m, const struct flow *flow,
				const struct flow_path *fp)
{
	return (struct refusal){
		.by = refused_by(m, flow, fp),
		.midway = flow->there.proto == 6 && !flow->syns && fp->sample &&
			  !is_icmp(&fp->sample->first),
		.packet = fp->sample,
		.path = fp,
	};
}

struct refusal model_refusal(const struct model *m, const struct flow *flow)
{
	const struct flow_path *newest = NULL;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		if (fp->back && (fp->flags & PACKET_ERROR) &&
		    (!newest || stamp_age(&fp->last, &newest->last) >= 0))
			newest = fp;
	}
	return newest ? model_refusal_of(m, flow, newest)
		      : (struct refusal){ .by = REFUSED_NOT_KNOWN };
}

struct str refusal_kind(const struct packet *p, char *buf, size_t n)
{
	const struct header *h = &p->first;
	const char *name = names_of_icmp_error(h->family == FAMILY_IP6, h->icmp_type, h->icmp_code);

	if (!is_icmp(h))
		snprintf(buf, n, "RST");
	else if (!(h->have & HEADER_ICMP))
		snprintf(buf, n, "ICMP");
	else if (name)
		snprintf(buf, n, "ICMP %s", name);
	else
		snprintf(buf, n, "ICMP type %u code %u", h->icmp_type, h->icmp_code);
	return str_from(buf);
}

/* A packet whose TTL was used up nobody refused. */
static const char *verb(const struct refusal *r)
{
	const struct header *h = r->packet ? &r->packet->first : NULL;
	bool expired = h && is_icmp(h) && (h->have & HEADER_ICMP) &&
		       h->icmp_type == (h->family == FAMILY_IP6 ? 3 : 11);

	return r->midway ? "reset" : expired ? "ended" : "refused";
}

struct str refusal_text(const struct refusal *r, char *buf, size_t n)
{
	static const char *const who[] = {
		[REFUSED_NOT_KNOWN] = ", by a RST or an ICMP error",
		[REFUSED_HERE] = " by it",
		[REFUSED_BY_TARGET] = " by the far side",
		[REFUSED_ON_WAY] = " on the way by ",
	};
	char kind[64] = "";

	if (r->packet)
		refusal_kind(r->packet, kind, sizeof(kind));
	snprintf(buf, n, "%s%s%s%s%s%s", verb(r), who[r->by],
		 r->by == REFUSED_ON_WAY ? addr_text(&r->packet->first.src).s : "",
		 *kind ? " (" : "", kind, *kind ? ")" : "");
	return str_from(buf);
}
