// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_rank.c - flows' paths put together and ranked: by where they stopped, by the way taken
 *
 * There may be millions of flows, but only so many ways to go: flows' paths of which the same
 * can be said are one entry. Entries are sorted so that equal ones stand together; each run of
 * equal ones becomes a group. The flows are counted into their groups, and groups are sorted by
 * packets.
 */
#include "text.h"

#include <stdlib.h>

enum fate { FATE_STOPPED, FATE_LOST, FATE_QUEUED, FATE_UNKNOWN, FATE_PASSED };

/**
 * struct entry - one path of flows that agree in all that bears on what became of its packets
 * @flow, @fp: the first flow that has it
 * @hop: where it stopped, of FATE_STOPPED
 * @host: on which of several hosts, else empty
 * @group: its number
 */
struct entry {
	const struct flow *flow;
	const struct flow_path *fp;
	struct decision d;
	enum fate fate;
	struct hop_view hop;
	struct str host;
	size_t group;
};

/* struct group - equal entries: the first of them, and sums; @last: the flow counted last */
struct group {
	const struct entry *entry;
	const struct flow *last;
	uint64_t packets, flows, ways;
	size_t no;
};

/**
 * struct ranking
 * @entries: each on the heap, @n_entries of them
 * @slots: a hash of them: number + 1, 0 = free; @mask: its size - 1
 * @seen: by path: number + 1 of the group that it was last counted in
 */
struct ranking {
	struct entry **entries;
	struct group *groups;
	uint32_t *slots;
	size_t mask;
	size_t *seen;
	size_t n_entries, n_groups;
	uint64_t packets;
};

static const enum fate fates[OUTCOME_MAX] = {
	[OUTCOME_UNKNOWN] = FATE_UNKNOWN,  [OUTCOME_FORWARDED] = FATE_PASSED,
	[OUTCOME_DELIVERED] = FATE_PASSED, [OUTCOME_SENT] = FATE_PASSED,
	[OUTCOME_DROPPED] = FATE_STOPPED,  [OUTCOME_REJECTED] = FATE_STOPPED,
	[OUTCOME_LOST] = FATE_LOST,	   [OUTCOME_QUEUED] = FATE_QUEUED,
};

static const char *const fate_kinds[] = {
	[FATE_STOPPED] = "stop",    [FATE_LOST] = "lost",   [FATE_QUEUED] = "unknown",
	[FATE_UNKNOWN] = "unknown", [FATE_PASSED] = "pass",
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_stop(const struct entry *a, const struct entry *b)
{
	int c = compare_numbers(a->fate, b->fate);

	c = c ? c : compare_numbers(a->d.lost_after, b->d.lost_after);
	c = c ? c : hop_compare_rule(&a->hop, &b->hop);
	return c ? c : compare_numbers(a->flow->scope, b->flow->scope);
}

static int compare_path(const struct entry *a, const struct entry *b)
{
	int c = compare_numbers(a->fp->path, b->fp->path);

	c = c ? c : compare_numbers(a->d.outcome, b->d.outcome);
	return c ? c : compare_numbers(a->flow->scope, b->flow->scope);
}

/* compare_first - by flow, then by its path */
static int compare_first(const struct entry *a, const struct entry *b)
{
	int c = compare_numbers(a->flow->no, b->flow->no);

	return c ? c : compare_numbers((uintptr_t)a->fp, (uintptr_t)b->fp);
}

static int by_stop(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	int c = compare_stop(x, y);

	return c ? c : compare_first(x, y);
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	int c = compare_path(x, y);

	return c ? c : compare_first(x, y);
}

/* What went wrong first, most packets first; ties as the entries stood. */
static int by_packets(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	bool passed_x = x->entry->fate == FATE_PASSED, passed_y = y->entry->fate == FATE_PASSED;
	int c = compare_numbers(passed_x, passed_y);

	c = c ? c : compare_numbers(y->packets, x->packets);
	return c ? c : compare_numbers(x->no, y->no);
}

static size_t slot_first(const struct flow *flow, const struct flow_path *fp, size_t mask)
{
	return (fp->path * 31u + fp->flags * 7u + flow->scope) * 2654435761u & mask;
}

static bool same_case(const struct entry *e, const struct flow *flow, const struct flow_path *fp)
{
	return e->fp->path == fp->path && e->fp->flags == fp->flags &&
	       e->flow->scope == flow->scope && e->flow->there.family == flow->there.family;
}

/* find_slot - where its entry is, or where it is to be */
static size_t find_slot(const struct ranking *r, const struct flow *flow,
			const struct flow_path *fp)
{
	size_t at = slot_first(flow, fp, r->mask);

	while (r->slots[at] && !same_case(r->entries[r->slots[at] - 1], flow, fp))
		at = (at + 1) & r->mask;
	return at;
}

/* grow - room for one more entry */
static bool grow(struct ranking *r)
{
	size_t size = r->slots ? (r->mask + 1) * 2 : 256;
	struct entry **entries;
	uint32_t *slots;

	if (r->slots && r->n_entries * 2 < r->mask)
		return true;
	entries = realloc(r->entries, size / 2 * sizeof(*entries));
	if (entries)
		r->entries = entries;
	slots = calloc(size, sizeof(*slots));
	if (!entries || !slots) {
		free(slots);
		return false;
	}
	free(r->slots);
	r->slots = slots;
	r->mask = size - 1;
	for (size_t i = 0; i < r->n_entries; i++)
		slots[find_slot(r, r->entries[i]->flow, r->entries[i]->fp)] = (uint32_t)i + 1;
	return true;
}

static bool add(struct ranking *r, const struct flow *flow, const struct flow_path *fp)
{
	struct entry *entry;
	size_t at;

	if (!grow(r))
		return false;
	at = find_slot(r, flow, fp);
	entry = r->slots[at] ? r->entries[r->slots[at] - 1] : calloc(1, sizeof(*entry));
	if (!entry)
		return false;
	if (!r->slots[at]) {
		r->entries[r->n_entries] = entry;
		r->slots[at] = (uint32_t)++r->n_entries;
	}
	if (!entry->flow || flow->no < entry->flow->no) {
		entry->flow = flow;
		entry->fp = fp;
	}
	return true;
}

static void fill_entry(struct entry *entry, const struct model *model)
{
	struct way way = way_of(entry->flow, entry->fp);

	model_decide_path(model, entry->flow, entry->fp, &entry->d);
	entry->host = model_host_told(model, entry->flow->host);
	entry->fate = fates[entry->d.outcome];
	if (entry->fate != FATE_LOST)
		entry->d.lost_after = HOOK_NONE;
	if (entry->fate == FATE_STOPPED && entry->d.stop >= 0)
		way_hop(model, &way, (size_t)entry->d.stop, &entry->hop);
}

/* count - a flow's path into its group */
static bool count(struct ranking *r, const struct flow *flow, const struct flow_path *fp)
{
	const struct entry *entry = r->entries[r->slots[find_slot(r, flow, fp)] - 1];
	struct group *group = &r->groups[entry->group];

	group->packets += fp->packets;
	group->flows += group->last != flow;
	group->last = flow;
	r->packets += fp->packets;
	return true;
}

/* each_path - @call for every path of every flow that is to be shown; Return: did all succeed? */
static bool each_path(struct ranking *r, const struct model *model,
		      bool (*call)(struct ranking *r, const struct flow *flow,
				   const struct flow_path *fp))
{
	for (size_t i = 0; i < model_flow_count(model); i++) {
		const struct flow *flow = model_flow_at(model, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++)
			if (model_path_shown(model, flow, &flow->paths[k]) &&
			    !call(r, flow, &flow->paths[k]))
				return false;
	}
	return true;
}

static void add_to_group(struct ranking *r, struct entry *entry, bool same)
{
	struct group *group;

	if (!same) {
		r->groups[r->n_groups] = (struct group){ .entry = entry, .no = r->n_groups };
		r->n_groups++;
	}
	group = &r->groups[r->n_groups - 1];
	entry->group = group->no;
	group->ways += r->seen[entry->fp->path] != r->n_groups;
	r->seen[entry->fp->path] = r->n_groups;
}

static uint32_t highest_path(const struct ranking *r)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < r->n_entries; i++)
		if (r->entries[i]->fp->path > highest)
			highest = r->entries[i]->fp->path;
	return highest;
}

/* form_groups - of equal entries */
static bool form_groups(struct ranking *r, int (*sort)(const void *a, const void *b),
			int (*compare)(const struct entry *a, const struct entry *b))
{
	size_t n = r->n_entries;
	struct entry **sorted = calloc(n + 1, sizeof(*sorted));

	r->groups = calloc(n + 1, sizeof(*r->groups));
	r->seen = calloc((size_t)highest_path(r) + 1, sizeof(*r->seen));
	if (!sorted || !r->groups || !r->seen) {
		free(sorted);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = r->entries[i];
	qsort(sorted, n, sizeof(*sorted), sort);
	for (size_t i = 0; i < n; i++)
		add_to_group(r, sorted[i], i && !compare(sorted[i - 1], sorted[i]));
	free(sorted);
	return true;
}

static int rank(struct ranking *r, const struct model *model,
		int (*sort)(const void *a, const void *b),
		int (*compare)(const struct entry *a, const struct entry *b))
{
	if (!each_path(r, model, add))
		return -1;
	for (size_t i = 0; i < r->n_entries; i++)
		fill_entry(r->entries[i], model);
	if (!form_groups(r, sort, compare))
		return -1;
	each_path(r, model, count);
	qsort(r->groups, r->n_groups, sizeof(*r->groups), by_packets);
	return 0;
}

static void ranking_finish(struct ranking *r)
{
	for (size_t i = 0; i < r->n_entries; i++)
		free(r->entries[i]);
	free(r->entries);
	free(r->groups);
	free(r->slots);
	free(r->seen);
}

static void cell_where(struct writer *writer, const struct group *group)
{
	const struct entry *entry = group->entry;

	writer_text(writer, entry->host);
	writer_word(writer, entry->host.n ? ": " : "");
	switch (entry->fate) {
	case FATE_STOPPED:
		if (hop_only_logs(&entry->hop)) {
			text_logged(writer, &entry->hop);
			break;
		}
		text_place(writer, &entry->hop);
		break;
	case FATE_LOST:
		writer_word(writer, "lost after ");
		writer_word(writer,
			    entry->d.lost_after ? hook_title(entry->d.lost_after) : "its last hop");
		break;
	case FATE_QUEUED:
		writer_word(writer, "queued or taken over");
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

	if (group->entry->fate == FATE_STOPPED && hop->text.n && !hop_known_by_text(hop))
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

	writer_begin(writer, SECTION_ROW, group ? fate_kinds[group->entry->fate] : "titles");
	for (size_t c = 0; c < COLUMNS; c++) {
		size_t n = cell_width(ranking, group, c, writer->utf8);

		writer_begin(writer, SECTION_CELL, columns[c].right ? "number" : "");
		if (n) {
			writer_to(writer, column + (columns[c].right ? widths[c] - n : 0));
			put_cell(writer, ranking, group, c);
		}
		writer_end(writer, SECTION_CELL);
		column += widths[c] + 3;
	}
	writer_line(writer);
	writer_end(writer, SECTION_ROW);
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
	writer_begin(writer, SECTION_TABLE, "ranking");
	writer_role(writer, ROLE_DIM);
	put_line(writer, ranking, NULL, widths);
	writer_role(writer, ROLE_PLAIN);
	for (size_t i = 0; i < ranking->n_groups; i++)
		put_line(writer, ranking, &ranking->groups[i], widths);
	writer_end(writer, SECTION_TABLE);
}

static void put_path(struct writer *writer, const struct model *model, const struct group *group)
{
	const struct entry *entry = group->entry;
	struct way way = way_of(entry->flow, entry->fp);

	writer_line(writer);
	writer_begin(writer, SECTION_CASE, glyph_kind(outcome_glyph(entry->d.outcome)));
	writer_begin(writer, SECTION_HEADLINE, "");
	text_mark(writer, outcome_glyph(entry->d.outcome));
	writer_to(writer, TEXT_INDENT);
	writer_role(writer, ROLE_BOLD);
	text_host(writer, model, entry->flow->host);
	writer_count(writer, group->packets, "packet", "packets");
	writer_role(writer, ROLE_PLAIN);
	writer_word(writer, " of ");
	writer_count(writer, group->flows, "flow", "flows");
	writer_word(writer, "   ");
	text_outcome(writer, model, &way, &entry->d);
	writer_line(writer);
	writer_end(writer, SECTION_HEADLINE);
	writer_to(writer, TEXT_INDENT);
	writer_word(writer, "For example ");
	text_flow_name(writer, entry->flow);
	writer_word(writer, entry->fp->back ? ", back." : ".");
	writer_line(writer);
	text_way(writer, model, &way, &entry->d);
	writer_end(writer, SECTION_CASE);
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
