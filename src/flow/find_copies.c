// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * find_copies.c - packets of a flow that are copies, which a rule made (TEE, dup)
 *
 * A copy has all that the packet has, and begins at OUTPUT, as if it were made here
 * (nf_dup_ipv4() of net/ipv4/netfilter/nf_dup_ipv4.c). So it is one of the flow's packets, but what
 * becomes of it is not what became of the connection.
 */
#include "find_flow.h"

#include <inttypes.h>

#define PLACE 256

static enum hook begins_at(const struct model *m, const struct flow_path *fp)
{
	return paths_length(m->paths, fp->path)
		       ? (enum hook)paths_hop(m->paths, fp->path, 0).step->hook
		       : HOOK_NONE;
}

/* The hop of @fp at a rule that copies; its length if there is none. */
static size_t copying_hop(const struct model *m, const struct flow_path *fp)
{
	size_t n = paths_length(m->paths, fp->path), i = 0;

	for (; i < n; i++) {
		struct path_hop hop = paths_hop(m->paths, fp->path, i);

		if (rule_flags(hop.meaning->rule, sym_text(m->syms, hop.step->text)) & RULE_COPIES)
			break;
	}
	return i;
}

/* How many packets of the direction of @fp, which came in, begin here. */
static uint64_t made_here(const struct model *m, const struct flow *flow,
			  const struct flow_path *fp)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < flow->n_paths; i++)
		if (flow->paths[i].back == fp->back && !(flow->paths[i].flags & PACKET_ERROR) &&
		    begins_at(m, &flow->paths[i]) == HOOK_OUTPUT)
			n += flow->paths[i].packets;
	return n;
}

/* @copies: receives how many there are; Return: a path whose packets were copied, NULL if none */
static const struct flow_path *copied(const struct model *m, const struct flow *flow,
				      uint64_t *copies)
{
	for (uint32_t i = 0; flow->n_paths > 1 && i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		if (begins_at(m, fp) != HOOK_PREROUTING || !(*copies = made_here(m, flow, fp)))
			continue;
		if (copying_hop(m, fp) < paths_length(m->paths, fp->path))
			return fp;
	}
	return NULL;
}

static bool has_copies(const struct model *m, const struct flow_case *c)
{
	uint64_t copies;

	return copied(m, c->flow, &copies);
}

static struct str say_copies(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), s;
	struct hop_view hop;
	char place[PLACE];
	uint64_t copies = 0;
	const struct flow_path *fp = copied(m, c->flow, &copies);

	model_path_hop(m, c->flow, fp->path, copying_hop(m, fp), &hop);
	hop_place(&hop, place, sizeof(place));
	s = text("%.*s: %s packet%s %s with OUTPUT as the first hook: most likely copied "
		 "by %s. What becomes of copies is not what becomes of the connection.",
		 STR_ARG(name), number_text(copies).s, plural(copies), fp->back ? "back" : "there",
		 place);
	text_free(name);
	return s;
}

static void show_rule(const struct model *m, const struct flow_case *c, struct finding *f)
{
	uint64_t copies;
	const struct flow_path *fp = copied(m, c->flow, &copies);
	struct hop_view hop;

	model_path_hop(m, c->flow, fp->path, copying_hop(m, fp), &hop);
	if (hop.text.n)
		finding_evidence(f, text("the rule: %.*s", STR_ARG(hop.text)));
}

const struct flow_finding find_copies = { has_copies, say_copies, show_rule };
