// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_rank.c - flows' paths put together and ranked: by where they stopped, by the way taken
 *
 * Every path of every flow becomes an entry; entries are sorted so that equal ones stand
 * together, then each run of equal ones becomes a group, and groups are sorted by packets.
 */
#include "text.h"

#include <stdlib.h>

enum fate { FATE_STOPPED, FATE_LOST, FATE_QUEUED, FATE_UNKNOWN, FATE_PASSED };

/**
 * struct entry - one path of one flow
 * @hop: where it stopped, of FATE_STOPPED
 */
struct entry {
	const struct flow *flow;
	const struct flow_path *fp;
	struct decision d;
	enum fate fate;
	struct hop_view hop;
};

/* struct group - equal entries: the first of them, and sums */
struct group {
	const struct entry *entry;
	uint64_t packets, flows, ways;
};

struct ranking {
	struct entry *entries;
	struct group *groups;
	size_t *seen; /* by path: number + 1 of the group that it was last counted in */
	size_t n_entries, n_groups;
	uint64_t packets;
};

static const enum fate fates[OUTCOME_MAX] = {
	[OUTCOME_UNKNOWN] = FATE_UNKNOWN,  [OUTCOME_FORWARDED] = FATE_PASSED,
	[OUTCOME_DELIVERED] = FATE_PASSED, [OUTCOME_SENT] = FATE_PASSED,
	[OUTCOME_DROPPED] = FATE_STOPPED,  [OUTCOME_REJECTED] = FATE_STOPPED,
	[OUTCOME_LOST] = FATE_LOST,	   [OUTCOME_QUEUED] = FATE_QUEUED,
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_str(struct str a, struct str b)
{
	int c = memcmp(a.n ? a.p : "", b.n ? b.p : "", a.n < b.n ? a.n : b.n);

	return c ? c : compare_numbers(a.n, b.n);
}

static int compare_stop(const struct entry *a, const struct entry *b)
{
	int c = compare_numbers(a->fate, b->fate);

	c = c ? c : compare_numbers(a->d.lost_after, b->d.lost_after);
	c = c ? c : compare_numbers(a->hop.family, b->hop.family);
	c = c ? c : compare_str(a->hop.table, b->hop.table);
	c = c ? c : compare_str(a->hop.chain, b->hop.chain);
	c = c ? c : compare_numbers(a->hop.kind, b->hop.kind);
	c = c ? c : compare_numbers(a->hop.rule, b->hop.rule);
	return c ? c : compare_numbers(a->hop.handle, b->hop.handle);
}

static int compare_path(const struct entry *a, const struct entry *b)
{
	int c = compare_numbers(a->fp->path, b->fp->path);

	return c ? c : compare_numbers(a->d.outcome, b->d.outcome);
}

static int by_stop(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = compare_stop(x, y);

	return c ? c : compare_numbers(x->flow->no, y->flow->no);
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = compare_path(x, y);

	return c ? c : compare_numbers(x->flow->no, y->flow->no);
}

/* What went wrong first, most packets first; ties as the entries stood. */
static int by_packets(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	bool passed_x = x->entry->fate == FATE_PASSED, passed_y = y->entry->fate == FATE_PASSED;
	int c = compare_numbers(passed_x, passed_y);

	c = c ? c : compare_numbers(y->packets, x->packets);
	return c ? c : compare_numbers((uintptr_t)x->entry, (uintptr_t)y->entry);
}

static size_t count_entries(const struct model *model)
{
	size_t n = 0;

	for (size_t i = 0; i < model_flow_count(model); i++) {
		const struct flow *flow = model_flow_at(model, i);

		n += flow ? flow->n_paths : 0;
	}
	return n;
}

static void fill_entry(struct entry *entry, const struct model *model)
{
	struct way way = way_of(entry->flow, entry->fp);

	model_decide_path(model, entry->flow, entry->fp, &entry->d);
	entry->fate = fates[entry->d.outcome];
	if (entry->fate != FATE_LOST)
		entry->d.lost_after = HOOK_NONE;
	if (entry->fate == FATE_STOPPED && entry->d.stop >= 0)
		way_hop(model, &way, (size_t)entry->d.stop, &entry->hop);
}

static void fill(struct ranking *ranking, const struct model *model)
{
	for (size_t i = 0; i < model_flow_count(model); i++) {
		const struct flow *flow = model_flow_at(model, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++) {
			struct entry *entry = &ranking->entries[ranking->n_entries];

			if (!model_path_shown(model, flow, &flow->paths[k]))
				continue;
			ranking->n_entries++;
			*entry = (struct entry){ .flow = flow, .fp = &flow->paths[k] };
			fill_entry(entry, model);
			ranking->packets += entry->fp->packets;
		}
	}
}

static void add_to_group(struct ranking *ranking, size_t i, bool same)
{
	const struct entry *entry = &ranking->entries[i];
	struct group *group;

	if (!same)
		ranking->groups[ranking->n_groups++] = (struct group){ .entry = entry };
	group = &ranking->groups[ranking->n_groups - 1];
	group->packets += entry->fp->packets;
	group->flows += !same || entry->flow != entry[-1].flow;
	group->ways += ranking->seen[entry->fp->path] != ranking->n_groups;
	ranking->seen[entry->fp->path] = ranking->n_groups;
}

static uint32_t highest_path(const struct ranking *ranking)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < ranking->n_entries; i++)
		if (ranking->entries[i].fp->path > highest)
			highest = ranking->entries[i].fp->path;
	return highest;
}

static int rank(struct ranking *ranking, const struct model *model,
		int (*sort)(const void *a, const void *b),
		int (*compare)(const struct entry *a, const struct entry *b))
{
	size_t n = count_entries(model);

	ranking->entries = calloc(n + 1, sizeof(*ranking->entries));
	ranking->groups = calloc(n + 1, sizeof(*ranking->groups));
	if (!ranking->entries || !ranking->groups)
		return -1;
	fill(ranking, model);
	ranking->seen = calloc((size_t)highest_path(ranking) + 1, sizeof(*ranking->seen));
	if (!ranking->seen)
		return -1;
	n = ranking->n_entries;
	qsort(ranking->entries, n, sizeof(*ranking->entries), sort);
	for (size_t i = 0; i < n; i++)
		add_to_group(ranking, i,
			     i && !compare(&ranking->entries[i - 1], &ranking->entries[i]));
	qsort(ranking->groups, ranking->n_groups, sizeof(*ranking->groups), by_packets);
	return 0;
}

static void ranking_finish(struct ranking *ranking)
{
	free(ranking->entries);
	free(ranking->groups);
	free(ranking->seen);
}

static void cell_where(struct writer *writer, const struct group *group)
{
	const struct entry *entry = group->entry;

	switch (entry->fate) {
	case FATE_STOPPED:
		text_place(writer, &entry->hop);
		break;
	case FATE_LOST:
		writer_word(writer, "lost after ");
		writer_word(writer,
			    entry->d.lost_after ? hook_title(entry->d.lost_after) : "its last hop");
		break;
	case FATE_QUEUED:
		writer_word(writer, "handed to a program");
		break;
	case FATE_UNKNOWN:
		writer_word(writer, "not known");
		break;
	case FATE_PASSED:
		writer_word(writer, "got through");
	}
}

/* Where the rule's text is not known, or where there is none: a policy */
static const char *stop_words(const struct decision *d)
{
	if (d->outcome == OUTCOME_REJECTED)
		return d->certainty == CERTAINTY_INFERRED ? "REJECT (inferred)" : "REJECT";
	return d->certainty == CERTAINTY_INFERRED ? "DROP (inferred)" : "DROP";
}

static void cell_rule(struct writer *writer, const struct group *group)
{
	const struct hop_view *hop = &group->entry->hop;

	if (group->entry->fate == FATE_STOPPED && hop->text.n)
		writer_text(writer, hop->text);
	else if (group->entry->fate == FATE_STOPPED)
		writer_word(writer, stop_words(&group->entry->d));
	else if (group->entry->fate == FATE_LOST)
		writer_word(writer, "no rule did it");
	else
		writer_count(writer, group->ways, "way", "ways");
}

static void cell_packets(struct writer *writer, const struct group *group)
{
	writer_number(writer, group->packets);
}

static void cell_flows(struct writer *writer, const struct group *group)
{
	writer_number(writer, group->flows);
}

static const struct {
	const char *title;
	bool right;
	void (*cell)(struct writer *writer, const struct group *group);
} columns[] = {
	{ "where", false, cell_where }, { "packets", true, cell_packets },
	{ "flows", true, cell_flows },	{ "share", true, NULL },
	{ "", false, cell_rule },
};

#define COLUMNS	    (sizeof(columns) / sizeof(*columns))
#define SHARE_WIDTH 7 /* "100.0 %" */

static void put_share(struct writer *writer, const struct ranking *ranking,
		      const struct group *group)
{
	uint64_t all = ranking->packets ? ranking->packets : 1;

	writer_format(writer, "%.1f %%", 100.0 * (double)group->packets / (double)all);
}

static void put_cell(struct writer *writer, const struct ranking *ranking,
		     const struct group *group, size_t c)
{
	if (!group)
		writer_word(writer, columns[c].title);
	else if (columns[c].cell)
		columns[c].cell(writer, group);
	else
		put_share(writer, ranking, group);
}

static size_t cell_width(const struct ranking *ranking, const struct group *group, size_t c,
			 bool utf8)
{
	struct writer dry = { .utf8 = utf8 };

	put_cell(&dry, ranking, group, c);
	return dry.column;
}

static void put_line(struct writer *writer, const struct ranking *ranking,
		     const struct group *group, const size_t widths[])
{
	size_t column = 0;

	for (size_t c = 0; c < COLUMNS; c++) {
		size_t n = cell_width(ranking, group, c, writer->utf8);

		if (n) {
			writer_to(writer, column + (columns[c].right ? widths[c] - n : 0));
			put_cell(writer, ranking, group, c);
		}
		column += widths[c] + 3;
	}
	writer_line(writer);
}

static void put_table(struct writer *writer, const struct ranking *ranking)
{
	size_t widths[COLUMNS];

	for (size_t c = 0; c < COLUMNS; c++) {
		widths[c] = strlen(columns[c].title);
		for (size_t i = 0; i < ranking->n_groups; i++) {
			size_t n = cell_width(ranking, &ranking->groups[i], c, writer->utf8);

			widths[c] = n > widths[c] ? n : widths[c];
		}
	}
	writer_line(writer);
	writer_role(writer, ROLE_DIM);
	put_line(writer, ranking, NULL, widths);
	writer_role(writer, ROLE_PLAIN);
	for (size_t i = 0; i < ranking->n_groups; i++)
		put_line(writer, ranking, &ranking->groups[i], widths);
}

static void put_path(struct writer *writer, const struct model *model, const struct group *group)
{
	const struct entry *entry = group->entry;
	struct way way = way_of(entry->flow, entry->fp);

	writer_line(writer);
	text_mark(writer, outcome_glyph(entry->d.outcome));
	writer_to(writer, TEXT_INDENT);
	writer_role(writer, ROLE_BOLD);
	writer_count(writer, group->packets, "packet", "packets");
	writer_role(writer, ROLE_PLAIN);
	writer_word(writer, " of ");
	writer_count(writer, group->flows, "flow", "flows");
	writer_word(writer, "   ");
	text_outcome(writer, model, &way, &entry->d);
	writer_line(writer);
	writer_to(writer, TEXT_INDENT);
	writer_word(writer, "For example ");
	text_tuple(writer, &entry->flow->there);
	writer_word(writer, entry->fp->back ? ", back." : ".");
	writer_line(writer);
	text_way(writer, model, &way, &entry->d);
}

void text_stops(struct writer *writer, const struct model *model)
{
	struct ranking ranking = { 0 };

	if (rank(&ranking, model, by_stop, compare_stop) == 0 && ranking.n_groups)
		put_table(writer, &ranking);
	ranking_finish(&ranking);
}

void text_paths(struct writer *writer, const struct model *model)
{
	struct ranking ranking = { 0 };

	if (rank(&ranking, model, by_path, compare_path) == 0)
		for (size_t i = 0; i < ranking.n_groups; i++)
			put_path(writer, model, &ranking.groups[i]);
	ranking_finish(&ranking);
}
