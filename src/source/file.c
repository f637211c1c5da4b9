// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - a source: bytes are read in big blocks and cut into records
 *
 * Theory of operation
 *
 * One buffer holds what was read and not yet handed out: [at, end). When the cutter finds no
 * whole record in it, the rest moves to the front and a block is read behind it. The rest is
 * one unfinished record, so what is moved is small beside what is read.
 *
 * There are two cutters, for text and for captures; the first bytes decide (of what was
 * unpacked, if the file is compressed).
 *
 * Mapping the file would save the copy, but a log that is truncated while it is mapped
 * (logrotate's copytruncate) ends the program with SIGBUS; read() just comes to the end.
 *
 * Invariant: the buffer holds at most LONGEST bytes and a block, whatever the input is, and
 * nothing once the end was reached, so that a hundred rotated logs need no hundred buffers.
 */
#include "nfhop/source.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/split.h"
#include "pcap.h"
#include "stream.h"

#define BLOCK	((size_t)256 << 10) /* fits the second-level cache with what is made of it */
#define LONGEST ((size_t)16 << 20)

/**
 * struct source - an open file
 * @cut: the cutter: Return: 1 with a record, 0 if there is no whole one, -errno; NULL: not chosen
 * @ended: stream_read() has said so
 * @buf: @cap bytes, of which [@at, @end) wait to be handed out
 */
struct source {
	struct stream stream;
	int (*cut)(struct source *source, struct record *rec);
	bool ended;
	struct split split;
	struct pcap pcap;
	char *buf;
	size_t cap, at, end;
};

int source_open(const char *name, unsigned int number, struct source **source)
{
	struct source *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return -ENOMEM;
	s->split.source = number;
	s->pcap.source = number;
	ret = stream_open(&s->stream, name);
	if (ret < 0) {
		source_close(s);
		return ret;
	}
	*source = s;
	return 0;
}

static void free_buffer(struct source *source)
{
	free(source->buf);
	source->buf = NULL;
	source->cap = source->at = source->end = 0;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	stream_close(&source->stream);
	pcap_finish(&source->pcap);
	free_buffer(source);
	free(source);
}

/* make_room - space for a block behind what waits */
static int make_room(struct source *source)
{
	size_t waits = source->end - source->at;
	char *buf;

	if (source->at && waits)
		memmove(source->buf, source->buf + source->at, waits);
	source->at = 0;
	source->end = waits;
	if (source->cap - waits >= BLOCK)
		return 0;
	buf = realloc(source->buf, 2 * (waits + BLOCK));
	if (!buf)
		return -ENOMEM;
	source->buf = buf;
	source->cap = 2 * (waits + BLOCK);
	return 0;
}

static int read_block(struct source *source)
{
	ssize_t n;
	int ret = make_room(source);

	if (ret < 0)
		return ret;
	n = stream_read(&source->stream, source->buf + source->end, BLOCK);
	if (n < 0)
		return (int)n;
	source->end += (size_t)n;
	source->ended = n == 0;
	return 0;
}

/* A file that was truncated in place begins with NUL bytes, gigabytes of them: do not keep them. */
static void skip_nuls(struct source *source)
{
	while (source->at < source->end && !source->buf[source->at]) {
		source->at++;
		source->split.offset++;
	}
}

static int cut_text(struct source *source, struct record *rec)
{
	struct str in = { source->buf + source->at, source->end - source->at };
	bool last = source->ended || in.n >= LONGEST;
	size_t n = in.n ? split_next(&source->split, in, last, rec) : 0;

	if (n) {
		source->at += n;
		rec->whole |= !source->ended;
		return 1;
	}
	skip_nuls(source);
	return 0;
}

static int cut_packet(struct source *source, struct record *rec)
{
	size_t used = 0;
	int ret = pcap_next(&source->pcap, source->buf + source->at, source->end - source->at,
			    source->ended, rec, &used);

	source->at += used;
	return ret;
}

/* choose_cutter - Return: false if that cannot be seen yet */
static bool choose_cutter(struct source *source)
{
	struct str in = { source->buf + source->at, source->end - source->at };
	bool more = false;

	if (pcap_begins(in, &more))
		source->cut = cut_packet;
	else if (!more || source->ended)
		source->cut = cut_text;
	return source->cut;
}

int source_next(struct source *source, struct record *rec)
{
	int ret = 0;

	for (;;) {
		if (source->buf && (source->cut || choose_cutter(source)))
			ret = source->cut(source, rec);
		if (ret || source->ended)
			break;
		ret = read_block(source);
		if (ret < 0)
			break;
	}
	if (ret <= 0) {
		source->ended = true;
		free_buffer(source);
	}
	return ret;
}

const char *source_trouble(const struct source *source)
{
	if (*source->stream.trouble)
		return source->stream.trouble;
	return *source->pcap.trouble ? source->pcap.trouble : NULL;
}

uint64_t source_size(const struct source *source)
{
	return source->stream.size;
}

uint64_t source_position(const struct source *source)
{
	return source->stream.taken;
}

int64_t source_mtime_ns(const struct source *source)
{
	return source->stream.mtime_ns;
}
