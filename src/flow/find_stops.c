/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_stops.c - rules and policies that stopped packets */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/grow.h"

#define CASES	1024
#define NO_SPOT UINT32_MAX

/* struct stop - one path of one flow that ended at a rule or policy */
struct stop {
	const struct flow *flow;
	const struct flow_path *fp;
	struct decision d;
	struct hop_view hop;
};

/* struct lowest - paths with a sample, those of the flows with the lowest numbers */
struct lowest {
	struct {
		const struct flow *flow;
		const struct flow_path *fp;
	} at[FINDING_PACKETS];
	size_t n;
};

/**
 * struct spot - all stops at one place
 * @first: of the flow with the lowest number
 * @last: the flow that was counted last
 * @asked, @asked_packets: of them, those that are no housekeeping
 * @explained: packets of which another finding says why they were stopped
 * @senders: what brought packets there
 * @all: of every path; @flow_first: of the first path of an @asked flow that ends here; where a
 *	filter says what is wanted, of every flow
 */
struct spot {
	const char *id;
	struct stop first;
	const struct flow *last;
	uint64_t packets, flows, asked, asked_packets, explained;
	struct lowest all, flow_first;
	struct senders senders;
};

/**
 * struct stop_case - paths of which the same is said
 * @counts: their packets were stopped; @unknown: or may have been
 */
struct stop_case {
	bool known, counts, unknown;
	uint32_t path, spot;
	uint16_t flags, scope;
	uint8_t family;
};

/**
 * struct stops - where packets were stopped
 * @packets: of all stops of all kinds; @unknown: there are packets that may have been stopped, too
 */
struct stops {
	struct spot *spots;
	size_t n, cap;
	uint64_t packets;
	bool unknown;
	struct stop_case cases[CASES];
};

static const char *row_of(const struct stop *stop)
{
	if (stop->d.outcome == OUTCOME_REJECTED)
		return "reject";
	return stop->hop.kind == HOP_POLICY ? "policy-drop" : "rule-drop";
}

static int by_place(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;

	int c = hop_compare_rule(&x->first.hop, &y->first.hop);

	return c ? c : (int)x->first.flow->scope - (int)y->first.flow->scope;
}

void stop_hop(const struct model *m, const struct flow *flow, const struct flow_path *fp,
	      const struct decision *d, struct hop_view *hop)
{
	if (fp->sample)
		model_hop(m, fp->sample, (size_t)d->stop, hop);
	else
		model_path_hop(m, flow, fp->path, (size_t)d->stop, hop);
}

static void stop_view(const struct model *m, struct stop *stop)
{
	model_decide_path(m, stop->flow, stop->fp, &stop->d);
	if (stop->d.stop >= 0)
		stop_hop(m, stop->flow, stop->fp, &stop->d, &stop->hop);
}

static bool is_spot(const struct spot *spot, const struct stop *stop)
{
	return spot->id == row_of(stop) && spot->first.flow->scope == stop->flow->scope &&
	       !hop_compare_rule(&spot->first.hop, &stop->hop);
}

/* spot_add - the number of the spot of @stop; NO_SPOT if there is no memory */
static uint32_t spot_add(struct stops *stops, const struct stop *stop)
{
	struct spot *spots;

	for (size_t i = 0; i < stops->n; i++)
		if (is_spot(&stops->spots[i], stop))
			return (uint32_t)i;
	spots = array_grow(stops->spots, stops->n, &stops->cap, sizeof(*spots));
	if (!spots)
		return NO_SPOT;
	stops->spots = spots;
	spots[stops->n] = (struct spot){ .id = row_of(stop), .first = *stop };
	return (uint32_t)stops->n++;
}

/* case_of - many flows share a path: where its packets were stopped is asked once */
static const struct stop_case *case_of(const struct model *m, struct stops *stops,
				       const struct flow *flow, const struct flow_path *fp)
{
	struct stop_case *c = &stops->cases[(fp->path * 31 + fp->flags * 7 + flow->scope) % CASES];
	struct stop stop = { .flow = flow, .fp = fp };

	if (c->known && c->path == fp->path && c->flags == fp->flags && c->scope == flow->scope &&
	    c->family == flow->there.family)
		return c;
	stop_view(m, &stop);
	*c = (struct stop_case){
		.known = true,
		.counts = outcome_stops(stop.d.outcome),
		.unknown = stop.d.outcome == OUTCOME_UNKNOWN,
		.path = fp->path,
		.spot = stop.d.stop < 0 ? NO_SPOT : spot_add(stops, &stop),
		.flags = fp->flags,
		.scope = flow->scope,
		.family = flow->there.family,
	};
	if (c->spot != NO_SPOT)
		senders_add(&stops->spots[c->spot].senders, m, fp->path, (size_t)stop.d.stop);
	return c;
}

static void lowest_add(struct lowest *low, const struct flow *flow, const struct flow_path *fp)
{
	size_t i = low->n;

	if (!fp->sample ||
	    (i == FINDING_PACKETS && flow->no >= low->at[FINDING_PACKETS - 1].flow->no))
		return;
	i = i == FINDING_PACKETS ? i - 1 : low->n++;
	for (; i && low->at[i - 1].flow->no > flow->no; i--)
		low->at[i] = low->at[i - 1];
	low->at[i].flow = flow;
	low->at[i].fp = fp;
}

static void spot_count(const struct model *m, struct spot *spot, const struct flow *flow,
		       const struct flow_path *fp)
{
	bool asked = !model_is_housekeeping(m, flow);

	spot->packets += fp->packets;
	spot->asked_packets += asked ? fp->packets : 0;
	lowest_add(&spot->all, flow, fp);
	if (spot->last == flow)
		return;
	spot->flows++;
	spot->asked += asked;
	spot->last = flow;
	if (asked || m->config.filter.packet)
		lowest_add(&spot->flow_first, flow, fp);
	if (flow->no < spot->first.flow->no) {
		spot->first.flow = flow;
		spot->first.fp = fp;
	}
}

static void collect_flow(const struct model *m, const struct flow *flow, struct stops *stops)
{
	for (uint32_t k = 0; k < flow->n_paths; k++) {
		const struct flow_path *fp = &flow->paths[k];
		const struct stop_case *c;

		if (!model_path_shown(m, flow, fp))
			continue;
		c = case_of(m, stops, flow, fp);
		if (c->counts)
			stops->packets += fp->packets;
		stops->unknown |= c->unknown;
		if (c->spot != NO_SPOT)
			spot_count(m, &stops->spots[c->spot], flow, fp);
	}
}

/* collect - once for all rows; not before the rule set was tested, which decisions depend on */
static int collect(struct model *m)
{
	struct stops *stops = m->stops ? m->stops : calloc(1, sizeof(*stops));

	if (!stops)
		return -ENOMEM;
	if (m->stops)
		return 0;
	m->stops = stops;
	for (size_t i = 0; i < flows_slots(m->flows); i++)
		if (flows_at(m->flows, i))
			collect_flow(m, flows_at(m->flows, i), stops);
	for (size_t i = 0; i < stops->n; i++)
		stop_view(m, &stops->spots[i].first);
	if (stops->n)
		qsort(stops->spots, stops->n, sizeof(*stops->spots), by_place);
	return 0;
}

uint32_t stop_explained(struct model *m, const struct flow *flow, const struct flow_path *fp)
{
	struct stop stop = { .flow = flow, .fp = fp };

	if (!m->stops || !model_path_shown(m, flow, fp))
		return 0;
	stop_view(m, &stop);
	for (size_t i = 0; stop.d.stop >= 0 && i < m->stops->n; i++) {
		struct spot *spot = &m->stops->spots[i];

		if (!is_spot(spot, &stop))
			continue;
		spot->explained += fp->packets;
		return (uint32_t)i + 1;
	}
	return 0;
}

static uint64_t weight_of(const struct spot *spot)
{
	return spot->asked ? spot->asked_packets : spot->packets;
}

void stops_lead(struct model *m)
{
	for (size_t i = 0; m->stops && i < m->n_findings; i++) {
		struct finding *f = &m->findings[i];
		const struct spot *spot = f->stop ? &m->stops->spots[f->stop - 1] : NULL;

		if (!spot || spot->explained * 2 < weight_of(spot))
			continue;
		f->weight = weight_of(spot);
		f->leads = true;
	}
}

void stops_free(struct stops *stops)
{
	if (stops)
		free(stops->spots);
	free(stops);
}

static void confirm_stop(const struct model *m, const struct hop_view *h, struct finding *f)
{
	const struct chain *chain = h->meaning ? h->meaning->chain : NULL;
	bool six = h->family == FAMILY_IP6;
	bool iptables = chain && (chain->table->flags & TABLE_IPTABLES_SYNTAX);
	bool nft = h->nft || (chain && chain->table->backend == BACKEND_NFT);
	const char *tool = nft ? six ? "ip6tables-nft" : "iptables-nft"
			       : iptables_tool(m, h->family);

	if (h->handle || (nft && !iptables))
		tool = NULL;
	if (!nft && table_find(h->table) == TABLE_MAX) { /* a prefix names it: of firewalld, fw4 */
		finding_confirm(f, text("nft -a list ruleset"));
		return;
	}
	confirm_list(f, tool, h->family, h->table, h->chain);
}

/* "inferred: filter FORWARD rule 3 was the last hop; had it ..." */
static struct str how_sure(const struct model *m, const struct stop *stop)
{
	char buf[512];
	struct str reason = model_reason(m, stop->fp->path, &stop->d, buf, sizeof(buf));
	const char *word = stop->d.certainty == CERTAINTY_INFERRED ? "inferred" : "sure";

	return text("%s: %.*s", word, STR_ARG(reason));
}

/* Is it known that more came than what is counted? Then so may stops have. */
static bool some_is_missing(const struct model *m)
{
	return m->n_gaps || m->stats.lost || m->stats.malformed || m->stats.unended ||
	       model_left_out(m);
}

/* The trace's own text, where it prints one, is not the rule set's. */
static const char *set_words(const struct model *m, const struct hop_view *hop)
{
	if (!hop->meaning || !hop->meaning->rule)
		return "";
	if (m->wrong_rules)
		return " in the rule set given, which is another";
	return m->unlike_texts ? " in the rule set given, which may be another" : "";
}

/* "filter WEB rule 2", "A rule of filter net-fw", `What was logged with "X" was` */
static struct str what_stopped(const struct hop_view *hop)
{
	char place[512];

	if (hop_only_logs(hop)) {
		hop_logged(hop, place, sizeof(place));
		return text("What was %s was", place);
	}
	hop_place(hop, place, sizeof(place));
	if (hop->kind == HOP_LOG && !hop->rule)
		place[0] = 'A';
	return text("%s", place);
}

static int add_stop(struct model *m, const struct finding_row *row, const struct spot *spot)
{
	const struct stop *first = &spot->first;
	bool missing = some_is_missing(m);
	bool logged = hop_only_logs(&first->hop);
	struct str what = what_stopped(&first->hop);
	struct finding *f;

	f = finding_add(
		m, row,
		text("%.*s %s%s %s%s packet%s of %s flow%s: %.0f %% of all %sstops.", STR_ARG(what),
		     first->d.outcome == OUTCOME_REJECTED ? "rejected" : "dropped",
		     logged ? ":" : "", missing ? "at least " : "", number_text(spot->packets).s,
		     plural(spot->packets), number_text(spot->flows).s, plural(spot->flows),
		     100.0 * (double)spot->packets / (double)m->stops->packets,
		     m->stops->unknown || missing ? "known " : ""));
	text_free(what);
	if (!f)
		return -ENOMEM;
	f->flow = spot->flows == 1 ? first->flow->no : 0;
	f->host = first->flow->host;
	f->weight = weight_of(spot);
	if (!spot->asked)
		f->severity = SEVERITY_INFO;
	if (first->hop.text.n && !hop_known_by_text(&first->hop))
		finding_evidence(f, text("%s text%s: %.*s", logged ? "that rule's" : "its",
					 set_words(m, &first->hop), STR_ARG(first->hop.text)));
	senders_tell(m, &spot->senders, spot->packets > 1, f);
	finding_evidence(f, how_sure(m, first));
	if (first->hop.chain.n) {
		confirm_stop(m, &first->hop, f);
		confirm_by_tool(f, &first->hop);
	}
	for (size_t i = 0; i < spot->all.n; i++)
		finding_packet(f, spot->all.at[i].fp->sample);
	return 0;
}

int draw_stops(struct model *m, const struct finding_row *row)
{
	int err = collect(m);

	for (size_t i = 0; !err && i < m->stops->n; i++)
		if (!strcmp(m->stops->spots[i].id, row->id))
			err = add_stop(m, row, &m->stops->spots[i]);
	return err;
}

/* "tcp 1 → 2", "the answer of tcp 1 → 2", "an ICMP error about tcp 1 → 2" */
static struct str who_stopped(const struct stop *stop)
{
	struct str name = flow_name(stop->flow), s;
	const char *what = stop->fp->back ? "the answer of " : "";

	if (stop->fp->sample && stop->fp->sample->has_quoted)
		what = "an ICMP error about ";
	s = text("%s%.*s", what, STR_ARG(name));
	text_free(name);
	return s;
}

static int add_near_misses(struct model *m, const struct finding_row *row, const struct stop *stop)
{
	bool policy = stop->hop.kind == HOP_POLICY;
	struct str who = who_stopped(stop);
	char place[512];
	struct finding *f;

	if (policy)
		snprintf(place, sizeof(place), "%.*s%s%.*s %.*s", STR_ARG(stop->hop.apart),
			 stop->hop.apart.n ? " " : "", STR_ARG(stop->hop.table),
			 STR_ARG(stop->hop.chain));
	else
		hop_place(&stop->hop, place, sizeof(place));
	f = finding_add(m, row,
			text("%.*s reached %s%s%s: no rule that accepts fitted it.", STR_ARG(who),
			     policy ? "the policy of " : "", place,
			     policy ? "" : ", which takes the rest"));
	text_free(who);
	if (!f)
		return -ENOMEM;
	f->flow = stop->flow->no;
	finding_packet(f, stop->fp->sample);
	list_near_misses(m, stop->fp->sample, (size_t)stop->d.stop, f);
	return 0;
}

int draw_near_misses(struct model *m, const struct finding_row *row)
{
	int err = collect(m);
	size_t n = 0;

	for (size_t i = 0; !err && i < m->stops->n; i++) {
		const struct spot *spot = &m->stops->spots[i];

		for (size_t k = 0; k < spot->flow_first.n && n < ONE_KIND_MAX && !err; k++) {
			struct stop stop = { .flow = spot->flow_first.at[k].flow,
					     .fp = spot->flow_first.at[k].fp };

			stop_view(m, &stop);
			if (stop.d.stop < 0 ||
			    !was_left_over(m, stop.fp->path, (size_t)stop.d.stop))
				continue;
			err = add_near_misses(m, row, &stop);
			n++;
		}
	}
	return err;
}
