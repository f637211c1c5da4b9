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

#include "nfhop/addr.h"
#include "nfhop/hash.h"

static const struct addr none; /* all zero: a free slot */

/* slot_of - where @addr stands in the hash, or where it is to be; all zero: free */
static size_t slot_of(const struct addr *slots, size_t mask, const struct addr *addr)
{
	size_t at = hash_mix(hash_16(addr->b)) & mask;

	while (memcmp(&slots[at], &none, sizeof(none)) && memcmp(&slots[at], addr, sizeof(*addr)))
		at = (at + 1) & mask;
	return at;
}

static int grow(struct remote *r)
{
	size_t size = r->slots ? (r->mask + 1) * 2 : 64;
	struct addr *slots;

	if (r->slots && r->n + r->n / 3 < r->mask)
		return 0;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; r->slots && i <= r->mask; i++)
		if (memcmp(&r->slots[i], &none, sizeof(none)))
			slots[slot_of(slots, size - 1, &r->slots[i])] = r->slots[i];
	free(r->slots);
	r->slots = slots;
	r->mask = size - 1;
	return 0;
}

static int add(struct remote *r, const struct addr *addr)
{
	size_t at;

	if (!memcmp(addr, &none, sizeof(none))) {
		r->unspecified = true;
		return 0;
	}
	if (grow(r))
		return -ENOMEM;
	at = slot_of(r->slots, r->mask, addr);
	r->n += !memcmp(&r->slots[at], &none, sizeof(none));
	r->slots[at] = *addr;
	return 0;
}

enum { NOT_ASKED, FORWARDS, STAYS };

/* path_forwards - @known: the answer by path, since thousands of flows share one */
static bool path_forwards(const struct model *m, uint32_t path, uint8_t *known)
{
	if (known[path] == NOT_ASKED) {
		known[path] = STAYS;
		for (size_t i = 0; i < paths_length(m->paths, path); i++)
			if (paths_hop(m->paths, path, i).step->hook == HOOK_FORWARD)
				known[path] = FORWARDS;
	}
	return known[path] == FORWARDS;
}

/* At most two addresses a flow and direction. */
static int add_flow(struct model *m, const struct flow *flow, uint8_t *known)
{
	unsigned int n = 0;
	int err = 0;

	for (uint32_t i = 0; i < flow->n_paths && !err; i++) {
		const struct flow_path *fp = &flow->paths[i];
		const struct endpoints *e = &flow->there.ends, *l = &flow->left.ends;

		if (!(fp->flags & PACKET_CAME_IN) || n > 2)
			continue;
		err = add(&m->remote, fp->back ? &l->dst : &e->src);
		n++;
		if (err || !path_forwards(m, fp->path, known))
			continue;
		err = add(&m->remote, fp->back ? &e->src : &l->dst);
		n++;
	}
	return err;
}

int remote_build(struct model *m)
{
	uint8_t *known = calloc(paths_count(m->paths) + 1, 1);
	int err = known ? 0 : -ENOMEM;

	remote_free(m);
	dhcp_ask_rules(m);
	for (size_t i = 0; i < flows_slots(m->flows) && !err; i++) {
		const struct flow *flow = flows_at(m->flows, i);

		err = flow ? add_flow(m, flow, known) : 0;
		if (!flow || err)
			continue;
		dhcp_learn(m, flow);
		err = loose_errors_see(&m->loose, flow);
	}
	free(known);
	return err;
}

void remote_free(struct model *m)
{
	loose_errors_free(&m->loose);
	free(m->remote.slots);
	m->remote = (struct remote){ .slots = NULL };
}

bool remote_has(const struct model *m, const struct addr *addr)
{
	const struct evidence *e = evidence_now(m);
	enum evidence_switch local = e ? evidence_is_local(e, addr) : SWITCH_UNKNOWN;

	if (local != SWITCH_UNKNOWN)
		return local == SWITCH_OFF;
	if (addr_is_loopback(addr)) /* without devices what passed lo looks as if it came in */
		return false;
	if (!memcmp(addr, &none, sizeof(none)))
		return m->remote.unspecified;
	return m->remote.slots &&
	       !memcmp(&m->remote.slots[slot_of(m->remote.slots, m->remote.mask, addr)], addr,
		       sizeof(*addr));
}
