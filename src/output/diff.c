/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff.c - which flows take another way now, as text */
#include "nfhop/diff.h"

#include "nfhop/text.h"

static void put_conversation(struct writer *writer, const struct diff_row *row)
{
	const struct conversation *key = &row->key;

	text_proto(writer, key->family, key->known, key->proto);
	writer_word(writer, " ");
	text_endpoint(writer, &key->client, false, 0);
	writer_word(writer, " ");
	writer_glyph(writer, GLYPH_RIGHT);
	writer_word(writer, " ");
	text_endpoint(writer, &key->server, key->port, key->port);
	writer_word(writer, row->back ? ", answers" : "");
}

static struct way side_way(const struct diff_row *row, int side)
{
	return way_of(row->way[side].flow, row->way[side].fp);
}

static bool refuses(const struct diff_row *row, int side)
{
	return row->back && row->way[side].fp && (row->way[side].fp->flags & PACKET_ERROR);
}

static void put_outcome(struct writer *writer, const struct diff *diff, const struct diff_row *row,
			int side)
{
	const struct diff_way *way = &row->way[side];
	struct way shown;
	struct decision d;

	if (!way->fp) {
		writer_word(writer, "no packet");
		return;
	}
	shown = side_way(row, side);
	model_decide_path(diff->model[side], way->flow, way->fp, &d);
	if (refuses(row, side)) {
		struct refusal refusal = model_refusal_of(diff->model[side], way->flow, way->fp);
		char words[128];

		refusal_text(&refusal, words, sizeof(words));
		writer_word(writer, words);
		writer_word(writer, ": ");
	}
	text_outcome(writer, diff->model[side], &shown, &d);
}

static void put_end(struct writer *writer, const struct diff_way *way)
{
	const struct endpoints *ends = &way->flow->left.ends;
	bool ports = way->flow->there.ports;

	writer_word(writer, "the way ends here");
	if (!diff_shows_target(way))
		return;
	writer_word(writer, ", translated to ");
	text_endpoints(writer, ends, ports);
}

/* Where the ways part: the hop, with its verdict and its rule's text. */
static void put_hop(struct writer *writer, const struct diff *diff, const struct diff_row *row,
		    int side)
{
	const struct diff_way *way = &row->way[side];
	struct way shown = side_way(row, side);
	struct hop_view hop;

	if (way->hop >= way_length(diff->model[side], &shown)) {
		put_end(writer, way);
		return;
	}
	way_hop(diff->model[side], &shown, way->hop, &hop);
	text_place(writer, &hop);
	if (hop.verdict) {
		writer_word(writer, "   ");
		text_verdict(writer, &hop);
	}
	if (hop.text.n) {
		writer_word(writer, "   ");
		writer_text(writer, hop.text);
	}
}

static void put_last_common(struct writer *writer, const struct diff *diff,
			    const struct diff_row *row)
{
	struct way shown = side_way(row, 1);
	struct hop_view hop;
	size_t i = row->way[1].hop;

	writer_to(writer, TEXT_INDENT);
	if (!row->common) {
		writer_word(writer, "They part at once.");
	} else {
		way_hop(diff->model[1], &shown, i - 1, &hop);
		writer_word(writer, "The same up to ");
		text_hook(writer, &hop);
		writer_word(writer, ", ");
		text_place(writer, &hop);
		writer_word(writer, ".");
	}
	writer_line(writer);
}

static const char *const labels[2] = { "before", "now" };

static void put_side(struct writer *writer, const struct diff *diff, const struct diff_row *row,
		     int side)
{
	writer_to(writer, TEXT_INDENT);
	writer_role(writer, ROLE_DIM);
	writer_word(writer, labels[side]);
	writer_role(writer, ROLE_PLAIN);
	writer_to(writer, TEXT_INDENT + 9);
	put_outcome(writer, diff, row, side);
	writer_word(writer, row->way[side].fp ? "   (" : "");
	if (row->way[side].fp) {
		writer_count(writer, row->way[side].packets, "packet", "packets");
		writer_word(writer, ")");
	}
	writer_line(writer);
	if (!row->way[0].fp || !row->way[1].fp)
		return;
	writer_to(writer, TEXT_INDENT + 9);
	put_hop(writer, diff, row, side);
	writer_line(writer);
}

static enum glyph row_glyph(const struct diff *diff, const struct diff_row *row)
{
	struct decision d;

	if (!row->way[1].fp || refuses(row, 1))
		return GLYPH_LOST;
	model_decide_path(diff->model[1], row->way[1].flow, row->way[1].fp, &d);
	return outcome_glyph(d.outcome);
}

static void put_row(struct writer *writer, const struct diff *diff, const struct diff_row *row)
{
	writer_line(writer);
	text_mark(writer, row_glyph(diff, row));
	writer_to(writer, TEXT_INDENT);
	writer_role(writer, ROLE_BOLD);
	put_conversation(writer, row);
	writer_role(writer, ROLE_PLAIN);
	writer_line(writer);
	if (row->way[0].fp && row->way[1].fp)
		put_last_common(writer, diff, row);
	for (int side = 0; side < 2; side++)
		put_side(writer, diff, row, side);
}

/* "before (old.log): " */
static void put_name(struct writer *writer, int side, const char *name)
{
	writer_word(writer, labels[side]);
	writer_word(writer, " (");
	writer_word(writer, name);
	writer_word(writer, "): ");
}

static void put_only(struct writer *writer, const struct diff *diff, int side, const char *name)
{
	if (!diff->only[side])
		return;
	put_name(writer, side, name);
	writer_word(writer, "only here ");
	writer_count(writer, diff->only[side], "conversation", "conversations");
	writer_word(writer, ".");
	writer_line(writer);
}

/* What limits the comparison. */
static void put_limits(struct writer *writer, const struct diff *diff, int side, const char *name)
{
	const struct model *m = diff->model[side];
	const struct stats *s = model_stats(m);

	if (diff->unclear[side]) {
		put_name(writer, side, name);
		writer_count(writer, diff->unclear[side], "packet is", "packets are");
		writer_word(writer, " not compared: what became of them is not fully known.");
		writer_line(writer);
	}
	if (s->lost || model_gap_count(m)) {
		put_name(writer, side, name);
		writer_word(writer, "records were lost; a difference may have been missed.");
		writer_line(writer);
	}
	if (s->malformed) {
		put_name(writer, side, name);
		writer_count(writer, s->malformed, "line is broken", "lines are broken");
		writer_word(writer, "; a difference may have been missed.");
		writer_line(writer);
	}
	if (s->unended) {
		put_name(writer, side, name);
		writer_word(writer, "the recording has no end; a difference may have been missed.");
		writer_line(writer);
	}
	if (s->late) {
		put_name(writer, side, name);
		writer_count(writer, s->late, "line runs", "lines run");
		writer_word(writer, " back in time; a difference may have been missed.");
		writer_line(writer);
	}
	if (model_left_out(m)) {
		put_name(writer, side, name);
		writer_count(writer, model_left_out(m), "packet was", "packets were");
		writer_word(writer, " not traced for --limit; a difference may have been missed.");
		writer_line(writer);
	}
	if (!model_rules(m)) {
		put_name(writer, side, name);
		writer_word(writer, "no rule set; rules are compared by their numbers.");
		writer_line(writer);
	}
}

void diff_write_text(struct writer *writer, const struct diff *diff, const char *const names[2])
{
	writer_count(writer, diff->matched, "conversation", "conversations");
	writer_word(writer, " compared: ");
	if (!diff->matched)
		writer_word(writer, "nothing is known of the same ones in both.");
	else if (diff->n)
		writer_count(writer, diff->n, "difference.", "differences.");
	else
		writer_word(writer, "all go the same way.");
	writer_line(writer);
	if (diff->vague) {
		writer_count(writer, diff->vague, "conversation is", "conversations are");
		writer_word(writer, " in both, but too little is known of the ways.");
		writer_line(writer);
	}
	for (int side = 0; side < 2; side++)
		put_only(writer, diff, side, names[side]);
	for (int side = 0; side < 2; side++)
		put_limits(writer, diff, side, names[side]);
	for (size_t i = 0; i < diff->n; i++)
		put_row(writer, diff, &diff->rows[i]);
}
