// SPDX-License-Identifier: GPL-2.0-or-later
/* save.c - what is looked at, kept: its records, or what nfhop check is to expect of it */
#include <inttypes.h>
#include <stdio.h>

#include "nfhop/addr.h"

#include "view.h"

#define TEXT_SIZE 1024

/* struct buffer - a text that grows as far as it may */
struct buffer {
	char *text;
	size_t n;
};

static void buffer_sink(void *who, struct str s, size_t columns, enum role role)
{
	struct buffer *buffer = who;
	size_t room = TEXT_SIZE - 1 - buffer->n, n = s.n < room ? s.n : room;

	(void)columns;
	(void)role;
	memcpy(buffer->text + buffer->n, s.p, n);
	buffer->n += n;
	buffer->text[buffer->n] = '\0';
}

/* The part before the arrow: which packets are meant. */
static void put_selection(struct writer *writer, const struct flow *flow, bool back)
{
	const struct tuple *there = &flow->there;
	const char *proto = there->known ? ip_proto_name(there->proto) : NULL;
	const struct addr *src = back ? &there->ends.dst : &there->ends.src;
	const struct addr *dst = back ? &there->ends.src : &there->ends.dst;

	if (proto)
		writer_format(writer, "%s and ", proto);
	else if (there->known)
		writer_format(writer, "proto %u and ", there->proto);
	writer_format(writer, "src %s and dst %s", addr_text(src).s, addr_text(dst).s);
	if (there->ports && there->proto != 1 && there->proto != 58)
		writer_format(writer, " and %s %u", back ? "sport" : "dport", there->ends.dport);
}

/* The part behind it: what is to become of them, and where. */
static void put_outcome(struct writer *writer, const struct model *model, const struct scene *scene)
{
	struct hop_view hop;

	if (scene->d.stop < 0 || !outcome_stops(scene->d.outcome)) {
		writer_word(writer, outcome_name(scene->d.outcome));
		return;
	}
	way_hop(model, &scene->way, (size_t)scene->d.stop, &hop);
	writer_word(writer, "stopped at ");
	writer_text(writer, hop.table);
	writer_word(writer, ":");
	writer_text(writer, hop.chain);
	if (hop.kind == HOP_POLICY)
		writer_word(writer, ":policy");
	else if (hop.rule)
		writer_format(writer, ":rule:%" PRIu32, hop.rule);
}

static void expectation(struct tui *tui, const struct scene *scene, char *text)
{
	struct buffer buffer = { text, 0 };
	struct writer_sink sink = { buffer_sink, &buffer };
	struct writer writer = { .sink = &sink, .utf8 = true };

	*text = '\0';
	writer_word(&writer, "all  ");
	put_selection(&writer, scene->flow, scene->back);
	writer_word(&writer, "  =>  ");
	put_outcome(&writer, tui->model, scene);
}

void save_to(struct tui *tui, const char *file)
{
	struct frame *top = tui_top(tui);
	struct subject subject;
	struct scene scene;
	char text[TEXT_SIZE] = "", err[256] = "";
	int ret;

	if (!top->view->subject || !top->view->subject(tui, top, &subject) ||
	    !scene_of(tui->model, &subject, &scene) || !scene.flow)
		return;
	if (tui->saving == TUI_SAVE_EXPECTATION) {
		if (scene.d.outcome == OUTCOME_UNKNOWN) {
			tui_say(tui, ROLE_UNSURE,
				"What became of it is not known: nothing can be "
				"expected.");
			return;
		}
		expectation(tui, &scene, text);
	}
	ret = tui->host.save(tui->host.who, tui->saving, file, scene.flow, text, err, sizeof(err));
	if (ret < 0)
		tui_say(tui, ROLE_STOP, "%s", err);
	else if (*text)
		tui_say(tui, ROLE_PLAIN, "Added to %s: %s", file, text);
	else
		tui_say(tui, ROLE_PLAIN, "Saved to %s%s%s", file, *err ? ": " : "", err);
}

static const char *const kinds[] = {
	[TUI_SAVE_RECORDING] = "the records of this flow, to be read again by nfhop",
	[TUI_SAVE_EXPECTATION] = "an expectation for nfhop check: this flow goes this way",
};

static void save_row(struct tui *tui, size_t i, struct pen *pen)
{
	(void)tui;
	writer_word(&pen->w, "  ");
	writer_word(&pen->w, kinds[i]);
}

static bool save_pick(struct tui *tui, size_t i)
{
	static const char *const files[] = { "flow.nfhop", "nfhop.expect" };

	tui->saving = (enum tui_save)i;
	tui_back(tui);
	ask_start(tui, ASK_FILE, files[i]);
	return false;
}

const struct menu menu_save = { "Save", sizeof(kinds) / sizeof(*kinds), save_row, save_pick };
