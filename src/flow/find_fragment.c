/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_fragment.c - datagrams whose first fragment got through, and the others did not
 *
 * Later fragments have no ports, so rules that ask for ports do not take them, and here they are a
 * flow of their own. Where connection tracking is in use none are seen: the kernel puts datagrams
 * together before its rules (nf_defrag_ipv4.c).
 */
#include "find_flow.h"

#include <inttypes.h>

#define PLACE 256

/* struct rest - where later fragments were stopped; @same: of the very datagram, by its id */
struct rest {
	const struct flow *flow;
	const struct flow_path *fp;
	struct decision d;
	bool same;
};

static bool is_first_fragment(const struct packet *p)
{
	return p && p->n_ends && (p->first.have & HEADER_MF) && !(p->first.have & HEADER_FRAG);
}

static bool same_id(const struct packet *a, const struct packet *b)
{
	return a->first.family == FAMILY_IP && (a->first.have & b->first.have & HEADER_ID) &&
	       a->first.id == b->first.id;
}

/*
 * Was the rest of @first's datagram stopped? Of each path one fragment is kept: if it is another
 * datagram's, this one's were stopped, too, where none of the later fragments got through.
 */
static bool look_through(const struct model *m, const struct packet *first, bool back,
			 struct rest *rest)
{
	bool all = true;

	for (uint32_t i = 0; i < rest->flow->n_paths; i++) {
		const struct flow_path *fp = &rest->flow->paths[i];
		struct decision d;

		if (fp->back != back || !fp->sample || !(fp->sample->first.have & HEADER_FRAG))
			continue;
		model_decide_path(m, rest->flow, fp, &d);
		all &= outcome_stops(d.outcome) && d.stop >= 0;
		if (!outcome_stops(d.outcome) || d.stop < 0 || rest->same)
			continue;
		rest->fp = fp;
		rest->d = d;
		rest->same = same_id(first, fp->sample);
	}
	return rest->fp && (rest->same || all);
}

static bool find_rest(const struct model *m, const struct flow_case *c, struct rest *rest)
{
	bool back;

	*rest = (struct rest){ .flow = NULL };
	if (!is_first_fragment(c->there) || !c->flow->there.ports || c->view.answered ||
	    !outcome_passes(c->view.decision.outcome))
		return false;
	rest->flow = flows_without_ports(m->flows, c->flow, &back);
	return rest->flow && look_through(m, c->there, back, rest);
}

bool rest_stopped(const struct model *m, const struct flow_case *c)
{
	struct rest rest;

	return find_rest(m, c, &rest);
}

static struct str say_rest(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), s;
	struct hop_view hop;
	char place[PLACE];
	struct rest rest;

	find_rest(m, c, &rest);
	stop_hop(m, rest.flow, rest.fp, &rest.d, &hop);
	hop_place(&hop, place, sizeof(place));
	s = text("%.*s: only the first fragment got through. The rest of the datagram was stopped "
		 "here by %s, so the far side cannot put it together.",
		 STR_ARG(name), place);
	text_free(name);
	return s;
}

static void show_rest(const struct model *m, const struct flow_case *c, struct finding *f)
{
	enum family family = (enum family)c->flow->there.family;
	struct hop_view hop;
	struct rest rest;

	find_rest(m, c, &rest);
	stop_hop(m, rest.flow, rest.fp, &rest.d, &hop);
	finding_packet(f, rest.fp->sample);
	if (rest.same)
		finding_evidence(f, text("packet %" PRIu64 " is of the same datagram (id %u)",
					 rest.fp->sample->no, rest.fp->sample->first.id));
	else
		finding_evidence(f, text("all later fragments between the two were stopped"));
	finding_evidence(
		f, text("later fragments have no ports; a rule that asks for the state of the "
			"connection makes the kernel put datagrams together before its "
			"rules"));
	confirm_list(f, tool_at(m, &hop, family), hop.family, hop.table, hop.chain);
}

const struct flow_finding find_fragment = { rest_stopped, say_rest, show_rest, true };
