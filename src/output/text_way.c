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
 * once to print. So nothing has to be kept, however long the way is.
 */
#include "text.h"

#include "nfhop/addr.h"

enum row_kind { ROW_FROM, ROW_HOP, ROW_ROUTE, ROW_TO, ROW_END };

/**
 * struct row - one line of the table
 * @hop: of ROW_HOP; of ROW_ROUTE the one after it, for its devices and changes
 * @new_hook, @new_place: differs from the row above, so it is said
 * @with_changes: what changed is said on this row
 * @stop: it ended here
 */
struct row {
	enum row_kind kind;
	const struct hop_view *hop;
	const struct decision *d;
	struct str device;
	bool new_hook, new_place, with_changes, stop;
};

enum { CELL_HOOK, CELL_PLACE, CELL_RULE, CELL_VERDICT, CELL_TEXT, CELL_REST, CELL_MAX };

static void cell_hook(struct writer *writer, const struct row *row)
{
	static const char *const labels[] = {
		[ROW_FROM] = "in", [ROW_ROUTE] = "routing", [ROW_TO] = "out", [ROW_HOP] = ""
	};
	bool here = (row->kind == ROW_FROM || row->kind == ROW_TO) && !row->device.n;

	if (row->kind == ROW_HOP && row->new_hook)
		text_hook(writer, row->hop);
	else if (row->kind == ROW_END)
		writer_word(writer,
			    row->hop->hook == HOOK_PREROUTING ? "later hooks" : "POSTROUTING");
	else
		writer_word(writer, here ? "at" : labels[row->kind]);
}

/* The five built-in chains are named after their hooks; naming both would be noise. */
static bool is_named_by_hook(const struct hop_view *hop)
{
	return hop->hook != HOOK_NONE && str_eq(hop->chain, str_from(hook_title(hop->hook)));
}

static void cell_chain(struct writer *writer, const struct hop_view *hop)
{
	writer_to(writer, writer->column + 2 * (hop->depth < 16 ? hop->depth : 16));
	if (!hop->depth)
		writer_text(writer, hop->table);
	if (!hop->depth && !is_named_by_hook(hop))
		writer_word(writer, " ");
	if (hop->depth || !is_named_by_hook(hop))
		writer_text(writer, hop->chain);
}

static void cell_place(struct writer *writer, const struct row *row)
{
	switch (row->kind) {
	case ROW_HOP:
		if (row->new_place && row->hop->table.n)
			cell_chain(writer, row->hop);
		break;
	case ROW_ROUTE:
		writer_word(writer, row->hop->hook == HOOK_INPUT ? "to this host" : "to ");
		if (row->hop->hook != HOOK_INPUT)
			writer_text(writer, row->hop->oif);
		break;
	case ROW_FROM:
	case ROW_TO:
		writer_word(writer, row->device.n ? "" : "this host");
		writer_text(writer, row->device);
		break;
	case ROW_END:
		writer_word(writer, "not reached");
	}
}

static void cell_rule(struct writer *writer, const struct row *row)
{
	if (row->kind != ROW_HOP)
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

static void put_verdict(struct writer *writer, const struct row *row)
{
	const struct hop_view *hop = row->hop;

	writer_role(writer, row->stop ? ROLE_STOP : ROLE_PLAIN);
	writer_word(writer,
		    shouted[hop->verdict] ? shouted[hop->verdict] : verdict_name(hop->verdict));
	if (hop->target.n) {
		writer_word(writer, " ");
		writer_text(writer, hop->target);
	}
	if (hop->by == BY_INFERRED)
		writer_word(writer, " (inferred)");
	writer_role(writer, ROLE_PLAIN);
}

static void cell_verdict(struct writer *writer, const struct row *row)
{
	const struct hop_view *hop = row->hop;

	if (row->kind != ROW_HOP || hop->verdict == VERDICT_NONE || hop->kind == HOP_LOG)
		return;
	if (hop->by == BY_INFERRED && seen_words[hop->verdict] && !row->stop)
		put_seen(writer, seen_words[hop->verdict]);
	else
		put_verdict(writer, row);
}

static void cell_text(struct writer *writer, const struct row *row)
{
	if (row->kind == ROW_HOP)
		writer_text(writer, row->hop->text);
}

static void change_value(struct writer *writer, const struct change *change, uint64_t number,
			 const struct addr *addr)
{
	if (change->field == CHANGE_SRC || change->field == CHANGE_DST)
		writer_word(writer, addr_text(addr).s);
	else if (change->field == CHANGE_MARK || change->field == CHANGE_TOS)
		writer_format(writer, "0x%llx", (unsigned long long)number);
	else
		writer_format(writer, "%llu", (unsigned long long)number);
}

static void put_change(struct writer *writer, const struct change *change)
{
	writer_word(writer, change_name(change->field));
	writer_word(writer, " ");
	change_value(writer, change, change->from, &change->from_addr);
	writer_word(writer, " ");
	writer_glyph(writer, GLYPH_RIGHT);
	writer_word(writer, " ");
	change_value(writer, change, change->to, &change->to_addr);
}

static void put_ending(struct writer *writer, const struct row *row)
{
	writer_role(writer, outcome_stops(row->d->outcome) && row->d->outcome != OUTCOME_LOST
				    ? ROLE_STOP
				    : ROLE_UNSURE);
	writer_glyph(writer, GLYPH_LEFT);
	if (row->d->outcome == OUTCOME_LOST)
		writer_word(writer, " lost after this");
	else if (row->d->outcome == OUTCOME_UNKNOWN)
		writer_word(writer, " last seen here");
	else if (row->d->outcome == OUTCOME_QUEUED)
		writer_word(writer, " handed over here");
	else
		writer_word(writer, " stopped here");
	writer_role(writer, ROLE_PLAIN);
}

static void cell_rest(struct writer *writer, const struct row *row)
{
	for (unsigned int i = 0; row->with_changes && i < row->hop->n_changes; i++) {
		writer_word(writer, i ? ", " : "");
		put_change(writer, &row->hop->changes[i]);
	}
	if (!row->stop)
		return;
	if (row->with_changes && row->hop->n_changes)
		writer_word(writer, "  ");
	put_ending(writer, row);
}

static void (*const cells[CELL_MAX])(struct writer *writer, const struct row *row) = {
	[CELL_HOOK] = cell_hook,       [CELL_PLACE] = cell_place, [CELL_RULE] = cell_rule,
	[CELL_VERDICT] = cell_verdict, [CELL_TEXT] = cell_text,	  [CELL_REST] = cell_rest,
};

/**
 * struct walk - the rows of one way
 * @measure: widths are being found, nothing is printed
 * @widths: of the columns
 * @last: the hop that ended it, or was seen last; n_hops if it got through
 */
struct walk {
	struct writer *writer;
	const struct model *model;
	const struct way *way;
	const struct decision *d;
	bool measure;
	size_t widths[CELL_MAX];
	size_t last;
	struct hop_view before;
};

static size_t cell_width(const struct walk *walk, size_t cell, const struct row *row)
{
	struct writer dry = { .utf8 = walk->writer->utf8 };

	cells[cell](&dry, row);
	return dry.column;
}

/* What is no hop may run over the columns to its right, but not its label. */
static void measure_row(struct walk *walk, const struct row *row)
{
	for (size_t i = 0; i < CELL_MAX; i++) {
		size_t n = i == CELL_HOOK || row->kind == ROW_HOP ? cell_width(walk, i, row) : 0;

		if (n > walk->widths[i])
			walk->widths[i] = n;
	}
}

static void print_row(struct walk *walk, const struct row *row)
{
	size_t column = TEXT_INDENT;

	for (size_t i = 0; i < CELL_MAX; i++) {
		if (cell_width(walk, i, row)) {
			if (walk->writer->column > column)
				column = walk->writer->column + 2;
			writer_to(walk->writer, column);
			cells[i](walk->writer, row);
		}
		column += walk->widths[i] ? walk->widths[i] + 3 : 0;
	}
	writer_line(walk->writer);
}

static void add_row(struct walk *walk, const struct row *row)
{
	if (walk->measure)
		measure_row(walk, row);
	else
		print_row(walk, row);
}

static void add_start(struct walk *walk, const struct hop_view *hop)
{
	struct row row = { .kind = ROW_FROM, .hop = hop, .device = hop->iif };

	if (!walk->way->packet || (!hop->iif.n && hop->hook != HOOK_OUTPUT))
		return;
	add_row(walk, &row);
}

/* Between PREROUTING and what comes next the kernel chose a route, and counted the TTL down. */
static bool is_routed(const struct walk *walk, const struct hop_view *hop)
{
	bool later = hop->hook == HOOK_INPUT || (hop->hook == HOOK_FORWARD && hop->oif.n);

	return later && walk->before.hook == HOOK_PREROUTING;
}

static void add_hop(struct walk *walk, size_t i, const struct hop_view *hop)
{
	const struct hop_view *before = &walk->before;
	bool routed = is_routed(walk, hop);
	struct row route = { .kind = ROW_ROUTE, .hop = hop, .d = walk->d, .with_changes = true };
	struct row row = { .kind = ROW_HOP, .hop = hop, .d = walk->d, .with_changes = !routed };

	if (routed)
		add_row(walk, &route);
	row.new_hook = !i || hop->hook != before->hook || hop->hooks != before->hooks;
	row.new_place = row.new_hook || hop->depth != before->depth ||
			!str_eq(hop->table, before->table) || !str_eq(hop->chain, before->chain);
	row.stop = i == walk->last;
	add_row(walk, &row);
}

static void add_end(struct walk *walk, const struct hop_view *hop)
{
	struct row to = { .kind = ROW_TO, .hop = hop, .device = hop->oif };
	struct row end = { .kind = ROW_END, .hop = hop };

	if (outcome_passes(walk->d->outcome)) {
		if (walk->way->packet && (to.device.n || walk->d->outcome == OUTCOME_DELIVERED))
			add_row(walk, &to);
	} else if (outcome_stops(walk->d->outcome) &&
		   (hop->hook == HOOK_PREROUTING || hop->hook == HOOK_FORWARD ||
		    hop->hook == HOOK_OUTPUT)) {
		add_row(walk, &end);
	}
}

static void walk_rows(struct walk *walk)
{
	size_t n = way_length(walk->model, walk->way);

	memset(&walk->before, 0, sizeof(walk->before));
	for (size_t i = 0; i < n; i++) {
		struct hop_view hop;

		way_hop(walk->model, walk->way, i, &hop);
		if (!i)
			add_start(walk, &hop);
		add_hop(walk, i, &hop);
		walk->before = hop;
	}
	if (n)
		add_end(walk, &walk->before);
}

void text_way(struct writer *writer, const struct model *model, const struct way *way,
	      const struct decision *d)
{
	size_t n = way_length(model, way);
	struct walk walk = { .writer = writer, .model = model, .way = way, .d = d, .last = n };

	if (!outcome_passes(d->outcome))
		walk.last = d->stop >= 0 ? (size_t)d->stop : n - 1;
	walk.measure = true;
	walk_rows(&walk);
	walk.measure = false;
	walk_rows(&walk);
}
