/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conntrack.c - what conntrack may have called a packet, as far as its flow tells
 *
 * Theory of operation. The state stands in no LOG line, but two sorts of packets give it away. A
 * SYN alone, the first packet that is seen of its connection, is new: nothing of it was there
 * before. So is the next one, if all before it were stopped: what is dropped is forgotten. An ACK
 * that follows a SYN is established: who sends it has got an answer, or is it, so the SYN went
 * through. Both may be wrong (the log begins in the middle of a connection, a scanner made the ACK
 * up), so what is drawn from them is inferred. Of UDP nothing is known: two hosts may send to each
 * other, and all of it be dropped. An RST may come late, a loss hides what was before.
 */
#include "model.h"

#include "nfhop/packet.h"

static bool none_passed(const struct model *m, const struct flow *flow)
{
	struct decision d;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		if (flow->paths[i].back)
			return false;
		model_decide_path(m, flow, &flow->paths[i], &d);
		if (!outcome_stops(d.outcome))
			return false;
	}
	return true;
}

unsigned int ct_states(const struct model *m, const struct packet *p)
{
	const struct flow *flow = model_flow_of(m, p);
	uint16_t flags = p->first.tcp_flags;

	if (p->flags & PACKET_CT_INVALID)
		return CT_INVALID;
	if (!flow || m->stats.lost || m->n_gaps || p->has_quoted || !(p->first.have & HEADER_FLAGS))
		return 0;
	if (tcp_opens(flags))
		return none_passed(m, flow) && !(flags & (TCP_FIN | TCP_RST)) ? CT_NEW : 0;
	return flow->syns && (flags & (TCP_ACK | TCP_RST)) == TCP_ACK ? CT_ESTABLISHED : 0;
}
