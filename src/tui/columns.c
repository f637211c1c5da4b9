// SPDX-License-Identifier: GPL-2.0-or-later
/* columns.c - the columns of the list of flows, and the menus that choose and sort them */
#include "columns.h"

#include <inttypes.h>
#include <stdio.h>

#include "nfhop/trace.h"

static void cell_mark(struct writer *writer, const struct flow_cell *cell)
{
	text_mark(writer, flow_glyph(&cell->told.view));
}

static void cell_proto(struct writer *writer, const struct flow_cell *cell)
{
	const struct tuple *there = &cell->told.flow->there;

	text_proto(writer, there->family, there->known, there->proto);
}

static bool is_icmp(const struct tuple *tuple)
{
	return tuple->proto == 1 || tuple->proto == 58;
}

/* Ports are in sight, however long addresses are. */
static void put_end(struct writer *writer, const struct flow_cell *cell, const struct addr *addr,
		    uint16_t port)
{
	const struct tuple *there = &cell->told.flow->there;

	if (there->family != FAMILY_NONE)
		text_endpoint_within(writer, addr, there->ports && !is_icmp(there), port,
				     cell->room ? cell->room : SIZE_MAX);
}

static void cell_client(struct writer *writer, const struct flow_cell *cell)
{
	const struct endpoints *ends = &cell->told.flow->there.ends;

	put_end(writer, cell, &ends->src, ends->sport);
}

static void cell_server(struct writer *writer, const struct flow_cell *cell)
{
	const struct endpoints *ends = &cell->told.flow->there.ends;

	put_end(writer, cell, &ends->dst, ends->dport);
	text_flow_icmp(writer, cell->told.flow);
}

static void cell_nat(struct writer *writer, const struct flow_cell *cell)
{
	const struct nat *nat = &cell->told.view.nat;
	const struct endpoints *there = &cell->told.flow->there.ends, *now = nat->ends;
	bool src = nat->changed & (NAT_SRC | NAT_SPORT), dst = nat->changed & (NAT_DST | NAT_DPORT);

	if (src) {
		writer_word(writer, "from ");
		text_endpoint(writer, nat->changed & NAT_SRC ? &now->src : &there->src,
			      nat->changed & NAT_SPORT, now->sport);
	}
	if (dst) {
		writer_word(writer, src ? " to " : "to ");
		text_endpoint(writer, nat->changed & NAT_DST ? &now->dst : &there->dst,
			      nat->changed & NAT_DPORT, now->dport);
	}
}

static void cell_there(struct writer *writer, const struct flow_cell *cell)
{
	writer_number(writer, cell->told.flow->packets[0]);
}

static void cell_back(struct writer *writer, const struct flow_cell *cell)
{
	writer_number(writer, cell->told.flow->packets[1]);
}

static void cell_age(struct writer *writer, const struct flow_cell *cell)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	const struct stamp *now = cell->tui->news.now.have
					  ? &cell->tui->news.now
					  : &model_stats(cell->tui->model)->when.last;
	bool apart = model_hosts(cell->tui->model, NULL, 0) > 1;
	int64_t age;

	if (!stamp_since(now, told_last(&cell->told), apart, &age))
		return;
	age /= 1000000000;
	for (size_t i = 0; i < 4; i++)
		if (age >= units[i].seconds || i == 3) {
			writer_format(writer, "%" PRId64 "%c",
				      (age < 0 ? 0 : age) / units[i].seconds, units[i].unit);
			return;
		}
}

static void cell_where(struct writer *writer, const struct flow_cell *cell)
{
	enum glyph glyph = flow_glyph(&cell->told.view);

	if (glyph == GLYPH_STOP)
		writer_role(writer, ROLE_STOP);
	else if (glyph == GLYPH_PASS)
		writer_role(writer, ROLE_DIM);
	text_where(writer, cell->tui->model, &cell->told);
	writer_role(writer, ROLE_PLAIN);
}

static void cell_host(struct writer *writer, const struct flow_cell *cell)
{
	writer_text(writer, model_host_told(cell->tui->model, cell->told.flow->host));
}

// clang-format off
const struct column columns[COLUMNS_MAX] = {
	{ "", "how it went: x stopped, ~ lost or no answer, ? not known, v both ways",
	  1, 1, 0, 1, false, 0, SORT_TROUBLE, cell_mark },
	{ "HOST", "which of several hosts saw it", 1, 4, 0, 24, false, 1, SORT_MAX, cell_host },
	{ "PROTO", "protocol", 1, 4, 0, 12, false, 2, SORT_MAX, cell_proto },
	{ "CLIENT", "where its first packet came from", 2, 12, 24, 47, false, 0, SORT_CLIENT,
	  cell_client },
	{ "TRANSLATED", "what NAT made of its source and destination", 2, 20, 0, 60, false, 6,
	  SORT_MAX, cell_nat },
	{ "SERVER", "where its first packet was sent to", 1, 12, 24, 47, false, 0, SORT_SERVER,
	  cell_server },
	{ "THERE", "packets from client to server", 1, 5, 0, 11, true, 3, SORT_THERE, cell_there },
	{ "BACK", "packets from server to client", 1, 4, 0, 11, true, 4, SORT_BACK, cell_back },
	{ "AGE", "since its newest packet", 2, 3, 0, 4, true, 5, SORT_AGE, cell_age },
	{ "STOPPED AT", "the rule or policy that stopped it, or what else became of it",
	  0, 14, 0, 60, false, 0, SORT_WHERE, cell_where },
};

static const struct { const char *name, *help; } sorts[SORT_MAX] = {
	[SORT_TROUBLE] = { "trouble", "stopped, lost, unknown, then the rest; most packets first" },
	[SORT_AGE]     = { "age", "newest first" },
	[SORT_NUMBER]  = { "number", "in the order in which they were first seen" },
	[SORT_CLIENT]  = { "client", "by address and port" },
	[SORT_SERVER]  = { "server", "by address and port" },
	[SORT_THERE]   = { "there", "packets there, most first" },
	[SORT_BACK]    = { "back", "packets back, most first" },
	[SORT_WHERE]   = { "stopped at", "by what became of it" },
};
// clang-format on

const char *columns_sort_name(enum flow_sort sort)
{
	return sorts[sort].name;
}

static unsigned int total(const unsigned int *widths)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < COLUMNS_MAX; i++)
		sum += widths[i] ? widths[i] + columns[i].gap : 0;
	return sum;
}

/* The same if long addresses are cut, as much as they can well be. */
static unsigned int total_cut(const unsigned int *widths)
{
	unsigned int sum = total(widths);

	for (size_t i = 0; i < COLUMNS_MAX; i++)
		if (columns[i].enough && widths[i] > columns[i].enough)
			sum -= widths[i] - columns[i].enough;
	return sum;
}

/* The least wanted column that is still there; COLUMNS_MAX if all must be. */
static size_t least_wanted(const unsigned int *widths)
{
	size_t found = COLUMNS_MAX;

	for (size_t i = 0; i < COLUMNS_MAX; i++)
		if (widths[i] && columns[i].wanted &&
		    (found == COLUMNS_MAX || columns[i].wanted > columns[found].wanted))
			found = i;
	return found;
}

/* Long addresses and long places give way together, the widest first. */
static void shrink(unsigned int *widths, unsigned int room)
{
	for (;;) {
		size_t widest = COLUMNS_MAX;

		for (size_t i = 0; i < COLUMNS_MAX; i++)
			if (widths[i] > columns[i].least &&
			    (widest == COLUMNS_MAX || widths[i] > widths[widest]))
				widest = i;
		if (total(widths) <= room || widest == COLUMNS_MAX)
			return;
		widths[widest]--;
	}
}

/* Columns that can be done without go before addresses and places become unreadable. */
void columns_fit(unsigned int shown, unsigned int *widths, unsigned int room)
{
	unsigned int *last = &widths[COLUMNS_MAX - 1];
	size_t out;

	for (size_t i = 0; i < COLUMNS_MAX; i++) {
		if (!(shown & 1u << i))
			widths[i] = 0;
		if (widths[i] > columns[i].most)
			widths[i] = columns[i].most;
	}
	while (total_cut(widths) > room && (out = least_wanted(widths)) < COLUMNS_MAX)
		widths[out] = 0;
	shrink(widths, room);
	if (*last && total(widths) < room)
		*last += room - total(widths);
}

static void sort_row(struct tui *tui, size_t i, struct pen *pen)
{
	bool chosen = tui->flows.sort == (enum flow_sort)i;

	pen_format(pen, " %s %-11s ", chosen ? "*" : " ", sorts[i].name);
	writer_role(&pen->w, ROLE_DIM);
	writer_word(&pen->w, sorts[i].help);
}

void columns_sort(struct tui *tui, enum flow_sort sort, bool turned)
{
	tui->frames[0].list.follow = false;
	flow_rows_sort(&tui->flows, tui->model, sort, turned);
}

static bool sort_pick(struct tui *tui, size_t i)
{
	columns_sort(tui, (enum flow_sort)i, false);
	return true;
}

#define ALL_COLUMNS ((1u << COLUMNS_MAX) - 1)

static void column_row(struct tui *tui, size_t i, struct pen *pen)
{
	pen_format(pen, " [%s] %-11s ", tui->columns & 1u << i ? "x" : " ",
		   *columns[i].title ? columns[i].title : "(mark)");
	writer_role(&pen->w, ROLE_DIM);
	writer_word(&pen->w, columns[i].help);
}

static bool column_pick(struct tui *tui, size_t i)
{
	if ((tui->columns & ALL_COLUMNS) != 1u << i) /* one has to stay */
		tui->columns ^= 1u << i;
	return false;
}

const struct menu menu_sort = { "Sort flows by", SORT_MAX, sort_row, sort_pick };
const struct menu menu_columns = { "Columns, as far as there is room", COLUMNS_MAX, column_row,
				   column_pick };
