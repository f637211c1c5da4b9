/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * coverage.c - which rules were met, how often and by whom, and which never
 *
 * Packets are gone when this is asked, but each flow has counts for each path, and a path's hops
 * know their rules. So all is summed up from paths. A rule that nobody met may be shadowed: for
 * that the packets that are kept as samples of their paths are held against its conditions, where
 * an earlier rule of its chain took them.
 */
#include "nfhop/coverage.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/grow.h"
#include "nfhop/own.h"
#include "nfhop/passed.h"
#include "nfhop/trace.h"
#include "lineage.h"
#include "shadow.h"

static struct coverage_row *row_add(struct coverage *c)
{
	struct coverage_row *rows = array_grow(c->rows, c->n, &c->cap, sizeof(*rows));

	if (!rows)
		return NULL;
	c->rows = rows;
	c->rows[c->n] = (struct coverage_row){ 0 };
	return &c->rows[c->n++];
}

static int add_kin(struct coverage *c, const struct model *m, const struct lineage *l, size_t i)
{
	struct coverage_row *row = row_add(c);
	const struct kin *kin = &l->kin[i];
	const struct rule *rule = kin->rule;

	if (!row)
		return -ENOMEM;
	row->rule = rule;
	row->chain = kin->chain;
	row->family = kin->chain->table->family;
	row->table = kin->chain->table->name;
	row->chain_name = kin->chain->name;
	row->kind = rule ? HOP_RULE : HOP_POLICY;
	row->gone = i >= l->n_now;
	row->place = row->gone ? kin->beside : i;
	if (kin->first)
		model_rules_at(m, kin->first, &row->since);
	if (kin->last + 1 < l->n_sets)
		model_rules_at(m, kin->last + 1, &row->until);
	if (!rule)
		return 0;
	row->number = rule->number;
	row->handle = rule->flags & RULE_HANDLE ? rule->handle : 0;
	row->text = rule->text;
	return 0;
}

/* The row of a rule has its number in the lineage. */
static int add_rulesets(struct coverage *c, const struct model *m, const struct lineage *l)
{
	int err = 0;

	for (size_t i = 0; i < l->n && !err; i++)
		err = add_kin(c, m, l, i);
	return err;
}

static bool is_row(const struct coverage_row *row, const struct hop_view *hop)
{
	return !row->chain && row->family == hop->family && row->kind == hop->kind &&
	       row->number == hop->rule && row->handle == hop->handle &&
	       str_eq(row->table, hop->table) && str_eq(row->chain_name, hop->chain) &&
	       rule_text_same(row->text, hop->text);
}

static struct coverage_row *row_find(struct coverage *c, const struct lineage *l,
				     const struct hop_view *hop)
{
	const struct hop_meaning *meaning = hop->meaning;
	size_t known = LINEAGE_NONE;
	struct coverage_row *row;

	if (meaning->rule || (meaning->chain && meaning->is == HOP_IS_POLICY))
		known = lineage_of(l, meaning->chain, meaning->rule);
	if (known != LINEAGE_NONE)
		return &c->rows[known];
	for (size_t i = l->n; i < c->n; i++)
		if (is_row(&c->rows[i], hop))
			return &c->rows[i];
	row = row_add(c);
	if (!row)
		return NULL;
	row->family = hop->family;
	row->table = hop->table;
	row->chain_name = hop->chain;
	row->kind = hop->kind;
	row->number = hop->rule;
	row->handle = hop->handle;
	row->text = hop->text;
	row->place = LINEAGE_NONE;
	return row;
}

/* A rule or a policy; the end of a chain decides nothing, a log line without its rule is nobody's.
 */
static bool is_counted(const struct hop_view *hop)
{
	if (hop->kind == HOP_LOG)
		return hop->meaning->rule;
	return hop->chain.n && !is_own_table(hop->family, hop->table) &&
	       (hop->kind == HOP_RULE || hop->kind == HOP_POLICY);
}

/**
 * struct step_row - what one path met
 * @row: number of the row; @hits: by trace events, @logs: by LOG lines, which say it again
 */
struct step_row {
	size_t row;
	uint32_t hits, logs;
};

/**
 * struct path_rows - the rows of one path, made when the path is first asked for
 * @packets: of all flows; @unsure: took it if what belongs together was told apart rightly
 */
struct path_rows {
	struct step_row *rows;
	size_t n;
	uint64_t packets, unsure;
	bool made;
};

static int path_make(struct coverage *c, const struct model *m, const struct lineage *l,
		     uint32_t path, struct path_rows *rows)
{
	size_t n = model_path_length(m, path);

	rows->made = true;
	rows->rows = calloc(n + 1, sizeof(*rows->rows));
	if (!rows->rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct coverage_row *row;
		struct hop_view hop;
		size_t k = 0;

		model_path_step(m, path, i, &hop);
		if (!is_counted(&hop))
			continue;
		row = row_find(c, l, &hop);
		if (!row)
			return -ENOMEM;
		while (k < rows->n && rows->rows[k].row != (size_t)(row - c->rows))
			k++;
		rows->n += k == rows->n;
		rows->rows[k].row = (size_t)(row - c->rows);
		rows->rows[k].hits += hop.kind != HOP_LOG;
		rows->rows[k].logs += hop.kind == HOP_LOG;
	}
	return 0;
}

/* @apart: of several hosts, which have but their clocks in common */
static void count(struct coverage_row *row, const struct step_row *step, const struct flow *flow,
		  const struct flow_path *fp, bool apart)
{
	row->hits += (uint64_t)fp->packets * (step->hits ? step->hits : step->logs);
	row->packets += fp->packets;
	row->flows += row->last_flow != flow->no;
	row->last_flow = flow->no;
	span_add(&row->when, &fp->first, &fp->last, apart);
}

/* struct paths_rows - by number of the path */
struct paths_rows {
	struct path_rows *at;
	size_t n;
	const struct lineage *lineage;
};

static struct path_rows *rows_of(struct paths_rows *paths, uint32_t path)
{
	size_t cap = paths->n ? paths->n : 64;
	struct path_rows *at;

	while (cap <= path)
		cap *= 2;
	if (path >= paths->n) {
		at = realloc(paths->at, cap * sizeof(*at));
		if (!at)
			return NULL;
		memset(at + paths->n, 0, (cap - paths->n) * sizeof(*at));
		paths->at = at;
		paths->n = cap;
	}
	return &paths->at[path];
}

static int count_path(struct coverage *c, const struct model *m, const struct flow *flow,
		      const struct flow_path *fp, struct paths_rows *paths)
{
	struct path_rows *rows = rows_of(paths, fp->path);
	int err = rows && !rows->made ? path_make(c, m, paths->lineage, fp->path, rows) : 0;
	bool apart = model_hosts(m, NULL, 0) > 1;

	if (!rows || err)
		return -ENOMEM;
	for (size_t i = 0; i < rows->n; i++)
		count(&c->rows[rows->rows[i].row], &rows->rows[i], flow, fp, apart);
	if (fp->flags & (PACKET_AMBIGUOUS | PACKET_MID_GAP | PACKET_STALE))
		rows->unsure += fp->packets;
	else
		rows->packets += fp->packets;
	return 0;
}

/* struct passage - packets of one path, which is number @path + 1 */
struct passage {
	struct coverage *c;
	const struct lineage *lineage;
	const struct path_rows *rows;
	size_t path;
};

static void take_passage(void *who, const struct chain *chain, uint32_t last, bool further)
{
	struct passage *passage = who;
	struct coverage *c = passage->c;
	const size_t *known = lineage_chain(passage->lineage, chain);

	for (uint32_t i = 0; known && i < chain->n_rules; i++) {
		struct coverage_row *row = &c->rows[known[i]];
		bool came = i < last;

		if (came && row->last_path != passage->path)
			row->passed_over += passage->rows->packets;
		if (came)
			row->last_path = passage->path;
		row->unsure |= passage->rows->unsure || (!came && further);
		row->beside = true;
	}
}

/* A packet that was only logged shows neither what it came to before nor what it did behind. */
static void take_passages(struct coverage *c, const struct model *m, const struct paths_rows *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		struct passage passage = { c, paths->lineage, &paths->at[i], i + 1 };

		if (!paths->at[i].made)
			continue;
		if (!model_path_traced(m, (uint32_t)i)) {
			c->logged = true;
			continue;
		}
		c->traced = true;
		passed_walk(m, (uint32_t)i, &(struct passed_to){ take_passage, &passage });
	}
}

/* each_path - every path of every flow that is shown */
static int each_path(struct coverage *c, const struct model *m, void *who,
		     int (*take)(struct coverage *c, const struct model *m, const struct flow *flow,
				 const struct flow_path *fp, void *who))
{
	int err = 0;

	for (size_t i = 0; i < model_flow_count(m) && !err; i++) {
		const struct flow *flow = model_flow_at(m, i);

		for (uint32_t k = 0; flow && k < flow->n_paths && !err; k++)
			if (model_path_shown(m, flow, &flow->paths[k]))
				err = take(c, m, flow, &flow->paths[k], who);
	}
	return err;
}

static int take_count(struct coverage *c, const struct model *m, const struct flow *flow,
		      const struct flow_path *fp, void *who)
{
	return count_path(c, m, flow, fp, who);
}

static int count_all(struct coverage *c, const struct model *m, const struct lineage *l)
{
	struct paths_rows paths = { .lineage = l };
	int err = each_path(c, m, &paths, take_count);

	if (!err)
		take_passages(c, m, &paths);
	for (size_t i = 0; i < paths.n; i++)
		free(paths.at[i].rows);
	free(paths.at);
	return err;
}

/* ---- why never ---- */

/* struct shadows - where they are looked for */
struct shadows {
	const struct lineage *lineage;
	const struct flow_path *fp;
};

/* The packets of @fp were taken by @taker, a rule before @row's: did they fit that one, which was
 * @rule then, too? */
static void shadow(struct coverage_row *row, const struct model *m, const struct flow_path *fp,
		   size_t hop, const struct rule *rule, const struct rule *taker)
{
	struct rule_miss miss;
	char buf[128];

	if (model_fit(m, fp->sample, hop, rule, &miss, buf, sizeof(buf)) != MATCH_YES)
		return;
	row->never = NEVER_SHADOWED;
	row->by_packets += fp->packets;
	if (!row->by || fp->packets > row->taken) {
		row->by = taker;
		row->taken = fp->packets;
	}
}

/* The packets of the path did not come further than @taker in its chain. */
static void shadow_behind(struct coverage *c, const struct model *m, const struct shadows *s,
			  size_t hop, const struct rule *taker)
{
	const size_t *known = lineage_chain(s->lineage, taker->chain);
	const struct coverage_row *by = known ? &c->rows[known[taker->number - 1]] : NULL;

	for (uint32_t i = taker->number; by && !by->gone && i < taker->chain->n_rules; i++) {
		struct coverage_row *row = &c->rows[known[i]];

		if (!row->packets && !row->gone)
			shadow(row, m, s->fp, hop, &taker->chain->rules[i], by->rule);
	}
}

/* What ends a packet's way through a user chain's callers, too: those took it by their jumps. */
static void shadow_callers(struct coverage *c, const struct model *m, const struct shadows *s,
			   size_t i, unsigned int depth)
{
	struct hop_view hop;

	while (i-- && depth) {
		model_path_step(m, s->fp->path, i, &hop);
		if (hop.depth >= depth)
			continue;
		if (hop.meaning->rule && hop.verdict == VERDICT_JUMP)
			shadow_behind(c, m, s, i, hop.meaning->rule);
		depth = hop.depth;
	}
}

static int take_shadows(struct coverage *c, const struct model *m, const struct flow *flow,
			const struct flow_path *fp, void *who)
{
	const struct shadows s = { who, fp };

	(void)flow;
	for (size_t i = 0; fp->sample && i < fp->sample->n_hops; i++) {
		struct hop_view hop;
		enum reach reach;

		model_path_step(m, fp->path, i, &hop);
		if (!hop.meaning->rule || hop.kind != HOP_RULE || !verdict_takes(hop.verdict))
			continue;
		reach = verdict_reach(hop.verdict);
		shadow_behind(c, m, &s, i, hop.meaning->rule);
		if (reach == REACH_BASE || reach == REACH_PACKET)
			shadow_callers(c, m, &s, i, hop.depth);
	}
	return 0;
}

/* Before the trace is started nothing is traced, and legacy TRACE does not show itself. */
static bool is_untraced(const struct rule *rule)
{
	for (uint32_t i = rule->number ? rule->number - 1 : 0; i < rule->chain->n_rules; i++)
		if (rule->chain->rules[i].flags & RULE_SETS_TRACE)
			return true;
	return false;
}

/* is @row's, whose set may be another than @chain's, of that chain? */
static bool is_of_chain(const struct coverage_row *row, const struct chain *chain,
			const struct chain *its)
{
	return its && (its == chain || (row->gone && lineage_same_chain(its, chain)));
}

/* is_told_by_text - is @row of hops in @chain that more than one of its rules reads like? */
static bool is_told_by_text(const struct coverage_row *row, const struct chain *chain)
{
	return !row->chain && row->kind == HOP_RULE && row->text.n && !row->number &&
	       !row->handle && chain->table->backend == BACKEND_NFT &&
	       row->family == chain->table->family && str_eq(row->table, chain->table->name) &&
	       str_eq(row->chain_name, chain->name);
}

/* Did any packet meet something of the chain, or come out of it by its policy? A user chain may
 * have been gone through without a hit: then rules that jump there were met. */
static bool chain_met(const struct coverage *c, const struct chain *chain)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct coverage_row *row = &c->rows[i];

		if (row->packets &&
		    (is_of_chain(row, chain, row->chain) || is_told_by_text(row, chain) ||
		     (row->rule && is_of_chain(row, chain, row->rule->to))))
			return true;
	}
	return false;
}

/* Rules that read alike: their hits stand behind the last of them. */
static void tell_alike(struct coverage *c, size_t n_known)
{
	for (size_t i = n_known; i < c->n; i++)
		for (size_t k = 0; k < n_known; k++) {
			if (!is_told_by_text(&c->rows[i], c->rows[k].chain) || !c->rows[k].rule ||
			    c->rows[k].gone || !rule_text_same(c->rows[i].text, c->rows[k].text))
				continue;
			c->rows[i].place = c->rows[k].place;
			if (!c->rows[k].packets)
				c->rows[k].never = NEVER_ALIKE;
		}
}

static void explain(struct coverage *c, struct coverage_row *row)
{
	const struct rule *before = row->rule ? shadow_for_all(row->rule) : NULL;

	if (!row->rule || row->packets || row->gone || row->never)
		return;
	row->never = NEVER_UNKNOWN;
	if (is_untraced(row->rule)) {
		row->never = NEVER_UNTRACED;
	} else if (before) {
		row->never = NEVER_UNCONDITIONAL;
		row->by = before;
	} else if (c->logged && !c->traced) {
		row->never = NEVER_LOGGED;
	} else if (row->passed_over) {
		row->never = NEVER_MATCHED;
	} else if (!chain_met(c, row->chain)) {
		row->never = NEVER_CHAIN;
	} else if (!row->unsure && (row->beside || !row->since.have)) {
		row->never = NEVER_TAKEN;
	}
}

/* is_extra - does it stand behind what has the same place? */
static bool is_extra(const struct coverage_row *row)
{
	return row->gone || !row->chain;
}

/* What is loaded no more stands behind its chain, if that is. */
static int by_place(const void *a, const void *b)
{
	const struct coverage_row *x = a, *y = b;
	int c = (x->place > y->place) - (x->place < y->place);

	c = c || x->place == LINEAGE_NONE ? c : is_extra(x) - is_extra(y);
	c = c ? c : (x->family > y->family) - (x->family < y->family);
	c = c ? c : str_compare(x->table, y->table);
	c = c ? c : str_compare(x->chain_name, y->chain_name);
	c = c ? c : (x->number > y->number) - (x->number < y->number);
	c = c ? c : (x->kind > y->kind) - (x->kind < y->kind);
	c = c ? c : (x->handle > y->handle) - (x->handle < y->handle);
	return c ? c : str_compare(x->text, y->text);
}

/* What is loaded no more and was not met is nobody's concern. */
static void arrange(struct coverage *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!c->rows[i].gone || c->rows[i].packets)
			c->rows[n++] = c->rows[i];
	c->n = n;
	if (n)
		qsort(c->rows, n, sizeof(*c->rows), by_place);
}

static int draw(struct coverage *c, const struct model *model, struct lineage *l)
{
	int err = lineage_draw(l, model);

	if (!err)
		err = add_rulesets(c, model, l);
	if (!err)
		err = count_all(c, model, l);
	return err ? err : each_path(c, model, l, take_shadows);
}

int coverage_draw(struct coverage *c, const struct model *model)
{
	struct lineage lineage = { 0 };
	int err;

	*c = (struct coverage){ .rules = model_rules(model) };
	err = draw(c, model, &lineage);
	if (!err)
		tell_alike(c, lineage.n);
	for (size_t i = 0; i < c->n && !err; i++) {
		explain(c, &c->rows[i]);
		c->reached += c->rows[i].kind == HOP_RULE && c->rows[i].packets;
		c->never += never_counts(c->rows[i].never);
		c->unmatched += c->rows[i].never == NEVER_MATCHED;
	}
	arrange(c);
	lineage_finish(&lineage);
	return err;
}

bool never_counts(enum never never)
{
	return never != NEVER_NOT && never != NEVER_UNTRACED && never != NEVER_LOGGED &&
	       never != NEVER_ALIKE;
}

void coverage_finish(struct coverage *c)
{
	free(c->rows);
	*c = (struct coverage){ 0 };
}

const char *never_name(enum never never)
{
	static const char *const names[] = {
		[NEVER_NOT] = NULL,
		[NEVER_UNKNOWN] = "no-packet-fitted",
		[NEVER_MATCHED] = "not-matched",
		[NEVER_TAKEN] = "taken-before",
		[NEVER_CHAIN] = "chain-not-reached",
		[NEVER_UNCONDITIONAL] = "behind-unconditional",
		[NEVER_SHADOWED] = "shadowed",
		[NEVER_UNTRACED] = "not-traced",
		[NEVER_LOGGED] = "only-logged",
		[NEVER_ALIKE] = "reads-alike",
	};

	return names[never];
}
