/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kept.c - closed packets that somebody asked for
 *
 * A ring. Its newest m->n_held packets were not handed out yet: what comes later in the input can
 * speak for them. With live sources there is nothing to wait for, and they are handed out at once;
 * of a log that is followed, whoever reads it says when (model_hand_out()).
 */
#include "model.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/prefetch.h"

#define AHEAD 2 /* packets */
#define HOPS  8 /* that most packets have, or fewer */

static struct packet *kept_at(const struct model *m, size_t i)
{
	return m->kept[(m->kept_at + i) % m->config.max_kept];
}

static void tell_sink(struct model *m, struct packet *p)
{
	const struct flow *flow = flows_by_no(m->flows, p->flow);

	if (flow)
		p->flow = flow->no;
	if (m->sink.packet && model_packet_shown(m, p))
		m->sink.packet(m->sink.who, m, p);
}

/* hand_out - the oldest that was not; it left the caches long ago, as those behind it did */
static void hand_out(struct model *m)
{
	size_t i = m->n_kept - m->n_held;

	if (m->n_held > AHEAD)
		prefetch(kept_at(m, i + AHEAD), sizeof(struct packet) + HOPS * sizeof(struct hop));
	tell_sink(m, kept_at(m, i));
	m->n_held--;
}

static void forget_oldest(struct model *m)
{
	if (m->n_held == m->n_kept)
		hand_out(m);
	free(m->kept[m->kept_at]);
	m->kept_at = (m->kept_at + 1) % m->config.max_kept;
	m->n_kept--;
	m->stats.evicted_packets++;
}

int kept_add(struct model *m, struct packet *p)
{
	struct packet *copy;

	if (m->config.live)
		tell_sink(m, p);
	if (!m->config.max_kept)
		return 0;
	copy = packet_copy(p);
	if (!copy)
		return -ENOMEM;
	if (m->n_kept == m->config.max_kept)
		forget_oldest(m);
	m->kept[(m->kept_at + m->n_kept++) % m->config.max_kept] = copy;
	m->n_held += !m->config.live;
	return 0;
}

void model_hand_out(struct model *m, size_t keep)
{
	while (m->n_held > keep)
		hand_out(m);
}

void kept_free(struct model *m)
{
	for (size_t i = 0; i < m->n_kept; i++)
		free(kept_at(m, i));
	free(m->kept);
}

size_t model_packet_count(const struct model *m)
{
	return m->n_kept;
}

const struct packet *model_packet_at(const struct model *m, size_t i)
{
	return i < m->n_kept ? kept_at(m, i) : NULL;
}
