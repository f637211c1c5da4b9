/* SPDX-License-Identifier: GPL-2.0-or-later */
/* coverage.c - which rules were met and which never, as text and as JSON */
#include "nfhop/coverage.h"

#include "json_write.h"
#include "nfhop/text.h"

/* ---- text ---- */

static void cell_rule(struct writer *writer, const struct coverage_row *row)
{
	if (row->kind == HOP_POLICY && row->number && !row->chain)
		writer_format(writer, "policy or rule %u", row->number);
	else if (row->kind == HOP_POLICY)
		writer_word(writer, "policy");
	else if (row->number)
		writer_format(writer, "rule %u", row->number);
	else if (row->handle)
		writer_format(writer, "handle %llu", (unsigned long long)row->handle);
	else
		writer_word(writer, "a rule");
}

static void cell_hits(struct writer *writer, const struct coverage_row *row)
{
	writer_number(writer, row->hits);
}

static void cell_packets(struct writer *writer, const struct coverage_row *row)
{
	writer_number(writer, row->packets);
}

static void cell_flows(struct writer *writer, const struct coverage_row *row)
{
	writer_number(writer, row->flows);
}

static void cell_when(struct writer *writer, const struct coverage_row *row)
{
	if (row->packets)
		text_span(writer, &row->when.first, &row->when.last);
}

static void cell_text(struct writer *writer, const struct coverage_row *row)
{
	if (row->kind == HOP_POLICY && row->chain)
		writer_word(writer, verdict_name(row->chain->policy));
	else
		writer_text(writer, row->text);
}

static const struct {
	const char *title;
	bool right;
	void (*cell)(struct writer *writer, const struct coverage_row *row);
} columns[] = {
	{ "", false, cell_rule },
	{ "hits", true, cell_hits },
	{ "packets", true, cell_packets },
	{ "flows", true, cell_flows },
	{ "first and last", false, cell_when },
	{ "", false, cell_text },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

static bool is_shown(const struct coverage_row *row, bool never)
{
	return !never || never_counts(row->never);
}

static bool any_shown(const struct coverage *c, bool never)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_shown(&c->rows[i], never))
			return true;
	return false;
}

static size_t width_of(const struct writer *writer, const struct coverage_row *row, size_t i)
{
	struct writer dry = writer_dry(writer);

	columns[i].cell(&dry, row);
	return dry.column;
}

static void measure(const struct writer *writer, const struct coverage *c, bool never,
		    size_t widths[])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		widths[i] = strlen(columns[i].title);
		for (size_t k = 0; k < c->n; k++) {
			size_t n = is_shown(&c->rows[k], never) ? width_of(writer, &c->rows[k], i)
								: 0;

			widths[i] = n > widths[i] ? n : widths[i];
		}
	}
}

static void put_line(struct writer *writer, const struct coverage_row *row, const size_t widths[])
{
	size_t column = TEXT_INDENT;

	for (size_t i = 0; i < COLUMNS; i++) {
		size_t n = row ? width_of(writer, row, i) : strlen(columns[i].title);

		if (n) {
			writer_to(writer, column + (columns[i].right ? widths[i] - n : 0));
			if (row)
				columns[i].cell(writer, row);
			else
				writer_word(writer, columns[i].title);
		}
		column += widths[i] + (widths[i] ? 3 : 0);
	}
	writer_line(writer);
}

static void put_never(struct writer *writer, const struct coverage_row *row)
{
	writer_to(writer, 2 * TEXT_INDENT);
	writer_role(writer, ROLE_UNSURE);
	if (never_counts(row->never) && row->never != NEVER_MATCHED)
		writer_word(writer, "never: ");
	switch (row->never) {
	case NEVER_CHAIN:
		writer_word(writer, "no packet came to this chain");
		break;
	case NEVER_UNCONDITIONAL:
		writer_format(writer, "rule %u before it takes everything", row->by->number);
		break;
	case NEVER_SHADOWED:
		writer_count(writer, row->by_packets, "packet fitted it, but was",
			     "packets fitted it, but were");
		writer_format(writer, " taken before, mostly by rule %u", row->by->number);
		break;
	case NEVER_UNTRACED:
		writer_word(writer, "the trace starts here or behind it: nothing shows its hits");
		break;
	case NEVER_LOGGED:
		writer_word(writer, "packets were only logged: nothing shows whether it was met");
		break;
	case NEVER_ALIKE:
		writer_word(writer, "it reads as others of its chain do: the trace, which names no "
				    "rules, tells their hits as one");
		break;
	case NEVER_MATCHED:
		writer_count(writer, row->passed_over, "packet came to it and did not match",
			     "packets came to it, none matched");
		break;
	case NEVER_TAKEN:
		writer_word(writer, "rules before it took every packet that came to this chain");
		break;
	case NEVER_UNKNOWN:
	case NEVER_NOT:
		writer_word(writer, "no packet is known to have come to it");
	}
	writer_role(writer, ROLE_PLAIN);
	writer_line(writer);
}

/* Of rule sets that were loaded one after the other, not all have it. */
static void put_when_loaded(struct writer *writer, const struct coverage_row *row)
{
	if (!row->since.have && !row->until.have)
		return;
	writer_to(writer, 2 * TEXT_INDENT);
	writer_role(writer, ROLE_UNSURE);
	writer_word(writer, "in the rule set");
	if (row->since.have) {
		writer_word(writer, " since ");
		text_span(writer, &row->since, &row->since);
	}
	if (row->until.have) {
		writer_word(writer, row->since.have ? ", until " : " until ");
		text_span(writer, &row->until, &row->until);
	}
	writer_role(writer, ROLE_PLAIN);
	writer_line(writer);
}

static bool is_legacy(const struct coverage_row *row)
{
	return row->chain && row->chain->table->backend == BACKEND_XT;
}

/* has_namesake - nftables has a table of that name, too */
static bool has_namesake(const struct coverage *c, const struct coverage_row *row)
{
	return is_legacy(row) && ruleset_table(c->rules, BACKEND_NFT, row->family, row->table);
}

static bool same_chain(const struct coverage_row *a, const struct coverage_row *b)
{
	return is_legacy(a) == is_legacy(b) && a->family == b->family &&
	       str_eq(a->table, b->table) && str_eq(a->chain_name, b->chain_name);
}

static void put_chain(struct writer *writer, const struct coverage *c,
		      const struct coverage_row *row)
{
	const char *family = family_name(row->family);

	writer_line(writer);
	writer_role(writer, ROLE_BOLD);
	writer_format(writer, "%s ", family ? family : "");
	writer_text(writer, row->table);
	writer_word(writer, " ");
	writer_text(writer, row->chain_name);
	writer_role(writer, ROLE_PLAIN);
	writer_word(writer, has_namesake(c, row) ? " (legacy iptables)" : "");
	writer_line(writer);
}

static void put_loss(struct writer *writer, const struct model *model)
{
	const struct stats *s = model_stats(model);

	if (!s->lost && !model_gap_count(model) && !s->evicted_flows && !model_left_out(model) &&
	    !s->malformed && !s->late && !s->unended)
		return;
	if (model_left_out(model))
		writer_count(writer, model_left_out(model), "packet was not traced for --limit",
			     "packets were not traced for --limit");
	else if (s->lost)
		writer_count(writer, s->lost, "record was lost", "records were lost");
	else if (model_gap_count(model))
		writer_word(writer, "Records were lost");
	else if (s->malformed)
		writer_count(writer, s->malformed, "line is broken", "lines are broken");
	else if (s->unended)
		writer_word(writer, "The recording has no end");
	else if (s->late)
		writer_count(writer, s->late, "line runs back in time", "lines run back in time");
	else
		writer_count(writer, s->evicted_flows, "flow was given up for lack of room",
			     "flows were given up for lack of room");
	writer_word(writer, ": a rule that seems never reached may have been.");
	writer_line(writer);
}

static void put_never_count(struct writer *writer, const struct coverage *c)
{
	size_t unreached = c->never - c->unmatched;

	writer_word(writer, "; ");
	if (unreached || !c->unmatched) {
		writer_count(writer, unreached, "rule was never reached",
			     "rules were never reached");
		writer_word(writer, c->unmatched ? ", " : "");
	}
	if (c->unmatched)
		writer_count(writer, c->unmatched, "rule was reached and never matched",
			     "rules were reached and never matched");
}

static void put_head(struct writer *writer, const struct model *model, const struct coverage *c)
{
	uint64_t packets, flows;

	model_count_shown(model, &packets, &flows);
	writer_count(writer, packets, "packet", "packets");
	writer_word(writer, " of ");
	writer_count(writer, flows, "flow", "flows");
	writer_word(writer, " met ");
	writer_count(writer, c->reached, "rule", "rules");
	if (c->rules) {
		put_never_count(writer, c);
		writer_word(writer, ".");
	} else {
		writer_word(writer, "; which were never reached, only the rule set can tell (-r).");
	}
	writer_line(writer);
	put_loss(writer, model);
}

void coverage_write_text(struct writer *writer, const struct model *model, const struct coverage *c,
			 bool never)
{
	const struct coverage_row *before = NULL;
	size_t widths[COLUMNS];

	put_head(writer, model, c);
	measure(writer, c, never, widths);
	if (any_shown(c, never)) {
		writer_line(writer);
		writer_role(writer, ROLE_DIM);
		put_line(writer, NULL, widths);
		writer_role(writer, ROLE_PLAIN);
	}
	for (size_t i = 0; i < c->n; i++) {
		const struct coverage_row *row = &c->rows[i];

		if (!is_shown(row, never))
			continue;
		if (!before || !same_chain(before, row))
			put_chain(writer, c, row);
		put_line(writer, row, widths);
		put_when_loaded(writer, row);
		if (row->never)
			put_never(writer, row);
		before = row;
	}
}

/* ---- JSON ---- */

static void json_row(struct json *json, const struct coverage_row *row)
{
	bool policy = row->kind == HOP_POLICY && row->chain;

	json_open(json, NULL, '{');
	json_word(json, "family", family_name(row->family));
	json_put_string(json, "table", row->table);
	json_put_string(json, "chain", row->chain_name);
	json_word(json, "kind", hop_kind_name(row->kind));
	json_nonzero(json, "rule", row->number);
	json_nonzero(json, "handle", row->handle);
	json_put_string(json, "text", row->text);
	json_put_string(json, "comment", row->rule ? row->rule->comment : (struct str){ NULL, 0 });
	json_word(json, "policy", policy ? verdict_name(row->chain->policy) : NULL);
	json_uint(json, "hits", row->hits);
	json_uint(json, "packets", row->packets);
	json_uint(json, "flows", row->flows);
	json_time(json, "first", &row->when.first);
	json_time(json, "last", &row->when.last);
	json_uptime(json, "first_uptime", &row->when.first);
	json_uptime(json, "last_uptime", &row->when.last);
	json_word(json, "unreached", never_name(row->never));
	json_fact(json, "by", row->by, row->by ? row->by->number : 0);
	json_nonzero(json, "by_packets", row->by_packets);
	json_fact(json, "passed_over", row->never == NEVER_MATCHED, row->passed_over);
	json_time(json, "since", &row->since);
	json_time(json, "until", &row->until);
	json_close(json, '}');
}

void coverage_write_json(FILE *out, const struct model *model, const struct coverage *c, bool never)
{
	struct json json = { .out = out };
	uint64_t packets, flows;

	model_count_shown(model, &packets, &flows);
	json_open(&json, NULL, '{');
	json_open(&json, "nfhop", '{');
	json_word(&json, "version", NFHOP_VERSION);
	json_uint(&json, "schema", 1);
	json_close(&json, '}');
	json_open(&json, "rules", '[');
	for (size_t i = 0; i < c->n; i++)
		if (is_shown(&c->rows[i], never)) {
			json_raw(&json, json.comma ? ",\n" : "\n");
			json.comma = false;
			json_row(&json, &c->rows[i]);
		}
	json_close(&json, ']');
	json_open(&json, "stats", '{');
	json_uint(&json, "packets", packets);
	json_uint(&json, "flows", flows);
	json_uint(&json, "reached", c->reached);
	json_fact(&json, "never", c->rules, c->never);
	json_fact(&json, "unmatched", c->rules, c->unmatched);
	json_uint(&json, "lost", model_stats(model)->lost);
	json_uint(&json, "gaps", model_gap_count(model));
	json_close(&json, '}');
	json_close(&json, '}');
	json_raw(&json, "\n");
	json_flush(&json);
}
