/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html.c - the report as one page for a browser: what text.c says, in elements
 *
 * Theory of Operation
 *
 * There is one narrator, and it is that of the text. It tells a writer's sink where parts begin and
 * end, and here each part has its element (elements[]). What stands in none is lines: each becomes
 * a paragraph. Blanks that would only fill columns become one; what text means becomes a class.
 *
 * All that comes from a log goes through markup_text(). The page forbids itself scripts and all
 * that would have to be loaded, so a chain that is named like a piece of HTML stays a name even if
 * something is wrong here.
 */
#include "html.h"

#include <inttypes.h>
#include <stdlib.h>

#include "markup.h"
#include "text.h"

#define WIDE	   3		  /* columns that set words apart which stand on one line */
#define WIDE_BLANK "\xe2\x80\x83" /* EM SPACE */
#define OPEN_CASES 12 /* so many are shown unfolded, of those that did not get through */

// clang-format off
static const struct {
	const char *tag, *class;
	bool words; /* it has words, no paragraphs */
	bool line;  /* the page's source gets a new line behind it */
} elements[SECTION_MAX] = {
	[SECTION_HEAD]	= { "header",  NULL,	  false, true },
	[SECTION_CASE]	= { "details", "case",	  false, true },
	[SECTION_HEADLINE] = { "summary", NULL,	  true,	 true },
	[SECTION_MARK]	= { "span",    "mark",	  true,	 false },
	[SECTION_FINDING]	= { "section", "finding", false, true },
	[SECTION_TABLE]	= { "table",   NULL,	  false, true },
	[SECTION_ROW]	= { "tr",      NULL,	  false, true },
	[SECTION_CELL]	= { "td",      NULL,	  true,	 false },
	[SECTION_END]	= { "footer",  NULL,	  false, true },
};

static const char *const roles[ROLE_MAX] = {
	[ROLE_PASS] = "pass", [ROLE_STOP] = "stop", [ROLE_UNSURE] = "unsure", [ROLE_DIM] = "dim",
	[ROLE_BOLD] = "name",
};

static const struct {
	enum glyph glyph;
	const char *words;
} shown[] = {
	{ GLYPH_STOP, "stopped" }, { GLYPH_LOST, "lost, refused, or no answer" },
	{ GLYPH_UNKNOWN, "not known" }, { GLYPH_PASS, "got through" },
};
// clang-format on

#define SHOWN (sizeof(shown) / sizeof(*shown))

/**
 * struct page - a place in the document
 * @role: of the words being written, ROLE_PLAIN: no element is open for it
 * @depth: parts around it that have words
 * @paragraph: one is open; @words: there are some before, in it or in the section that has words;
 *	@blank: one is due, if more follow; @wide: it sets apart
 * @open: cases that were shown unfolded; @n: how many there are, by row of shown[]
 */
struct page {
	FILE *out;
	enum role role;
	unsigned int depth;
	bool paragraph, words, blank, wide;
	unsigned int open;
	uint64_t n[SHOWN];
};

static void set_role(struct page *page, enum role role)
{
	if (role == page->role)
		return;
	if (roles[page->role])
		fputs("</span>", page->out);
	if (roles[role])
		fprintf(page->out, "<span class=\"%s\">", roles[role]);
	page->role = role;
}

static void end_paragraph(struct page *page)
{
	set_role(page, ROLE_PLAIN);
	page->blank = false;
	if (page->paragraph)
		fputs("</p>\n", page->out);
	page->paragraph = page->words = false;
}

static bool is_blank(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n == s.n;
}

/* iptables' options: a browser would let a line end behind their dashes. */
static bool is_option(struct str word)
{
	return word.n > 1 && *word.p == '-';
}

static void put_words(FILE *out, struct str s)
{
	for (size_t n; s.n; s = str_skip(s, n)) {
		struct str word = str_first(s, str_find(s, STR(" ")));
		bool option = is_option(word);

		n = word.n < s.n ? word.n + 1 : word.n;
		fputs(option ? "<span class=\"option\">" : "", out);
		markup_text(out, word);
		fputs(option ? "</span>" : "", out);
		fputs(n > word.n ? " " : "", out);
	}
}

static void page_put(void *who, struct str s, size_t columns, enum role role)
{
	struct page *page = who;
	bool line = str_eq(s, STR("\n"));

	if (!s.n)
		return;
	if (line && !page->depth)
		end_paragraph(page);
	if (line || is_blank(s)) {
		page->blank = page->words;
		page->wide = columns >= WIDE;
		return;
	}
	if (!page->depth && !page->paragraph) {
		fputs("<p>", page->out);
		page->paragraph = true;
	}
	if (page->blank)
		fputs(page->wide ? WIDE_BLANK : " ", page->out);
	page->words = true;
	page->blank = false;
	set_role(page, role);
	put_words(page->out, s);
}

/* begin_case - what got through is folded, and so is what is too much to look at */
static void begin_case(struct page *page, const char *kind)
{
	for (size_t i = 0; i < SHOWN; i++)
		page->n[i] += !strcmp(kind, glyph_kind(shown[i].glyph));
	if (strcmp(kind, glyph_kind(GLYPH_PASS)) != 0 && page->open++ < OPEN_CASES)
		fputs(" open=\"open\"", page->out);
}

static void page_begin(void *who, enum section section, const char *kind)
{
	struct page *page = who;
	const char *class = elements[section].class;

	if (page->depth)
		set_role(page, ROLE_PLAIN);
	else
		end_paragraph(page);
	fprintf(page->out, "<%s", elements[section].tag);
	if (class || *kind)
		fprintf(page->out, " class=\"%s%s%s\"", class ? class : "",
			class && *kind ? " " : "", kind);
	if (section == SECTION_CASE)
		begin_case(page, kind);
	fputs(">", page->out);
	page->depth += elements[section].words;
	page->words = page->blank = false;
}

static void page_end(void *who, enum section section)
{
	struct page *page = who;

	end_paragraph(page);
	fprintf(page->out, "</%s>%s", elements[section].tag, elements[section].line ? "\n" : "");
	page->depth -= elements[section].words;
	page->words = page->blank = page->depth; /* as behind a mark */
}

/* page_of - Return: NULL without memory; then there is a head and an end, and nothing between */
static struct page *page_of(struct report *report)
{
	if (!report->state)
		report->state = calloc(1, sizeof(struct page));
	if (report->state)
		((struct page *)report->state)->out = report->out;
	return report->state;
}

static struct writer_sink sink_of(struct page *page)
{
	return (struct writer_sink){ page_put, page, page_begin, page_end };
}

static struct writer writer_of(const struct writer_sink *sink)
{
	return (struct writer){ .utf8 = true, .wrap = SIZE_MAX, .sink = sink };
}

static void put_choice(FILE *out, const char *id, const char *words, uint64_t n, bool checked)
{
	fprintf(out,
		"<label><input type=\"radio\" name=\"show\" id=\"show-%s\"%s /> %s %s</label>\n",
		id, checked ? " checked=\"checked\"" : "", words, number_text(n).s);
}

/* put_choices - which flows are to be shown: buttons that the style sheet looks at */
static void put_choices(const struct page *page)
{
	uint64_t all = 0;
	size_t kinds = 0;

	for (size_t i = 0; i < SHOWN; i++) {
		all += page->n[i];
		kinds += page->n[i] > 0;
	}
	if (kinds < 2)
		return;
	fputs("<nav>\n", page->out);
	put_choice(page->out, "all", "all flows", all, true);
	for (size_t i = 0; i < SHOWN; i++)
		if (page->n[i])
			put_choice(page->out, glyph_kind(shown[i].glyph), shown[i].words,
				   page->n[i], false);
	fputs("</nav>\n", page->out);
}

void html_head(struct report *report, const struct model *model)
{
	struct page title = { .out = report->out, .depth = 1 };
	struct writer_sink sink = sink_of(&title);
	struct writer writer = writer_of(&sink);

	(void)model;
	fputs(html_start, report->out);
	writer_word(&writer, "nfhop: ");
	text_names(&writer, report);
	for (const char *const *line = html_style; *line; line++)
		fputs(*line, report->out);
}

void html_packet(struct report *report, const struct model *model, const struct packet *packet)
{
	struct page *page = page_of(report);
	struct writer_sink sink;
	struct writer writer;

	if (!page)
		return;
	sink = sink_of(page);
	writer = writer_of(&sink);
	say_packet(&writer, report, model, packet);
}

void html_tail(struct report *report, const struct model *model)
{
	struct page *page = page_of(report);
	struct writer_sink sink;
	struct writer writer;

	if (page) {
		sink = sink_of(page);
		writer = writer_of(&sink);
		say_tail(&writer, report, model);
		if (report->by == REPORT_BY_FLOW)
			put_choices(page);
	}
	fputs(html_end, report->out);
}
