// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick.c - lines decoded by what was learned from lines before them
 *
 * Theory of operation
 *
 * A log of a million packets says nearly the same all the time. A line of it has four parts:
 *
 *     Mar  2 01:00:00 gw kernel: [538.000010] TRACE: filter:FORWARD:rule:1 IN=a OUT=b MAC=
 *     |---------- front ---------------------||------------------ form -----------------|
 *     4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 SRC=192.0.2.1 DST=... TTL=63 ID=1 ... URGP=0
 *     |------------- MAC ----------------------||------------------- body -----------------|
 *
 * The front differs from the one before in digits (quick_front.c). There are as many forms as
 * there are places in the tables and pairs of devices: each is decoded once, by decode_record(),
 * and kept; from then on it is compared (quick_forms.c). A body is equal, but for its TTL, in all
 * lines of one packet: it is read once (quick_body.c), and compared in the other lines
 * (quick_bodies.c). Where a line ends shows when its body ends there: nobody need look for it.
 *
 * The need is speed, the rule is that decode_record() would say the same. So only what the
 * kernel prints to the letter is taken here, and everything else (a line in another framing, a
 * body with another word in it, a prefix that might be understood in another way) is handed to
 * decode_record(). Invariants: the words of a form end with the first MAC= or SRC= of the line;
 * what follows is a MAC address and a body in which each word stands in its place, so that no
 * part of it can be taken for devices, for an nft trace, or for a note.
 */
#include <stdlib.h>

#include "note.h"
#include "quick.h"
#include "sight.h"
#include "trails.h"

#define OTHERS 3 /* logs of several hosts, or of a kernel that says its lines' levels */

/* struct quick - @front: of the line before; @others: seen before that, @other the oldest */
struct quick {
	struct batch *batch;
	struct front front;
	struct front others[OTHERS];
	size_t other;
	struct forms forms;
	struct bodies bodies;
	struct trails trails;
	struct sight sight;
};

struct quick *quick_create(unsigned int number)
{
	struct quick *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	sight_init(&q->sight, sight_best());
	if (forms_init(&q->forms, number) && trails_init(&q->trails, number) &&
	    shapes_init(&q->bodies.shapes))
		return q;
	quick_destroy(q);
	return NULL;
}

void quick_destroy(struct quick *q)
{
	if (!q)
		return;
	forms_finish(&q->forms);
	shapes_finish(&q->bodies.shapes);
	trails_finish(&q->trails);
	free(q);
}

void quick_begin(struct quick *q, struct batch *batch)
{
	q->batch = batch;
	/* they stand in the block before */
	q->front = (struct front){ .epoch = q->front.epoch };
	memset(q->others, 0, sizeof(q->others));
	bodies_begin(&q->bodies, batch);
	trails_begin(&q->trails);
}

/* take_other - is it one that was seen before? Return: where words begin */
static size_t take_other(struct quick *q, struct str line, struct stamp *stamp)
{
	for (size_t i = 0; i < OTHERS; i++) {
		struct front *other = &q->others[i], was;
		size_t text;

		other->epoch = q->front.epoch + 1;
		text = front_match(other, line, stamp);
		if (!text)
			continue;
		was = q->front;
		q->front = *other;
		*other = was;
		return text;
	}
	return 0;
}

/* framed - read the framing as that of a line before, or learn it. Return: where words begin */
static size_t framed(struct quick *q, struct str line, bool learn, struct stamp *stamp)
{
	struct front was = q->front;
	size_t text = front_match(&q->front, line, stamp);

	if (!text)
		text = take_other(q, line, stamp);
	if (text || !learn || !front_learn(&q->front, line, q->batch))
		return text;
	q->others[q->other] = was;
	q->other = (q->other + 1) % OTHERS;
	return front_match(&q->front, line, stamp);
}

/* add_hop - @hop, which has its stamp, is the next line of the batch: @n bytes at @p */
static bool add_hop(struct quick *q, struct line *hop, const char *p, size_t n,
		    const struct form *form, const struct body_slot *body)
{
	if (!body || body->family != form->ev.pkt.family)
		return false;
	hop->form = form;
	hop->number = body->number;
	hop->next = 0;
	hop->at = (uint32_t)(p - q->batch->text.p);
	hop->n = (uint16_t)n;
	hop->front = q->front.host;
	hop->ttl = body->ttl;
	hop->kind = LINE_HOP;
	trails_add(&q->trails, q->batch, hop, (uint32_t)q->batch->n++, q->front.epoch);
	return true;
}

/* behind - what follows @at in @s, which is no longer than that: str_skip() need not ask */
static inline struct str behind(struct str s, size_t at)
{
	return (struct str){ s.p + at, s.n - at };
}

/* In one piece: with a call for each part of a line, seven lines take the time of eight. */
__attribute__((flatten)) size_t quick_next(struct quick *q, struct str text)
{
	const struct body_slot *body;
	const struct form *form;
	struct line *hop = batch_room(q->batch);
	size_t at = hop ? front_match(&q->front, text, &hop->stamp) : 0, words, n;

	if (!at)
		return 0;
	form = forms_find(&q->forms, behind(text, at), q->front.closed, &words);
	if (!form)
		return 0;
	at += words;
	body = bodies_recent(&q->bodies, behind(text, at));
	if (!body)
		body = bodies_alike(&q->bodies, behind(text, at));
	if (!body)
		return 0;
	n = at + body->whole.n;
	if (n >= text.n || n > UINT16_MAX)
		return 0;
	return add_hop(q, hop, text.p, n, form, body) ? n + 1 + (text.p[n] == '\r') : 0;
}

bool quick_line(struct quick *q, struct str line, bool learn)
{
	struct line *hop = batch_room(q->batch);
	const struct body_slot *slot;
	const struct form *form;
	struct str words;
	size_t text, body;

	q->bodies.shapes.crlf = str_ends(line, STR("\r"));
	line.n -= q->bodies.shapes.crlf;
	if (line.n > UINT16_MAX || !hop || (learn && !str_has(line, STR(" SRC="))))
		return false;
	text = framed(q, line, learn, &hop->stamp);
	if (!text)
		return false;
	words = str_skip(line, text);
	form = forms_find(&q->forms, words, q->front.closed, &body);
	if (!form && learn &&
	    forms_learn(&q->forms, line, text, q->front.closed, q->batch->hosts[q->front.host]))
		form = forms_find(&q->forms, words, q->front.closed, &body);
	if (!form)
		return false;
	words = str_skip(words, body);
	slot = bodies_recent(&q->bodies, words);
	if (!slot)
		slot = bodies_whole(&q->bodies, words);
	return add_hop(q, hop, line.p, line.n, form, slot);
}

size_t quick_skip(const struct quick *q, struct str text, uint32_t *lines)
{
	return sight_skip(&q->sight, text, lines);
}

bool quick_foreign(struct str line)
{
	/* the monitor's first: in a log of its lines it is found at once */
	return !line_counts(line) && !str_has(line, STR("trace id ")) && !note_sight(line) &&
	       !str_has(line, STR("PACKET: "));
}
