/* SPDX-License-Identifier: GPL-2.0-or-later */
/* note.c - gaps and notes: what the log says besides packets */
#include "model.h"

#include <errno.h>
#include <stdlib.h>

static bool note_same(const struct note *a, const struct note *b)
{
	return a->kind == b->kind && a->host == b->host && a->dev == b->dev && a->port == b->port &&
	       a->live == b->live && !memcmp(a->addr, b->addr, sizeof(a->addr));
}

int note_add(struct model *m, const struct event *ev, const struct record *rec)
{
	struct note note = {
		.kind = ev->note,
		.first = ev->stamp,
		.last = ev->stamp,
		.host = sym_intern(m->syms, ev->host),
		.dev = sym_intern(m->syms, ev->dev),
		.addr = { ev->addr[0], ev->addr[1] },
		.port = ev->port,
		.times = ev->have & EVENT_LOST ? ev->lost : ev->times,
		.line = rec->line,
		.live = rec->when_ns,
	};

	for (size_t i = m->n_notes; i-- > 0;)
		if (note_same(&m->notes[i], &note)) {
			m->notes[i].times += note.times;
			m->notes[i].last = note.last;
			return 0;
		}
	if (m->n_notes == NOTES_MAX)
		return 0;
	if (!m->notes) {
		m->notes = calloc(NOTES_MAX, sizeof(*m->notes));
		if (!m->notes)
			return -ENOMEM;
	}
	note.text = sym_intern(m->syms, ev->text);
	m->notes[m->n_notes++] = note;
	return 0;
}

/* The end of a loss whose beginning was told is no second place. Return: was it that? */
static bool gap_ends(struct model *m, const struct event *ev, const struct record *rec)
{
	struct gap *last = m->n_gaps ? &m->gaps[m->n_gaps - 1] : NULL;

	if (!(ev->have & EVENT_GAP_CLOSES) || !last || !last->open || last->kind != ev->gap ||
	    last->source != rec->source)
		return false;
	last->open = false;
	last->lost += ev->have & EVENT_LOST ? ev->lost : 0;
	return true;
}

int gap_add(struct model *m, const struct event *ev, const struct record *rec)
{
	m->stats.lost += ev->have & EVENT_LOST ? ev->lost : 0;
	if (gap_ends(m, ev, rec))
		return 0;
	if (m->n_gaps == GAPS_MAX)
		return 0;
	if (!m->gaps) {
		m->gaps = calloc(GAPS_MAX, sizeof(*m->gaps));
		if (!m->gaps)
			return -ENOMEM;
	}
	m->gaps[m->n_gaps++] = (struct gap){
		.kind = ev->gap,
		.stamp = ev->stamp,
		.source = rec->source,
		.line = rec->line,
		.lost = ev->have & EVENT_LOST ? ev->lost : 0,
		.text = sym_intern(m->syms, ev->text),
		.open = ev->have & EVENT_GAP_OPENS,
	};
	return 0;
}

size_t model_gap_count(const struct model *m)
{
	return m->n_gaps;
}

const struct gap *model_gap_at(const struct model *m, size_t i)
{
	return i < m->n_gaps ? &m->gaps[i] : NULL;
}

size_t model_note_count(const struct model *m)
{
	return m->n_notes;
}

const struct note *model_note_at(const struct model *m, size_t i)
{
	return i < m->n_notes ? &m->notes[i] : NULL;
}
