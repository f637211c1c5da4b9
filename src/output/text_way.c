// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_way.c - a packet's way as a table: hook, table, rule, verdict, text, what changed
 *
 *     in             zthl0
 *     PREROUTING     raw       policy            accept
 *     routing        to uplink0                              ttl 64 → 63
 *     FORWARD        filter    rule 1            jump GUARD
 *                      GUARD   rule 2            DROP        ← stopped here
 *     POSTROUTING    not reached
 *
 * The rows are walked twice: once with a writer that only measures, to know the columns, and
 * once to print. So nothing has to be kept, however long the way is. On a terminal that is too
 * narrow the rule's text is broken between words, and what has no room beside it comes below.
 */
#include "text.h"

#include <inttypes.h>

#include "nfhop/addr.h"
#include "nfhop/number.h"

static void cell_hook(struct writer *writer, const struct way_row *row)
{
	static const char *const labels[] = {
		[WAY_FROM] = "in", [WAY_UP] = "handed up", [WAY_ROUTE] = "routing",
		[WAY_TO] = "out",  [WAY_HOP] = "",
	};
	bool here = (row->kind == WAY_FROM || row->kind == WAY_TO) && !row->device.n;

	if (row->kind == WAY_HOP && row->new_hook)
		text_hook(writer, row->hop);
	else if (row->kind == WAY_END)
		writer_word(writer,
			    row->hop->hook == HOOK_PREROUTING ? "later hooks" : "POSTROUTING");
	else if (row->kind == WAY_ROUTE && row->hop->family == FAMILY_BRIDGE)
		writer_word(writer, "bridging");
	else
		writer_word(writer, here ? "at" : labels[row->kind]);
}

/* The five built-in chains are named after their hooks; naming both would be noise. */
static bool is_named_by_hook(const struct hop_view *hop)
{
	return hop->hook != HOOK_NONE && str_eq(hop->chain, str_from(hook_title(hop->hook)));
}

static void cell_chain(struct writer *writer, const struct hop_view *hop, bool first)
{
	bool table = !hop->depth || first;

	writer_to(writer, writer->column + 2 * (hop->depth < 16 ? hop->depth : 16));
	if (table)
		text_table(writer, hop);
	if (table && !is_named_by_hook(hop))
		writer_word(writer, " ");
	if (!table || !is_named_by_hook(hop))
		writer_text(writer, hop->chain);
}

static void cell_place(struct writer *writer, const struct way_row *row)
{
	switch (row->kind) {
	case WAY_HOP:
		if (row->new_place && row->hop->table.n)
			cell_chain(writer, row->hop, row->new_hook);
		break;
	case WAY_UP:
		writer_word(writer, "to ");
		writer_text(writer, row->hop->iif);
		break;
	case WAY_ROUTE:
		writer_word(writer, row->hop->hook == HOOK_INPUT ? "to this host" : "to ");
		if (row->hop->hook != HOOK_INPUT)
			writer_text(writer, row->hop->oif);
		break;
	case WAY_FROM:
	case WAY_TO:
		writer_word(writer, row->device.n ? "" : "this host");
		writer_text(writer, row->device);
		break;
	case WAY_END:
		writer_word(writer, "not reached");
	}
}

static void cell_rule(struct writer *writer, const struct way_row *row)
{
	if (row->kind != WAY_HOP)
		return;
	text_rule(writer, row->hop);
	if (row->hop->kind == HOP_LOG && row->hop->prefix.n) {
		writer_word(writer, " \"");
		writer_text(writer, row->hop->prefix);
		writer_word(writer, "\"");
	}
}

static const char *const shouted[VERDICT_MAX] = {
	[VERDICT_DROP] = "DROP",
	[VERDICT_REJECT] = "REJECT",
	[VERDICT_QUEUE] = "QUEUE",
	[VERDICT_STOLEN] = "STOLEN",
};

/* Where the log states no verdict: what the packet was seen to do next. */
static const char *const seen_words[VERDICT_MAX] = {
	[VERDICT_CONTINUE] = "went on", [VERDICT_ACCEPT] = "went on",  [VERDICT_JUMP] = "jumped",
	[VERDICT_GOTO] = "jumped",	[VERDICT_RETURN] = "returned",
};

static void put_seen(struct writer *writer, const char *word)
{
	writer_role(writer, ROLE_DIM);
	writer_word(writer, word);
	writer_role(writer, ROLE_PLAIN);
}

void text_verdict(struct writer *writer, const struct hop_view *hop)
{
	const char *word = shouted[hop->verdict];

	if (hop->verdict == VERDICT_NONE)
		return;
	writer_word(writer, word ? word : verdict_name(hop->verdict));
	if (hop->target.n) {
		writer_word(writer, " ");
		writer_text(writer, hop->target);
	}
	if (hop->by == BY_INFERRED)
		writer_word(writer, " (inferred)");
}

/* Where it was lost or seen last, no verdict ended it. */
static enum role ending_role(const struct decision *d)
{
	return outcome_stops(d->outcome) && d->outcome != OUTCOME_LOST ? ROLE_STOP : ROLE_UNSURE;
}

static void put_verdict(struct writer *writer, const struct way_row *row)
{
	writer_role(writer, row->stop ? ending_role(row->d) : ROLE_PLAIN);
	text_verdict(writer, row->hop);
	writer_role(writer, ROLE_PLAIN);
}

static void cell_verdict(struct writer *writer, const struct way_row *row)
{
	const struct hop_view *hop = row->hop;

	if (row->kind != WAY_HOP || hop->verdict == VERDICT_NONE || hop->kind == HOP_LOG)
		return;
	if (hop->by == BY_INFERRED && seen_words[hop->verdict] && !row->stop)
		put_seen(writer, seen_words[hop->verdict]);
	else
		put_verdict(writer, row);
}

static void cell_text(struct writer *writer, const struct way_row *row)
{
	if (row->kind == WAY_HOP)
		writer_text(writer, row->hop->text);
}

static void change_value(struct writer *writer, const struct change *change, const void *value)
{
	if (change->field == CHANGE_SRC || change->field == CHANGE_DST)
		writer_word(writer, addr_text(value).s);
	else if (change->field == CHANGE_MARK || change->field == CHANGE_TOS)
		writer_format(writer, "0x%" PRIx64, number_at(value, change->size));
	else
		writer_format(writer, "%" PRIu64, number_at(value, change->size));
}

void text_change(struct writer *writer, const struct change *change)
{
	writer_word(writer, change_name(change->field));
	writer_word(writer, " ");
	change_value(writer, change, change->from);
	writer_word(writer, " ");
	writer_glyph(writer, GLYPH_RIGHT);
	writer_word(writer, " ");
	change_value(writer, change, change->to);
}

void way_changes_before(struct way_changes *changes, const struct hop_view *hop)
{
	for (unsigned int i = 0; i < hop->n_changes; i++)
		if (!hop->changes[i].by_rule)
			changes->at[changes->n++] = hop->changes[i];
}

void way_changes_by(struct way_changes *changes, const struct model *model, const struct way *way,
		    size_t i)
{
	struct hop_view next;

	if (!way->packet || i + 1 >= way_length(model, way))
		return;
	way_hop(model, way, i + 1, &next);
	for (unsigned int k = 0; k < next.n_changes; k++)
		if (next.changes[k].by_rule)
			changes->at[changes->n++] = next.changes[k];
}

static void put_ending(struct writer *writer, const struct way_row *row)
{
	writer_role(writer, ending_role(row->d));
	writer_glyph(writer, GLYPH_LEFT);
	if (row->d->outcome == OUTCOME_LOST)
		writer_word(writer, " lost after this");
	else if (row->d->outcome == OUTCOME_UNKNOWN)
		writer_word(writer, " last seen here");
	else if (row->d->outcome == OUTCOME_QUEUED)
		writer_format(writer, " %s", taking_of(row->hop->verdict, row->hop->text)->here);
	else
		writer_word(writer, " stopped here");
	writer_role(writer, ROLE_PLAIN);
}

static void put_idle(struct writer *writer, size_t rows)
{
	writer_role(writer, ROLE_DIM);
	writer_word(writer, "came back from there");
	if (rows > 1)
		writer_format(writer, " (%zu rows left out)", rows);
	writer_role(writer, ROLE_PLAIN);
}

static void cell_rest(struct writer *writer, const struct way_row *row)
{
	for (unsigned int i = 0; i < row->changes.n; i++) {
		writer_word(writer, i ? ", " : "");
		text_change(writer, &row->changes.at[i]);
	}
	if (row->idle)
		put_idle(writer, row->idle);
	if (!row->stop)
		return;
	if (row->changes.n)
		writer_word(writer, "  ");
	put_ending(writer, row);
}

static void (*const cells[WAY_CELL_MAX])(struct writer *writer, const struct way_row *row) = {
	[WAY_CELL_HOOK] = cell_hook, [WAY_CELL_PLACE] = cell_place,
	[WAY_CELL_RULE] = cell_rule, [WAY_CELL_VERDICT] = cell_verdict,
	[WAY_CELL_TEXT] = cell_text, [WAY_CELL_REST] = cell_rest,
};

void text_way_cell(struct writer *writer, const struct way_row *row, enum way_cell cell)
{
	cells[cell](writer, row);
}

/**
 * struct walk - the lines of one way
 * @last: the hop that ended it, or was seen last; n_hops if it got through
 * @row, @who: to whom they are told
 */
struct walk {
	const struct model *model;
	const struct way *way;
	const struct decision *d;
	size_t last;
	struct hop_view before;
	void (*row)(void *who, const struct way_row *row);
	void *who;
};

static void add_row(struct walk *walk, const struct way_row *row)
{
	walk->row(walk->who, row);
}

static void add_start(struct walk *walk, const struct hop_view *hop)
{
	struct way_row row = { .kind = WAY_FROM, .hop = hop, .device = hop->iif };

	if (!walk->way->packet || (!hop->iif.n && hop->hook != HOOK_OUTPUT))
		return;
	add_row(walk, &row);
}

static bool is_bridged(const struct hop_view *hop)
{
	return hop->family == FAMILY_BRIDGE;
}

/* Behind a bridge's INPUT comes IP, by the bridge's own device. */
static bool is_handed_up(const struct walk *walk, const struct hop_view *hop)
{
	return is_bridged(&walk->before) && walk->before.hook == HOOK_INPUT && !is_bridged(hop) &&
	       hop->iif.n;
}

/* Between PREROUTING and what comes next the kernel chose a route, and counted the TTL down; a
 * bridge looked for the port behind which the frame's receiver is, also when IP gave it one. */
static bool is_routed(const struct walk *walk, const struct hop_view *hop)
{
	bool later = hop->hook == HOOK_INPUT || (hop->hook == HOOK_FORWARD && hop->oif.n);

	if (is_bridged(hop) && hop->hook == HOOK_OUTPUT)
		return walk->before.hook && !is_bridged(&walk->before) && hop->oif.n;
	return later && (walk->before.hook == HOOK_PREROUTING || is_handed_up(walk, hop));
}

static void add_hop(struct walk *walk, size_t i, const struct hop_view *hop)
{
	const struct hop_view *before = &walk->before;
	bool up = is_handed_up(walk, hop), routed = is_routed(walk, hop);
	struct way_row above = { .kind = WAY_UP, .hop = hop, .i = i, .d = walk->d };
	struct way_row route = { .kind = WAY_ROUTE, .hop = hop, .i = i, .d = walk->d };
	struct way_row row = { .kind = WAY_HOP, .hop = hop, .i = i, .d = walk->d };

	way_changes_before(routed ? &route.changes : &row.changes, hop);
	way_changes_by(&row.changes, walk->model, walk->way, i);
	if (up)
		add_row(walk, &above);
	if (routed)
		add_row(walk, &route);
	row.new_hook = !i || up || hop->hook != before->hook || hop->hooks != before->hooks;
	row.new_place = row.new_hook || hop->depth != before->depth ||
			hop->apart.n != before->apart.n || !str_eq(hop->table, before->table) ||
			!str_eq(hop->chain, before->chain);
	row.stop = i == walk->last;
	add_row(walk, &row);
}

static void add_end(struct walk *walk, const struct hop_view *hop)
{
	struct way_row to = { .kind = WAY_TO, .hop = hop, .device = hop->oif };
	struct way_row end = { .kind = WAY_END, .hop = hop };

	if (walk->d->reason == REASON_REDIRECTED)
		to.device = STR("lo");
	if (outcome_passes(walk->d->outcome)) {
		if (walk->way->packet && (to.device.n || walk->d->outcome == OUTCOME_DELIVERED))
			add_row(walk, &to);
	} else if (outcome_stops(walk->d->outcome) &&
		   (hop->hook == HOOK_PREROUTING || hop->hook == HOOK_FORWARD ||
		    hop->hook == HOOK_OUTPUT)) {
		add_row(walk, &end);
	}
}

void way_rows(const struct model *model, const struct way *way, const struct decision *d,
	      void (*row)(void *who, const struct way_row *row), void *who)
{
	size_t n = way_length(model, way);
	struct walk walk = { model, way, d, .last = n, .row = row, .who = who };

	if (!outcome_passes(d->outcome))
		walk.last = d->stop >= 0 ? (size_t)d->stop : n - 1;
	for (size_t i = 0; i < n; i++) {
		struct hop_view hop;

		way_hop(model, way, i, &hop);
		if (!i)
			add_start(&walk, &hop);
		add_hop(&walk, i, &hop);
		walk.before = hop;
	}
	if (n)
		add_end(&walk, &walk.before);
}

#define TEXT_MOST    100 /* that others are set off for, where rows are not folded */
#define FOLDED_LEAST 24	 /* columns of a rule's text beside what comes before it */

/**
 * struct grid - the writer, and the widths of the columns
 * @next: hops before that one are left out
 * @folded: they do not fit beside each other
 * @hang: where what found no room on the line begins below it; a rule's text always
 */
struct grid {
	struct writer *writer;
	const struct model *model;
	const struct way *way;
	size_t widths[WAY_CELL_MAX];
	size_t next;
	bool folded;
	size_t hang;
};

static size_t cell_width(const struct grid *grid, size_t cell, const struct way_row *row)
{
	struct writer dry = writer_dry(grid->writer);

	cells[cell](&dry, row);
	return dry.column;
}

/* is_left_out - is it of a call that was told already? @row: becomes that, if it is such a call */
static bool is_left_out(struct grid *grid, struct way_row *row)
{
	if (row->kind != WAY_HOP)
		return false;
	if (row->i < grid->next)
		return true;
	row->idle = way_idle(grid->model, grid->way, row->i);
	grid->next = row->i + 1 + row->idle;
	return false;
}

/* What is no hop may run over the columns to its right, but not its label. */
static void measure_cells(struct grid *grid, const struct way_row *row)
{

	for (size_t i = 0; i < WAY_CELL_MAX; i++) {
		bool counts = i == WAY_CELL_HOOK || row->kind == WAY_HOP;
		size_t n = counts ? cell_width(grid, i, row) : 0;

		if (n > grid->widths[i])
			grid->widths[i] = n;
	}
}

static void measure_row(void *who, const struct way_row *row)
{
	struct grid *grid = who;
	struct way_row told = *row;

	if (!is_left_out(grid, &told))
		measure_cells(grid, &told);
}

static size_t column_of(const struct grid *grid, size_t cell)
{
	size_t n = TEXT_INDENT;

	for (size_t i = 0; i < cell; i++)
		n += grid->widths[i] ? grid->widths[i] + 3 : 0;
	return n;
}

static void choose_columns(struct grid *grid)
{
	size_t fold = grid->writer->fold, text = column_of(grid, WAY_CELL_TEXT);

	grid->folded = fold && column_of(grid, WAY_CELL_MAX) > fold + 3;
	if (!fold && grid->widths[WAY_CELL_TEXT] > TEXT_MOST)
		grid->widths[WAY_CELL_TEXT] = TEXT_MOST;
	grid->hang = text + FOLDED_LEAST <= fold ? text : column_of(grid, WAY_CELL_PLACE) + 2;
}

static void print_text(const struct grid *grid, const struct way_row *row)
{
	size_t wrap = grid->writer->wrap;

	grid->writer->wrap = grid->writer->fold;
	writer_sentence(grid->writer, grid->hang, row->hop->text);
	grid->writer->wrap = wrap;
}

static void print_cell(const struct grid *grid, const struct way_row *row, size_t i, size_t column)
{
	struct writer *writer = grid->writer;
	size_t n = cell_width(grid, i, row), last = n;

	if (i && writer->column > column)
		column = writer->column + 2;
	if (i == WAY_CELL_REST && writer->column + 3 > column)
		column = writer->column + 3; /* behind a text longer than TEXT_MOST */
	if (grid->folded && i == WAY_CELL_TEXT)
		last = grid->hang < column ? grid->writer->fold : FOLDED_LEAST;
	if (grid->folded && i == WAY_CELL_REST)
		column = writer->column + 3;
	if (grid->folded && column > grid->hang && column + last > writer->fold) {
		writer_line(writer);
		column = grid->hang;
	}
	writer_to(writer, column);
	if (grid->folded && i == WAY_CELL_TEXT)
		print_text(grid, row);
	else
		cells[i](writer, row);
}

static const char *row_kind(const struct way_row *row)
{
	static const char *const kinds[] = {
		[WAY_FROM] = "move",  [WAY_HOP] = "",	 [WAY_UP] = "move",
		[WAY_ROUTE] = "move", [WAY_TO] = "move", [WAY_END] = "never",
	};

	if (!row->stop)
		return row->new_hook ? "hook" : kinds[row->kind];
	return glyph_kind(outcome_glyph(row->d->outcome));
}

/* Chains that others jump to are set in. */
static const char *cell_kind(const struct way_row *row, size_t cell)
{
	static const char *const depths[] = { "", "deep1", "deep2", "deep3", "deep4" };
	const size_t deepest = sizeof(depths) / sizeof(*depths) - 1;

	if (cell != WAY_CELL_PLACE || row->kind != WAY_HOP)
		return cell == WAY_CELL_TEXT ? "code" : "";
	return depths[row->hop->depth < deepest ? row->hop->depth : deepest];
}

static void print_cells(const struct grid *grid, const struct way_row *row)
{
	writer_begin(grid->writer, SECTION_ROW, row_kind(row));
	for (size_t i = 0; i < WAY_CELL_MAX; i++) {
		writer_begin(grid->writer, SECTION_CELL, cell_kind(row, i));
		if (cell_width(grid, i, row))
			print_cell(grid, row, i, column_of(grid, i));
		writer_end(grid->writer, SECTION_CELL);
	}
	writer_line(grid->writer);
	writer_end(grid->writer, SECTION_ROW);
}

static void print_row(void *who, const struct way_row *row)
{
	struct grid *grid = who;
	struct way_row told = *row;

	if (!is_left_out(grid, &told))
		print_cells(grid, &told);
}

void text_way(struct writer *writer, const struct model *model, const struct way *way,
	      const struct decision *d)
{
	struct grid grid = { .writer = writer, .model = model, .way = way };

	way_rows(model, way, d, measure_row, &grid);
	choose_columns(&grid);
	grid.next = 0;
	writer_begin(writer, SECTION_TABLE, "way");
	way_rows(model, way, d, print_row, &grid);
	writer_end(writer, SECTION_TABLE);
}
