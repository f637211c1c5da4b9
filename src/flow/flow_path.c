/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_path.c - which ways a flow's packets took, how many each, and one of them as a sample */
#include "flows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfhop/hash.h"
#include "nfhop/trace.h"

/* What tells apart packets that took the same path: all that bears on the conclusion. */
#define BEARING_FLAGS                                                                              \
	(PACKET_GAP | PACKET_CUT | PACKET_AMBIGUOUS | PACKET_FRAGMENT | PACKET_SHORT |             \
	 PACKET_ANSWERED | PACKET_CT_INVALID | PACKET_CT_FULL | PACKET_MID_GAP | PACKET_CAME_IN |  \
	 PACKET_ERROR | PACKET_STALE | PACKET_NO_START | PACKET_NAT_TAKEN)

/*
 * Few paths are looked through; where a flow has more, a hash of their numbers + 1 stands behind
 * them, twice as many as there is room for paths. Flows are many, so it must not cost the others.
 */
#define FEW 16

/* struct like - what tells paths of a flow apart */
struct like {
	uint64_t class;
	uint32_t path;
	uint16_t flags;
	bool back;
};

static uint32_t *slots_of(const struct flow *flow)
{
	return (uint32_t *)(void *)&flow->paths[flow->cap_paths];
}

static struct like like_of(const struct flow_path *fp, bool back)
{
	return (struct like){ fp->class, fp->path, fp->flags, back };
}

static bool path_is(const struct flow_path *fp, struct like like)
{
	return fp->path == like.path && fp->flags == like.flags && fp->back == like.back &&
	       fp->class == like.class;
}

/* slot_of - where the number of a path like @like is in the hash, or would be */
__attribute__((cold)) static uint32_t *slot_of(const struct flow *flow, struct like like)
{
	uint32_t *slots = slots_of(flow), mask = 2 * flow->cap_paths - 1, at;

	at = (uint32_t)hash_add(hash_add(like.class, like.path),
				(uint64_t)like.flags << 1 | like.back);
	while (slots[at & mask] && !path_is(&flow->paths[slots[at & mask] - 1], like))
		at++;
	return &slots[at & mask];
}

static struct flow_path *path_find(const struct flow *flow, struct like like)
{
	if (flow->cap_paths > FEW) {
		uint32_t number = *slot_of(flow, like);

		return number ? &flow->paths[number - 1] : NULL;
	}
	for (uint32_t i = flow->n_paths; i-- > 0;) /* rule sets change: newer ones are likelier */
		if (path_is(&flow->paths[i], like))
			return &flow->paths[i];
	return NULL;
}

static int paths_grow(struct flow *flow)
{
	uint32_t cap = flow->cap_paths ? flow->cap_paths * 2 : 1;
	size_t slots = cap > FEW ? 2 * (size_t)cap * sizeof(uint32_t) : 0;
	struct flow_path *paths;

	paths = realloc(flow->paths, cap * sizeof(*paths) + slots);
	if (!paths)
		return -ENOMEM;
	flow->paths = paths;
	flow->cap_paths = cap;
	if (!slots)
		return 0;
	memset(slots_of(flow), 0, slots);
	for (uint32_t i = 0; i < flow->n_paths; i++)
		*slot_of(flow, like_of(&paths[i], paths[i].back)) = i + 1;
	return 0;
}

static struct flow_path *path_new(struct flow *flow, struct like like)
{
	struct flow_path *fp;

	if (flow->n_paths == flow->cap_paths && paths_grow(flow))
		return NULL;
	if (flow->cap_paths > FEW)
		*slot_of(flow, like) = flow->n_paths + 1;
	fp = &flow->paths[flow->n_paths++];
	*fp = (struct flow_path){
		.path = like.path, .flags = like.flags, .class = like.class, .back = like.back
	};
	return fp;
}

static inline struct flow_path *path_slot(struct flow *flow, struct like like)
{
	struct flow_path *fp = path_find(flow, like);

	return fp ? fp : path_new(flow, like);
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
		struct flow_path *fp = path_slot(to, like_of(was, back));

		if (!fp)
			break;
		path_add(fp, was);
		if (to->newest[back] < 0 || (int)i == from->newest[was->back])
			to->newest[back] = (int)(fp - to->paths);
	}
	return flow_paths_free(from);
}

const struct hop *packet_device(const struct packet *p, bool out)
{
	const struct hop *port = NULL;

	for (uint16_t i = 0; i < p->n_hops; i++) {
		const struct hop *h = &p->hops[out ? p->n_hops - 1 - i : i];

		if (!(out ? h->oif : h->iif))
			continue;
		if (!(h->have & HOP_PORTS))
			return h;
		port = port ? port : h;
	}
	return port;
}

/* ports_learn - is the device of @hop to be taken for that of @bit? Not a port for one of IP's. */
static bool ports_learn(struct flow *flow, bool known, const struct hop *hop, unsigned int bit)
{
	if (!(hop->have & HOP_PORTS))
		flow->ports &= (uint8_t)~bit;
	else if (known && !(flow->ports & bit))
		return false;
	else
		flow->ports |= (uint8_t)bit;
	return true;
}

/* The device of its first hop that has one, and of its last. */
static void devices_learn(struct flow *flow, const struct packet *p, bool back)
{
	bool want = (p->flags & PACKET_CAME_IN) && (!flow->iif[back] || (flow->ports & 1u << back));
	const struct hop *in = want ? packet_device(p, false) : NULL;
	const struct hop *out = packet_device(p, true);

	if (in && ports_learn(flow, flow->iif[back], in, 1u << back))
		flow->iif[back] = in->iif;
	if (out && ports_learn(flow, flow->oif[back], out, 4u << back))
		flow->oif[back] = out->oif;
}

static void count_syn(struct flow *flow, const struct header *h)
{
	bool again = flow->syns && (!(h->have & HEADER_SEQ) || h->tcp_seq == flow->syn_seq);

	flow->syns++;
	flow->same_syns = again ? flow->same_syns + 1 : 1;
	if (h->have & HEADER_SEQ)
		flow->syn_seq = h->tcp_seq;
}

static void learn_icmp(struct flow *flow, const struct header *h)
{
	uint16_t icmp = (uint16_t)(h->icmp_type << 8 | h->icmp_code);

	if (!flow->icmp_kinds) {
		flow->icmp = icmp;
		flow->icmp_kinds = 1;
	} else if (flow->icmp != icmp) {
		flow->icmp_kinds = 2;
	}
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
	if (!back && tcp && tcp_opens(h->tcp_flags) && !p->from_lo)
		count_syn(flow, h);
	if (!back && !p->has_quoted && (h->have & HEADER_ICMP))
		learn_icmp(flow, h);
	if (p->has_quoted && (h->have & HEADER_MTU)) {
		flow->mtu = h->mtu;
		flow->mtu_back = !back;
	}
}

int flow_count(struct flow *flow, const struct packet *p, bool sample, bool *sampled)
{
	bool back = p->flags & PACKET_BACK;
	const struct like like = { p->class, p->path, p->flags & BEARING_FLAGS, back };
	struct flow_path *fp = path_slot(flow, like);

	if (!fp)
		return -ENOMEM;
	if (!fp->packets)
		fp->first = p->hops[0].stamp;
	fp->last = flow->last = p->hops[p->n_hops - 1].stamp;
	fp->packets++;
	count_kinds(flow, p, back);
	flow->packets[back]++;
	flow->errors += p->has_quoted;
	if (back || !p->has_quoted || flow->newest[0] < 0)
		flow->newest[back] = (int)(fp - flow->paths);
	devices_learn(flow, p, back);
	*sampled = sample && !fp->sample;
	if (*sampled)
		fp->sample = packet_copy(p);
	return *sampled && !fp->sample ? -ENOMEM : 0;
}
