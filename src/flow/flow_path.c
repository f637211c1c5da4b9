/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_path.c - which ways a flow's packets took, how many each, and one of them as a sample */
#include "flows.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/trace.h"

/* What tells apart packets that took the same path: all that bears on the conclusion. */
#define BEARING_FLAGS                                                                              \
	(PACKET_GAP | PACKET_CUT | PACKET_AMBIGUOUS | PACKET_FRAGMENT | PACKET_SHORT |             \
	 PACKET_ANSWERED | PACKET_CT_INVALID | PACKET_CT_FULL | PACKET_MID_GAP | PACKET_CAME_IN |  \
	 PACKET_ERROR | PACKET_STALE)

static struct flow_path *path_slot(struct flow *flow, const struct flow_path *like, bool back)
{
	struct flow_path *paths;
	uint32_t cap;

	for (uint32_t i = flow->n_paths; i-- > 0;) { /* rule sets change: newer ones are likelier */
		struct flow_path *fp = &flow->paths[i];

		if (fp->path == like->path && fp->flags == like->flags && fp->back == back &&
		    fp->class == like->class)
			return fp;
	}
	if (flow->n_paths == flow->cap_paths) {
		cap = flow->cap_paths ? flow->cap_paths * 2 : 1;
		paths = realloc(flow->paths, cap * sizeof(*paths));
		if (!paths)
			return NULL;
		flow->paths = paths;
		flow->cap_paths = cap;
	}
	flow->paths[flow->n_paths] = (struct flow_path){
		.path = like->path, .flags = like->flags, .class = like->class, .back = back
	};
	return &flow->paths[flow->n_paths++];
}

size_t flow_paths_free(struct flow *flow)
{
	size_t samples = 0;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		samples += flow->paths[i].sample != NULL;
		free((struct packet *)flow->paths[i].sample);
	}
	free(flow->paths);
	flow->paths = NULL;
	flow->n_paths = flow->cap_paths = 0;
	return samples;
}

/* Count @was with @fp, which is of the same path; its sample goes along if there is none. */
static void path_add(struct flow_path *fp, struct flow_path *was)
{
	if (!fp->packets) {
		fp->first = was->first;
		fp->last = was->last;
	}
	fp->packets += was->packets;
	if (stamp_age(&was->last, &fp->last) > 0)
		fp->last = was->last;
	if (!fp->sample) {
		fp->sample = was->sample;
		was->sample = NULL;
	}
}

size_t flow_paths_move(struct flow *to, struct flow *from, bool turned)
{
	for (uint32_t i = 0; i < from->n_paths; i++) {
		struct flow_path *was = &from->paths[i];
		bool back = was->back != turned;
		struct flow_path *fp = path_slot(to, was, back);

		if (!fp)
			break;
		path_add(fp, was);
		if (to->newest[back] < 0 || (int)i == from->newest[was->back])
			to->newest[back] = (int)(fp - to->paths);
	}
	return flow_paths_free(from);
}

/* The device of its first hop that has one, and of its last. */
static void devices_learn(struct flow *flow, const struct packet *p, bool back)
{
	for (uint16_t i = 0; i < p->n_hops && !flow->iif[back] && (p->flags & PACKET_CAME_IN); i++)
		flow->iif[back] = p->hops[i].iif;
	for (uint16_t i = p->n_hops; i-- > 0;)
		if (p->hops[i].oif) {
			flow->oif[back] = p->hops[i].oif;
			break;
		}
}

static void count_syn(struct flow *flow, const struct header *h)
{
	bool again = flow->syns && (!(h->have & HEADER_SEQ) || h->tcp_seq == flow->syn_seq);

	flow->syns++;
	flow->same_syns = again ? flow->same_syns + 1 : 1;
	if (h->have & HEADER_SEQ)
		flow->syn_seq = h->tcp_seq;
}

/* What findings want to know of single packets is counted here: packets are not kept. */
static void count_kinds(struct flow *flow, const struct packet *p, bool back)
{
	const struct header *h = &p->first;
	bool tcp = h->have & HEADER_FLAGS;

	if (!flow->first_no || p->no < flow->first_no) { /* packets close in another order */
		flow->first_no = p->no;
		flow->first_flags = tcp ? h->tcp_flags : 0;
	}
	if (!back && tcp && (h->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		count_syn(flow, h);
	if (p->has_quoted && (h->have & HEADER_MTU))
		flow->mtu = h->mtu;
}

int flow_count(struct flow *flow, const struct packet *p, bool sample, bool *sampled)
{
	bool back = p->flags & PACKET_BACK;
	const struct flow_path like = { .path = p->path,
					.flags = p->flags & BEARING_FLAGS,
					.class = p->class };
	struct flow_path *fp = path_slot(flow, &like, back);

	if (!fp)
		return -ENOMEM;
	if (!fp->packets)
		fp->first = p->hops[0].stamp;
	fp->last = flow->last = p->hops[p->n_hops - 1].stamp;
	fp->packets++;
	count_kinds(flow, p, back);
	flow->packets[back]++;
	flow->errors += p->has_quoted;
	flow->newest[back] = (int)(fp - flow->paths);
	devices_learn(flow, p, back);
	*sampled = sample && !fp->sample;
	if (*sampled)
		fp->sample = packet_copy(p);
	return *sampled && !fp->sample ? -ENOMEM : 0;
}
