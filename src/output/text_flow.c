// SPDX-License-Identifier: GPL-2.0-or-later
/* text_flow.c - one flow: how sure its headline is, its ways, what to try */
#include "text_talk.h"

#include <stdlib.h>

#define MOST_WAYS 4 /* shown of one direction; -b path shows all */

static void say_astray(struct talk *talk)
{
	if (!talk->view.astray)
		return;
	say(talk, !talk->view.refused_astray ? "; the answer"
		  : talk->flow->errors	     ? "; the ICMP error"
					     : "; the RST");
	say(talk, " left elsewhere than the request came in");
}

static void say_conclusion(struct talk *talk)
{
	writer_begin(talk->writer, SECTION_HEADLINE, "");
	text_mark(talk->writer, flow_glyph(&talk->view));
	writer_to(talk->writer, TEXT_INDENT);
	writer_role(talk->writer, ROLE_BOLD);
	text_host(talk->writer, talk->model, talk->flow->host);
	text_flow_name(talk->writer, talk->flow);
	writer_role(talk->writer, ROLE_PLAIN);
	say(talk, "   ");
	say_state(talk);
	say_astray(talk);
	writer_line(talk->writer);
	writer_end(talk->writer, SECTION_HEADLINE);
}

/* The rule that let the answer pass: the last one of FORWARD or INPUT on its way. */
static bool passing_rule(const struct talk *talk, const struct way *way, struct hop_view *found)
{
	bool any = false;

	for (size_t i = 0; i < way_length(talk->model, way); i++) {
		struct hop_view hop;

		way_hop(talk->model, way, i, &hop);
		if (hop.kind != HOP_RULE || (hop.hook != HOOK_FORWARD && hop.hook != HOOK_INPUT))
			continue;
		*found = hop;
		any = true;
	}
	return any;
}

/* "The answer came back to 123.45.67.89, was turned back to 192.168.111.20 and left by lan0" */
static void say_answer_turned(struct talk *talk)
{
	const struct nat *nat = &talk->view.nat;
	struct way way = way_of(talk->flow, talk->back);
	struct hop_view hop;
	struct decision d;

	model_decide_path(talk->model, talk->flow, talk->back, &d);
	say(talk, "The answer came back to ");
	text_endpoint(talk->writer, &nat->ends->src, nat->changed & NAT_SPORT, nat->ends->sport);
	if (!outcome_passes(d.outcome)) {
		say(talk, nat->by == BY_INFERRED ? " (inferred: its port tells)." : ".");
		return;
	}
	say(talk, ", was turned back to ");
	text_endpoint(talk->writer, &talk->flow->there.ends.src, nat->changed & NAT_SPORT,
		      talk->flow->there.ends.sport);
	say(talk, " and ");
	text_outcome(talk->writer, talk->model, &way, &d);
	if (passing_rule(talk, &way, &hop)) {
		say(talk, " (");
		text_place(talk->writer, &hop);
		say(talk, ")");
	}
	say(talk, ".");
}

static void say_changed(struct talk *talk, const char *what, bool port, const struct addr *addr,
			uint16_t number)
{
	say(talk, what);
	text_endpoint(talk->writer, addr, port, number);
	say(talk, talk->view.nat.by == BY_INFERRED ? " (inferred)." : ".");
}

static void say_destination(struct talk *talk)
{
	const struct nat *nat = &talk->view.nat;
	const struct endpoints *there = &talk->flow->there.ends;

	say_changed(talk, "Its destination became ", nat->changed & NAT_DPORT,
		    nat->changed & NAT_DST ? &nat->ends->dst : &there->dst, nat->ends->dport);
}

static void say_source(struct talk *talk)
{
	const struct nat *nat = &talk->view.nat;
	const struct endpoints *there = &talk->flow->there.ends;

	if (nat->changed & NAT_SRC && talk->back && talk->view.state != FLOW_REPLY_NOT_UNNATTED)
		say_answer_turned(talk);
	else
		say_changed(talk, "Its source became ", nat->changed & NAT_SPORT,
			    nat->changed & NAT_SRC ? &nat->ends->src : &there->src,
			    nat->ends->sport);
}

static void say_source_by_rule(struct talk *talk)
{
	struct str oif = model_text(talk->model, talk->flow->oif[0]);

	if (!talk->by_rule->by_device || !oif.n) {
		say(talk, "A rule translated its source.");
		return;
	}
	say(talk, "Its source became an address of ");
	writer_text(talk->writer, oif);
	say(talk, ".");
}

/* A packet that was lost right after its DNAT was never seen with its new destination. */
static bool destination_by_rule(const struct talk *talk, struct endpoints *to)
{
	return talk->way.packet && talk->view.newest &&
	       !(talk->view.nat.changed & (NAT_DST | NAT_DPORT)) &&
	       model_new_destination(talk->model, talk->way.packet, to);
}

static void say_nat(struct talk *talk)
{
	bool dst = talk->view.nat.changed & (NAT_DST | NAT_DPORT);
	bool src = talk->view.nat.changed & (NAT_SRC | NAT_SPORT);
	struct endpoints to;

	if (dst)
		say_destination(talk);
	else if (destination_by_rule(talk, &to))
		say_changed(talk, "Its destination became ", to.dport, &to.dst, to.dport);
	if (dst && (src || talk->by_rule))
		say(talk, " ");
	if (src)
		say_source(talk);
	else if (talk->by_rule)
		say_source_by_rule(talk);
}

/* What may tell packets apart that took one path. */
static void say_flags(struct talk *talk, const struct flow_path *fp)
{
	static const struct {
		unsigned int flag;
		const char *words;
	} rows[] = {
		{ PACKET_FRAGMENT, ", a fragment" },
		{ PACKET_SHORT, ", headers cut" },
		{ PACKET_CT_INVALID, ", invalid to conntrack" },
		{ PACKET_AMBIGUOUS, ", perhaps another's hops" },
		{ PACKET_STALE, ", while the rule set changed" },
	};

	if ((fp->flags & PACKET_ERROR) && fp->sample)
		say(talk, fp->sample->first.have & HEADER_FLAGS ? ", RST" : ", an ICMP error");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fp->flags & rows[i].flag)
			say(talk, rows[i].words);
}

/* The first path of the flow of which the same is said. */
static uint32_t first_alike(const struct talk *talk, const struct flow_path *fp)
{
	uint32_t i = (uint32_t)(fp - talk->flow->paths);

	return talk->alike ? talk->alike[i] : i;
}

static bool is_alone(const struct talk *talk)
{
	for (uint32_t i = 1; i < talk->flow->n_paths; i++)
		if (first_alike(talk, &talk->flow->paths[i]))
			return false;
	return true;
}

/* "2 of 3 packets", "3 packets, all the same way" */
static void say_share(struct talk *talk, const struct flow_path *fp)
{
	uint64_t all = talk->flow->packets[fp->back], n = 0;

	for (uint32_t i = 0; i < talk->flow->n_paths; i++)
		if (first_alike(talk, &talk->flow->paths[i]) == first_alike(talk, fp))
			n += talk->flow->paths[i].packets;
	if (n != all) {
		writer_number(talk->writer, n);
		say(talk, " of ");
	}
	writer_count(talk->writer, all, "packet", "packets");
	if (n == all && all > 1)
		say(talk, ", all the same way");
	say_flags(talk, fp);
}

/* "there  2 of 3 packets: left by venet0. Inferred: ..." */
static void say_path(struct talk *talk, const struct flow_path *fp, const struct decision *d)
{
	const struct flow_path *newest = talk->view.newest;
	bool said = newest && first_alike(talk, fp) == first_alike(talk, newest) &&
		    state_names_outcome(talk->view.state);
	struct way way = way_of(talk->flow, fp);

	writer_to(talk->writer, TEXT_INDENT);
	if (!is_alone(talk)) {
		writer_role(talk->writer, ROLE_BOLD);
		say(talk, fp->back ? "back   " : "there  ");
		writer_role(talk->writer, ROLE_PLAIN);
	}
	say_share(talk, fp);
	if (!said && d->outcome != OUTCOME_UNKNOWN) {
		say(talk, ": ");
		text_outcome(talk->writer, talk->model, &way, d);
	}
	say(talk, ". ");
	text_sure(talk->writer, talk->model, fp->path, d);
	if (d->outcome == OUTCOME_UNKNOWN && talk->view.state == FLOW_TWO_WAY)
		writer_sentence(talk->writer, TEXT_INDENT,
				fp->back ? STR(" The client went on, so the first got through.")
					 : STR(" An answer came back, so it got through."));
	writer_line(talk->writer);
}

/* A lone way is set off from its sentence; of several each stands below its own. */
static void say_way(struct talk *talk, const struct flow_path *fp)
{
	bool lone = is_alone(talk);
	struct way way = way_of(talk->flow, fp);
	struct decision d;

	model_decide_path(talk->model, talk->flow, fp, &d);
	if (!lone)
		writer_line(talk->writer);
	say_path(talk, fp, &d);
	if (lone)
		writer_line(talk->writer);
	text_way(talk->writer, talk->model, &way, &d);
}

/* Return: how many were left out */
static uint32_t say_direction(struct talk *talk, bool back)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < talk->flow->n_paths; i++) {
		const struct flow_path *fp = &talk->flow->paths[i];

		if (fp->back == back && first_alike(talk, fp) == i && n++ < MOST_WAYS)
			say_way(talk, fp);
	}
	return n > MOST_WAYS ? n - MOST_WAYS : 0;
}

static void say_ways(struct talk *talk)
{
	uint32_t more = say_direction(talk, false);

	more += say_direction(talk, true);
	if (!more)
		return;
	writer_line(talk->writer);
	writer_to(talk->writer, TEXT_INDENT);
	writer_count(talk->writer, more, "more way", "more ways");
	say(talk, "; -b path shows all");
	writer_line(talk->writer);
}

void text_flow_nat(struct writer *writer, const struct model *model, const struct flow *flow)
{
	struct talk talk = talk_of(writer, model, flow);

	say_nat(&talk);
}

void text_flow(struct writer *writer, const struct model *model, const struct flow *flow,
	       const struct finding_index *index)
{
	struct talk talk = talk_of(writer, model, flow);
	struct endpoints to;

	writer_line(writer);
	writer_begin(writer, SECTION_CASE, glyph_kind(flow_glyph(&talk.view)));
	say_conclusion(&talk);
	if (talk.view.nat.changed || talk.by_rule || destination_by_rule(&talk, &to)) {
		writer_to(writer, TEXT_INDENT);
		say_nat(&talk);
		writer_line(writer);
	}
	talk.alike = paths_alike(model, flow);
	say_ways(&talk);
	free(talk.alike);
	text_findings(writer, index, flow->no, TEXT_INDENT);
	writer_end(writer, SECTION_CASE);
}
