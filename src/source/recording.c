// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recording.c - what live sources said, written down and read back
 *
 * A recording is the line RECORDING_MAGIC and frames. A frame is a head of 18 bytes, little-
 * endian, and data:
 *
 *	offset size
 *	0      4    bytes of data
 *	4      1    enum record_kind, or FRAME_NAME
 *	5      1    1 if the record is whole
 *	6      2    number of the source
 *	8      8    when it was received, ns since 1970
 *	16     2    minutes that local time was ahead of UTC
 *
 * Frames of FRAME_NAME come first: the names of the sources in order. Records are kept as they
 * were given to the model, time that passed included, so reading them back is seeing them again.
 */
#include "recording.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#define HEAD	   18
#define FRAME_NAME 255

/* struct frame - the head of one, in the host's byte order */
struct frame {
	uint32_t size;
	uint8_t kind, whole;
	uint16_t source;
	int64_t when_ns;
	int16_t zone_min;
};

static void head_write(const struct frame *f, uint8_t head[HEAD])
{
	uint32_t size = htole32(f->size);
	uint16_t source = htole16(f->source), zone = htole16((uint16_t)f->zone_min);
	uint64_t when = htole64((uint64_t)f->when_ns);

	memcpy(head, &size, 4);
	head[4] = f->kind;
	head[5] = f->whole;
	memcpy(head + 6, &source, 2);
	memcpy(head + 8, &when, 8);
	memcpy(head + 16, &zone, 2);
}

static void head_read(const char *head, struct frame *f)
{
	uint32_t size;
	uint16_t source, zone;
	uint64_t when;

	memcpy(&size, head, 4);
	memcpy(&source, head + 6, 2);
	memcpy(&when, head + 8, 8);
	memcpy(&zone, head + 16, 2);
	*f = (struct frame){
		.size = le32toh(size),
		.kind = (uint8_t)head[4],
		.whole = (uint8_t)head[5],
		.source = le16toh(source),
		.when_ns = (int64_t)le64toh(when),
		.zone_min = (int16_t)le16toh(zone),
	};
}

static int put(FILE *out, const struct frame *f, const void *data)
{
	uint8_t head[HEAD];

	head_write(f, head);
	if (fwrite(head, 1, HEAD, out) != HEAD || fwrite(data, 1, f->size, out) != f->size)
		return -EIO;
	return 0;
}

int recording_begin(FILE *out, const char *const *names, size_t n)
{
	int ret = fputs(RECORDING_MAGIC, out) < 0 ? -EIO : 0;

	for (size_t i = 0; i < n && i < RECORDING_SOURCES && !ret; i++) {
		struct frame f = { .kind = FRAME_NAME, .whole = 1, .source = (uint16_t)i };

		f.size = (uint32_t)strlen(names[i]);
		ret = put(out, &f, names[i]);
	}
	return ret;
}

int recording_put(FILE *out, const struct record *rec)
{
	struct frame f = {
		.size = (uint32_t)rec->data.n,
		.kind = (uint8_t)rec->kind,
		.whole = rec->whole,
		.source = (uint16_t)rec->source,
		.when_ns = rec->when_ns,
		.zone_min = rec->zone_min,
	};

	if (rec->data.n > RECORDING_DATA_MAX)
		return -EFBIG;
	return put(out, &f, rec->data.n ? rec->data.p : "");
}

bool recording_begins(struct str in, bool *more)
{
	struct str magic = STR(RECORDING_MAGIC);

	*more = in.n < magic.n && str_starts(magic, in);
	return str_starts(in, magic);
}

static int broken(struct recording *r, const char *words)
{
	snprintf(r->trouble, sizeof(r->trouble), "%s", words);
	return -EBADMSG;
}

static int take_name(struct recording *r, struct str name)
{
	if (r->n == RECORDING_SOURCES)
		return broken(r, "the recording is damaged: it has too many sources");
	r->names[r->n] = strndup(name.n ? name.p : "", name.n);
	return r->names[r->n++] ? 0 : -ENOMEM;
}

/* sane_time - no clock was before 1970 or will be behind 2116; zones are within a day */
static bool sane_time(const struct frame *f)
{
	return f->when_ns >= 0 && f->when_ns <= INT64_MAX / 2 && abs(f->zone_min) <= 24 * 60;
}

static int take_record(struct recording *r, const struct frame *f, struct str data,
		       struct record *rec)
{
	bool counts = f->kind < RECORD_LOSS;

	if (f->source >= r->n || f->kind >= RECORD_KIND_MAX || !sane_time(f))
		return broken(r, "the recording is damaged, or made by a newer nfhop; what came "
				 "before that is used");
	r->ended = f->kind == RECORD_END;
	r->lines[f->source] += counts;
	r->last_ns = f->when_ns;
	r->zone_min = f->zone_min;
	*rec = (struct record){
		.data = data,
		.kind = f->kind,
		.whole = f->whole,
		.source = r->number + (f->source < r->told ? f->source : 0),
		.line = r->lines[f->source],
		.lines = counts,
		.offset = r->bytes,
		.when_ns = f->when_ns,
		.zone_min = f->zone_min,
	};
	if (counts)
		r->bytes += data.n;
	return 1;
}

/* cut_short - the end, without having been ended */
static int cut_short(struct recording *r, struct record *rec)
{
	struct frame end = { .kind = RECORD_END, .when_ns = r->last_ns };

	if (r->ended || !r->n)
		return 0;
	broken(r, "the recording was not ended: packets that may have been under way are "
		  "unknown");
	end.zone_min = r->zone_min;
	return take_record(r, &end, (struct str){ NULL, 0 }, rec);
}

/* frame_at - the frame that @in begins with. Return: its bytes, 0 if they are not all there */
static size_t frame_at(struct str in, struct frame *f)
{
	if (in.n < HEAD)
		return 0;
	head_read(in.p, f);
	return f->size > RECORDING_DATA_MAX || in.n - HEAD >= f->size ? HEAD + (size_t)f->size : 0;
}

int recording_names(struct recording *r, struct str in, bool last, size_t *used)
{
	struct frame f;
	size_t n = r->headed ? 0 : strlen(RECORDING_MAGIC);
	int ret = 0;

	*used = 0;
	if (in.n < n) {
		r->named = last;
		return last;
	}
	r->headed = true;
	while (!ret && !r->named) {
		*used += n;
		in = str_skip(in, n);
		n = frame_at(in, &f);
		r->named = (in.n >= HEAD && f.kind != FRAME_NAME) || (!n && last);
		if (!n || r->named)
			break;
		if (n > in.n)
			return broken(r, "the recording is damaged: a name is longer than can be");
		ret = take_name(r, str_first(str_skip(in, HEAD), f.size));
	}
	return ret ? ret : r->named;
}

int recording_next(struct recording *r, struct str in, bool last, struct record *rec, size_t *used)
{
	struct frame f;
	size_t n;
	int ret;

	*used = 0;
	ret = r->named ? 1 : recording_names(r, in, last, used);
	if (ret <= 0)
		return ret;
	in = str_skip(in, *used);
	n = frame_at(in, &f);
	if (n > in.n)
		return broken(r, "the recording is damaged: a record is larger than can be; what "
				 "came before that is used");
	*used += n ? n : last ? in.n : 0;
	if (!n)
		return last ? cut_short(r, rec) : 0;
	return take_record(r, &f, str_first(str_skip(in, HEAD), f.size), rec);
}

void recording_finish(struct recording *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->names[i]);
	r->n = 0;
}
