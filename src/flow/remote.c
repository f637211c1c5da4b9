/* SPDX-License-Identifier: GPL-2.0-or-later */
/* remote.c - addresses that are not this host's own, known by what was seen of them
 *
 * A LOG line with IN= and without OUT= was written at PREROUTING or at INPUT. If its
 * destination was forwarded to in another packet, or was the source of one that came in, it
 * cannot have been INPUT. Where there is evidence of the host's addresses, that decides.
 */
#include "model.h"

#include <errno.h>
#include <stdlib.h>

static int addr_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct addr));
}

static bool path_forwards(const struct model *m, uint32_t path)
{
	for (size_t i = 0; i < paths_length(m->paths, path); i++)
		if (paths_hop(m->paths, path, i).step->hook == HOOK_FORWARD)
			return true;
	return false;
}

/* At most two addresses a flow and direction; room for four is reserved. */
static size_t remotes_of(const struct model *m, const struct flow *flow, struct addr *to)
{
	size_t n = 0;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		const struct endpoints *e = &flow->there.ends, *l = &flow->left.ends;

		if (!(fp->flags & PACKET_CAME_IN) || n > 2)
			continue;
		to[n++] = fp->back ? l->dst : e->src;
		if (path_forwards(m, fp->path))
			to[n++] = fp->back ? e->src : l->dst;
	}
	return n;
}

int remote_build(struct model *m)
{
	size_t n = 0, slots = flows_slots(m->flows);
	struct addr *all = malloc((slots * 4 + 1) * sizeof(*all));

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < slots; i++) {
		const struct flow *flow = flows_at(m->flows, i);

		if (flow)
			n += remotes_of(m, flow, &all[n]);
	}
	qsort(all, n, sizeof(*all), addr_compare);
	free(m->remote);
	m->remote = all;
	m->n_remote = n;
	return 0;
}

bool remote_has(const struct model *m, const struct addr *addr)
{
	const struct evidence *e = m->after ? m->after : m->before;
	enum evidence_switch local = e ? evidence_is_local(e, addr) : SWITCH_UNKNOWN;

	if (local != SWITCH_UNKNOWN)
		return local == SWITCH_OFF;
	return m->n_remote &&
	       bsearch(addr, m->remote, m->n_remote, sizeof(*addr), addr_compare) != NULL;
}
