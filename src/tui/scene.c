// SPDX-License-Identifier: GPL-2.0-or-later
/* scene.c - what is looked at, found again in the model by its numbers; and words for it */
#include <inttypes.h>

#include "nfhop/format.h"
#include "nfhop/own.h"

#include "view.h"

/* The way of @flow that a subject means, if the flow still has it. */
static const struct flow_path *find_way(const struct flow *flow, const struct subject *s)
{
	for (uint32_t i = 0; s->way && i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		if (fp->path == s->path && fp->flags == s->flags && fp->back == s->back)
			return fp;
	}
	return NULL;
}

/* The way that says most: of the answer, if it is the answer that has trouble. */
static const struct flow_path *main_way(const struct flow_view *view)
{
	const struct flow_path *there = view->newest, *back = view->newest_back;

	if (back && (view->state == FLOW_REPLY_STOPPED || view->state == FLOW_REPLY_NOT_UNNATTED))
		return back;
	if (!there || !back)
		return there ? there : back;
	return view->decision.outcome == OUTCOME_UNKNOWN ? back : there;
}

struct subject subject_of(const struct told *told)
{
	const struct flow_path *fp = main_way(&told->view);
	struct subject s = { .flow = told->flow->no };

	if (fp) {
		s.way = true;
		s.path = fp->path;
		s.flags = fp->flags;
		s.back = fp->back;
	}
	return s;
}

static void packet_scene(const struct model *model, struct scene *scene)
{
	const struct packet *p = scene->packet;

	scene->back = p->flags & PACKET_BACK;
	scene->way = (struct way){ scene->flow, p->path, p };
	model_decide(model, p, &scene->d);
}

static void way_scene(const struct model *model, struct scene *scene)
{
	scene->packet = scene->fp->sample;
	scene->back = scene->fp->back;
	scene->way = way_of(scene->flow, scene->fp);
	model_decide_path(model, scene->flow, scene->fp, &scene->d);
}

bool scene_of(const struct model *model, const struct subject *s, struct scene *scene)
{
	*scene = (struct scene){ .flow = model_flow_by_no(model, s->flow) };
	if (s->packet)
		scene->packet = packet_by_seq(model, s->packet);
	if (scene->packet)
		scene->flow = model_flow_of(model, scene->packet);
	scene->gone = s->packet && !scene->packet;
	if (scene->flow)
		scene->fp = find_way(scene->flow, s);
	if (scene->packet)
		packet_scene(model, scene);
	else if (scene->fp)
		way_scene(model, scene);
	else
		return false;
	scene->n_hops = way_length(model, &scene->way);
	scene->hop = s->hop < scene->n_hops ? s->hop : 0;
	return scene->n_hops > 0;
}

/*
 * Of a packet that got through: the last rule of FORWARD or INPUT, which let it pass. Our own
 * table decides nothing.
 */
static size_t passing_hop(const struct model *model, const struct scene *scene)
{
	size_t found = scene->n_hops, traced = scene->n_hops;

	for (size_t i = 0; i < scene->n_hops; i++) {
		struct hop_view hop;

		way_hop(model, &scene->way, i, &hop);
		if (is_own_table(hop.family, hop.table))
			continue;
		if (hop.kind != HOP_LOG && traced == scene->n_hops)
			traced = i;
		if (hop.kind == HOP_RULE && (hop.hook == HOOK_FORWARD || hop.hook == HOOK_INPUT))
			found = i;
	}
	if (found < scene->n_hops)
		return found;
	return traced < scene->n_hops ? traced : 0;
}

size_t scene_end(const struct model *model, const struct scene *scene)
{
	if (outcome_passes(scene->d.outcome))
		return passing_hop(model, scene);
	return scene->d.stop >= 0 ? (size_t)scene->d.stop : scene->n_hops - 1;
}

void text_short_rule(struct writer *writer, const struct hop_view *hop)
{
	bool sure = hop->by == BY_RULESET || hop->by == BY_TRACE;

	if (hop->kind == HOP_RULE && hop->rule)
		writer_format(writer, "%" PRIu32, hop->rule);
	else if (hop->kind == HOP_POLICY && hop->rule && !sure)
		writer_format(writer, "policy or %" PRIu32, hop->rule);
	else
		text_rule(writer, hop);
}

void text_short_place(struct writer *writer, const struct hop_view *hop)
{
	if (!hop->table.n || hop->kind == HOP_LOG) {
		text_place(writer, hop);
		return;
	}
	text_table(writer, hop);
	writer_word(writer, " ");
	writer_text(writer, hop->chain);
	writer_word(writer, " ");
	text_short_rule(writer, hop);
}

void text_spot(struct writer *writer, const struct hop_view *hop)
{
	bool named = hop->hook != HOOK_NONE && str_eq(hop->chain, str_from(hook_title(hop->hook)));

	text_hook(writer, hop);
	writer_word(writer, " ");
	if (!hop->table.n || hop->kind == HOP_LOG) {
		writer_word(writer, "LOG ");
		writer_text(writer, hop->prefix);
		return;
	}
	text_table(writer, hop);
	writer_word(writer, " ");
	writer_text(writer, named ? STR("") : hop->chain);
	writer_word(writer, named ? "" : " ");
	text_short_rule(writer, hop);
}

static void text_ended(struct writer *writer, const struct model *model, const struct way *way,
		       const struct decision *d)
{
	bool stops = d->outcome == OUTCOME_DROPPED || d->outcome == OUTCOME_REJECTED;
	struct hop_view hop;

	if (stops && d->stop >= 0) {
		way_hop(model, way, (size_t)d->stop, &hop);
		text_short_place(writer, &hop);
	} else if (d->outcome == OUTCOME_UNKNOWN) {
		writer_word(writer, "not known");
	} else if (d->outcome == OUTCOME_QUEUED) {
		writer_word(writer, way_taking(model, way)->brief);
	} else {
		text_outcome(writer, model, way, d);
	}
}

static void text_answer(struct writer *writer, const struct model *model, const struct flow *flow,
			const struct flow_path *fp)
{
	struct decision d;
	struct way way;

	writer_word(writer, "answer: ");
	if (!fp)
		return;
	way = way_of(flow, fp);
	model_decide_path(model, flow, fp, &d);
	text_ended(writer, model, &way, &d);
}

/* "filter WEB 2, 2 of 9": what became of the packets that fit, where others fared otherwise. */
static void text_fit(struct writer *writer, const struct model *model, const struct told *told)
{
	struct way way = way_of(told->flow, told->fit);

	if (told->fit->back)
		writer_word(writer, told->fit->flags & PACKET_ERROR ? "back: " : "answer: ");
	text_ended(writer, model, &way, &told->view.decision);
	if (told->alike < told->all)
		writer_format(writer, ", %s of %s", number_text(told->alike).s,
			      number_text(told->all).s);
}

void text_where(struct writer *writer, const struct model *model, const struct told *told)
{
	static const char *const words[FLOW_STATE_MAX] = {
		[FLOW_TWO_WAY] = "both ways",
		[FLOW_NO_REPLY] = "no answer",
		[FLOW_REPLY_NOT_UNNATTED] = "answer not turned back",
		[FLOW_ONE_WAY_TRACE] = "answers not traced",
	};
	static const char *const refused[] = {
		[REFUSED_NOT_KNOWN] = "refused",
		[REFUSED_HERE] = "refused by this host",
		[REFUSED_BY_TARGET] = "refused by the far side",
		[REFUSED_ON_WAY] = "refused on the way",
	};
	const struct flow *flow = told->flow;
	const struct flow_view *view = &told->view;
	const struct flow_path *fp = view->newest ? view->newest : view->newest_back;
	uint64_t lost = view->lost[0] + view->lost[1];
	struct refusal refusal;
	struct way way;

	if (told->fit) {
		text_fit(writer, model, told);
	} else if (view->state == FLOW_REPLY_STOPPED) {
		text_answer(writer, model, flow, view->newest_back);
	} else if (view->state == FLOW_ONE_WAY_TRACE && flow->packets[1]) {
		writer_word(writer, "requests not traced");
	} else if (view->state == FLOW_REFUSED) {
		refusal = model_refusal(model, flow);
		writer_word(writer, refusal.midway ? "reset" : refused[refusal.by]);
	} else if (words[view->state]) {
		writer_word(writer, words[view->state]);
		if (view->ended[0] || view->ended[1])
			writer_format(writer, ", %s did not",
				      number_text(view->ended[0] + view->ended[1]).s);
	} else if (fp) {
		way = way_of(flow, fp);
		text_ended(writer, model, &way, &view->decision);
	}
	if (lost && view->decision.outcome != OUTCOME_UNKNOWN)
		writer_format(writer, ", %s not known", number_text(lost).s);
}

void text_stamp(struct writer *writer, const struct stamp *stamp)
{
	if (stamp->have & STAMP_WALL)
		writer_format(writer, "%s%s", format_clock(stamp).s, format_subsecond(stamp).s);
	else if (stamp->have & STAMP_UP)
		writer_format(writer, "%s", format_uptime(stamp).s);
}

void text_size(struct writer *writer, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double size = (double)bytes;
	size_t unit = 0;

	while (size >= 1024 && unit + 1 < sizeof(units) / sizeof(*units)) {
		size /= 1024;
		unit++;
	}
	writer_format(writer, size < 10 && unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}
