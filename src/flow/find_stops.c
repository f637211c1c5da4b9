/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_stops.c - rules and policies that stopped packets, and what just missed being accepted */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* struct stop - one path of one flow that ended at a rule or policy */
struct stop {
	const struct flow *flow;
	const struct flow_path *fp;
	struct decision d;
	struct hop_view hop;
};

struct stops {
	struct stop *at;
	size_t n;
	uint64_t packets; /* of all stops of all kinds */
};

static bool row_takes(const struct finding_row *row, const struct stop *stop)
{
	const char *id = "rule-drop";

	if (stop->d.outcome == OUTCOME_REJECTED)
		id = "reject";
	else if (stop->hop.kind == HOP_POLICY)
		id = "policy-drop";
	return !strcmp(row->id, id);
}

static int compare_str(struct str a, struct str b)
{
	int c = memcmp(a.n ? a.p : "", b.n ? b.p : "", a.n < b.n ? a.n : b.n);

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int by_place(const void *a, const void *b)
{
	const struct stop *x = a, *y = b;
	int c = (x->hop.family > y->hop.family) - (x->hop.family < y->hop.family);

	c = c ? c : compare_str(x->hop.table, y->hop.table);
	c = c ? c : compare_str(x->hop.chain, y->hop.chain);
	c = c ? c : (x->hop.kind > y->hop.kind) - (x->hop.kind < y->hop.kind);
	c = c ? c : (x->hop.rule > y->hop.rule) - (x->hop.rule < y->hop.rule);
	return c ? c : (x->hop.handle > y->hop.handle) - (x->hop.handle < y->hop.handle);
}

static int by_place_and_flow(const void *a, const void *b)
{
	const struct stop *x = a, *y = b;
	int c = by_place(a, b);

	return c ? c : (x->flow->no > y->flow->no) - (x->flow->no < y->flow->no);
}

static void stop_view(const struct model *m, struct stop *stop)
{
	if (stop->fp->sample)
		model_hop(m, stop->fp->sample, (size_t)stop->d.stop, &stop->hop);
	else
		model_path_hop(m, stop->flow, stop->fp->path, (size_t)stop->d.stop, &stop->hop);
}

static size_t paths_of_all(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < flows_slots(m->flows); i++)
		n += flows_at(m->flows, i) ? flows_at(m->flows, i)->n_paths : 0;
	return n;
}

static void collect_flow(const struct model *m, const struct finding_row *row,
			 const struct flow *flow, struct stops *stops)
{
	for (uint32_t k = 0; k < flow->n_paths; k++) {
		struct stop *stop = &stops->at[stops->n];

		if (!model_path_shown(m, flow, &flow->paths[k]))
			continue;
		*stop = (struct stop){ .flow = flow, .fp = &flow->paths[k] };
		model_decide_path(m, flow, stop->fp, &stop->d);
		if (outcome_stops(stop->d.outcome))
			stops->packets += stop->fp->packets;
		if (stop->d.stop < 0)
			continue;
		stop_view(m, stop);
		stops->n += row_takes(row, stop);
	}
}

static int collect(const struct model *m, const struct finding_row *row, struct stops *stops)
{
	*stops = (struct stops){ .at = calloc(paths_of_all(m) + 1, sizeof(*stops->at)) };
	if (!stops->at)
		return -ENOMEM;
	for (size_t i = 0; i < flows_slots(m->flows); i++)
		if (flows_at(m->flows, i))
			collect_flow(m, row, flows_at(m->flows, i), stops);
	qsort(stops->at, stops->n, sizeof(*stops->at), by_place_and_flow);
	return 0;
}

/* "filter FORWARD rule 3", "filter FORWARD policy" */
static struct str place_text(const struct hop_view *h)
{
	if (!h->chain.n)
		return text("the rule that logs \"%.*s\"", STR_ARG(h->prefix));
	if (h->kind == HOP_POLICY && h->by == BY_INFERRED && h->rule)
		return text("%.*s %.*s policy or rule %" PRIu32, STR_ARG(h->table),
			    STR_ARG(h->chain), h->rule);
	if (h->kind == HOP_POLICY || !h->rule)
		return text("%.*s %.*s %s", STR_ARG(h->table), STR_ARG(h->chain),
			    h->kind == HOP_POLICY ? "policy" : "rule");
	return text("%.*s %.*s rule %" PRIu32, STR_ARG(h->table), STR_ARG(h->chain), h->rule);
}

static struct str list_command(const struct hop_view *h)
{
	const struct chain *chain = h->meaning ? h->meaning->chain : NULL;
	bool nft = h->handle || h->family == FAMILY_INET ||
		   (chain && chain->table->backend == BACKEND_NFT &&
		    !(chain->table->flags & TABLE_IPTABLES_SYNTAX));

	if (nft)
		return text("nft -a list chain %s %.*s %.*s", family_name(h->family),
			    STR_ARG(h->table), STR_ARG(h->chain));
	return text("%s -t %.*s -L %.*s -n -v --line-numbers",
		    h->family == FAMILY_IP6 ? "ip6tables" : "iptables", STR_ARG(h->table),
		    STR_ARG(h->chain));
}

/* "inferred: filter FORWARD rule 3 was the last hop; had it ..." */
static struct str how_sure(const struct model *m, const struct stop *stop)
{
	char buf[512];
	struct str reason = model_reason(m, stop->fp->path, &stop->d, buf, sizeof(buf));
	const char *word = stop->d.certainty == CERTAINTY_INFERRED ? "inferred" : "sure";

	return text("%s: %.*s", word, STR_ARG(reason));
}

/* Stops [from, to) are of one place. */
static int add_stop(struct model *m, const struct finding_row *row, const struct stops *stops,
		    size_t from, size_t to)
{
	const struct stop *first = &stops->at[from];
	struct str place = place_text(&first->hop);
	uint64_t packets = 0, flows = 0;
	struct finding *f;

	for (size_t i = from; i < to; i++) {
		packets += stops->at[i].fp->packets;
		flows += i == from || stops->at[i].flow != stops->at[i - 1].flow;
	}
	f = finding_add(m, row,
			text("%.*s %s %" PRIu64 " packet%s of %" PRIu64 " flow%s: %.0f %% of all "
			     "stops.",
			     STR_ARG(place),
			     first->d.outcome == OUTCOME_REJECTED ? "rejected" : "dropped", packets,
			     plural(packets), flows, plural(flows),
			     100.0 * (double)packets / (double)stops->packets));
	text_free(place);
	if (!f)
		return -ENOMEM;
	f->flow = flows == 1 ? first->flow->no : 0;
	f->weight = packets;
	if (first->hop.text.n)
		finding_evidence(f, text("its text: %.*s", STR_ARG(first->hop.text)));
	finding_evidence(f, how_sure(m, first));
	if (first->hop.chain.n)
		finding_confirm(f, list_command(&first->hop));
	for (size_t i = from; i < to; i++)
		finding_packet(f, stops->at[i].fp->sample);
	return 0;
}

int draw_stops(struct model *m, const struct finding_row *row)
{
	struct stops stops;
	int err = collect(m, row, &stops);

	for (size_t i = 0, to; !err && i < stops.n; i = to) {
		for (to = i + 1; to < stops.n && !by_place(&stops.at[i], &stops.at[to]);)
			to++;
		err = add_stop(m, row, &stops, i, to);
	}
	free(stops.at);
	return err;
}

#define JUMPS_FOLLOWED 4

static bool accepts_somewhere(const struct chain *chain, unsigned int depth)
{
	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (rule->verdict == VERDICT_ACCEPT ||
		    (rule->to && depth < JUMPS_FOLLOWED && accepts_somewhere(rule->to, depth + 1)))
			return true;
	}
	return false;
}

/* The chain of the policy that dropped @stop, if it has rules that accept. */
static const struct chain *chain_with_accepts(const struct model *m, const struct stop *stop)
{
	const struct chain *chain =
		paths_hop(m->paths, stop->fp->path, (size_t)stop->d.stop).meaning->chain;

	return chain && accepts_somewhere(chain, 0) ? chain : NULL;
}

/* "tcp 1 → 2", "the answer of tcp 1 → 2", "an ICMP error about tcp 1 → 2" */
static struct str who_stopped(const struct stop *stop)
{
	struct str name = flow_name(stop->flow), s;
	const char *what = "";

	if (stop->fp->back)
		what = stop->fp->sample && stop->fp->sample->has_quoted ? "an ICMP error about "
									: "the answer of ";
	s = text("%s%.*s", what, STR_ARG(name));
	text_free(name);
	return s;
}

/* The accepting rules of @chain and of the chains that its rules would have sent the packet to. */
static void list_misses(const struct model *m, const struct stop *stop, const struct chain *chain,
			struct finding *f, unsigned int depth)
{
	const struct packet *p = stop->fp->sample;

	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (rule->verdict == VERDICT_ACCEPT)
			finding_evidence(f, near_miss_text(m, p, (size_t)stop->d.stop, rule));
		else if (rule->to && depth < JUMPS_FOLLOWED &&
			 packet_rule_match(m, p, (size_t)stop->d.stop, rule, 0, NULL) != MATCH_NO)
			list_misses(m, stop, rule->to, f, depth + 1);
	}
}

static int add_near_misses(struct model *m, const struct finding_row *row, const struct stop *stop,
			   const struct chain *chain)
{
	struct str who = who_stopped(stop);
	struct finding *f = finding_add(
		m, row,
		text("%.*s reached the policy of %.*s %.*s: no rule that accepts fitted it.",
		     STR_ARG(who), STR_ARG(stop->hop.table), STR_ARG(chain->name)));

	text_free(who);
	if (!f)
		return -ENOMEM;
	f->flow = stop->flow->no;
	finding_packet(f, stop->fp->sample);
	list_misses(m, stop, chain, f, 0);
	return 0;
}

int draw_near_misses(struct model *m, const struct finding_row *row)
{
	static const struct finding_row policy = { "policy-drop", SEVERITY_ERROR, NULL };
	struct stops stops;
	int err = collect(m, &policy, &stops);
	size_t n = 0;

	for (size_t i = 0; !err && i < stops.n && n < ONE_KIND_MAX; i++) {
		const struct stop *stop = &stops.at[i];
		const struct chain *chain = chain_with_accepts(m, stop);

		if (!chain || !stop->fp->sample || (i && stops.at[i - 1].flow == stop->flow))
			continue;
		err = add_near_misses(m, row, stop, chain);
		n++;
	}
	free(stops.at);
	return err;
}
