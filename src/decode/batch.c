// SPDX-License-Identifier: GPL-2.0-or-later
/* batch.c - what was decoded of one block of text, kept as arrays that are used again */
#include "nfhop/batch.h"

#include <stdlib.h>

#include "nfhop/grow.h"

void batch_begin(struct batch *b, struct str text)
{
	b->text = text;
	b->n = b->n_bodies = b->n_hosts = b->n_records = 0;
	b->n_lines = 0;
	b->used = 0;
	b->sorted = true;
	b->has_seq = false;
}

void batch_finish(struct batch *b)
{
	free(b->lines);
	free(b->bodies);
	free(b->hosts);
	free(b->records);
	memset(b, 0, sizeof(*b));
}

struct line *batch_room(struct batch *b)
{
	struct line *lines = array_grow(b->lines, b->n, &b->cap, sizeof(*lines));

	if (!lines)
		return NULL;
	b->lines = lines;
	return &lines[b->n];
}

static struct line *batch_line(struct batch *b)
{
	struct line *line = batch_room(b);

	b->n += line != NULL;
	return line;
}

struct body *batch_body(struct batch *b)
{
	struct body *bodies = array_grow(b->bodies, b->n_bodies, &b->cap_bodies, sizeof(*bodies));

	if (!bodies)
		return NULL;
	b->bodies = bodies;
	return &bodies[b->n_bodies++];
}

bool batch_host(struct batch *b, struct str host, uint16_t *number)
{
	struct str *hosts;

	for (size_t i = b->n_hosts; i-- > 0 && b->n_hosts - i <= 16;) {
		*number = (uint16_t)i;
		if (str_eq(b->hosts[i], host))
			return true;
	}
	if (b->n_hosts > UINT16_MAX)
		return false;
	hosts = array_grow(b->hosts, b->n_hosts, &b->cap_hosts, sizeof(*hosts));
	if (!hosts)
		return false;
	b->hosts = hosts;
	*number = (uint16_t)b->n_hosts;
	hosts[b->n_hosts++] = host;
	return true;
}

bool batch_other(struct batch *b, size_t end, uint32_t count)
{
	struct line *line = b->n ? &b->lines[b->n - 1] : NULL;

	if (!line || line->kind != LINE_OTHER) {
		line = batch_line(b);
		if (!line)
			return false;
		line->kind = LINE_OTHER;
		line->number = 0;
	}
	line->number += count;
	line->at = (uint32_t)end;
	return true;
}

bool batch_record(struct batch *b, const struct record *rec)
{
	struct record *records = array_grow(b->records, b->n_records, &b->cap_records,
					    sizeof(*rec));
	struct line *line;

	if (!records)
		return false;
	b->records = records;
	line = batch_line(b);
	if (!line)
		return false;
	line->kind = LINE_RECORD;
	line->stamp = (struct stamp){ .up_ns = b->seq, .have = b->has_seq ? STAMP_SEQ : 0 };
	b->has_seq = false;
	line->number = (uint32_t)b->n_records;
	records[b->n_records++] = *rec;
	return true;
}

bool batch_leave(struct batch *b, char *to)
{
	size_t n = 0;

	if (b->n_records || b->used < b->text.n) {
		memcpy(to, b->text.p, b->text.n);
		for (size_t i = 0; i < b->n_hosts; i++)
			if (b->hosts[i].n)
				b->hosts[i].p = to + (b->hosts[i].p - b->text.p);
		for (size_t i = 0; i < b->n_records; i++)
			b->records[i].data.p = to + (b->records[i].data.p - b->text.p);
		b->text.p = to;
		return true;
	}
	for (size_t i = 0; i < b->n_hosts; i++) {
		if (!b->hosts[i].n)
			continue;
		memcpy(to + n, b->hosts[i].p, b->hosts[i].n);
		b->hosts[i].p = to + n;
		n += b->hosts[i].n;
	}
	return false;
}

void batch_event(const struct batch *b, const struct line *line, struct event *ev)
{
	const struct body *body = &b->bodies[line->number];

	*ev = line->form->ev;
	ev->stamp = line->stamp;
	ev->host = b->hosts[line->front];
	ev->pkt = body->pkt;
	ev->pkt.ttl = line->ttl;
	ev->mark = body->mark;
	ev->uid = body->uid;
	ev->gid = body->gid;
	ev->have |= body->have;
}
