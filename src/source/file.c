// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - files and pipes: bytes are read in big blocks and cut into records
 *
 * Theory of operation
 *
 * One buffer holds what was read and not yet handed out: [at, end). When the cutter finds no
 * whole record in it, the rest moves to the front and a block is read behind it. The rest is
 * one unfinished record, so what is moved is small beside what is read.
 *
 * There are three cutters, for text, for captures and for recordings; the first bytes decide (of
 * what was unpacked, if the file is compressed).
 *
 * Blocks of text are not read if the file can be mapped (map.h), but for its first and its last.
 *
 * Invariant: the buffer holds at most LONGEST bytes and a block, whatever the input is, and
 * nothing once the end was reached, so that a hundred rotated logs need no hundred buffers.
 */
#include "kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "nfhop/split.h"
#include "pcap.h"
#include "recording.h"
#include "stream.h"

#define BLOCK	((size_t)256 << 10) /* what is read fits the second-level cache */
#define LONGEST ((size_t)16 << 20)
#define MAP_MIN ((uint64_t)1 << 20) /* what is shorter is read as soon as it is mapped */

/**
 * struct file - an open file
 * @cut: the cutter: Return: 1 with a record, 0 if there is no whole one, -errno; NULL: not chosen
 * @ended: stream_read() has said so; @anew: another file begins behind that end
 * @error: of reading, to be told when the blocks before it are handed out
 * @map: NULL: none; it was @tried; @mapped: how much of it is still to be looked at, from the start
 * @buf: @cap bytes, of which [@at, @end) wait to be handed out
 */
struct file {
	struct source source;
	struct stream stream;
	int (*cut)(struct file *file, struct record *rec);
	bool ended, anew;
	int error;
	struct split split;
	struct pcap pcap;
	struct recording recording;
	struct map *map;
	bool tried;
	uint64_t mapped;
	char *buf;
	size_t cap, at, end;
};

static struct file *file_of(struct source *source)
{
	return (struct file *)source;
}

static const struct file *file_const(const struct source *source)
{
	return (const struct file *)source;
}

static void free_buffer(struct file *file)
{
	free(file->buf);
	file->buf = NULL;
	file->cap = file->at = file->end = 0;
}

static void file_close(struct source *source)
{
	struct file *file = file_of(source);

	map_destroy(file->map);
	stream_close(&file->stream);
	pcap_finish(&file->pcap);
	recording_finish(&file->recording);
	free_buffer(file);
	free(file);
}

/* make_room - space for a block behind what waits */
static int make_room(struct file *file)
{
	size_t waits = file->end - file->at;
	char *buf;

	if (file->at && waits)
		memmove(file->buf, file->buf + file->at, waits);
	file->at = 0;
	file->end = waits;
	if (file->cap - waits >= BLOCK)
		return 0;
	buf = realloc(file->buf, 2 * (waits + BLOCK));
	if (!buf)
		return -ENOMEM;
	file->buf = buf;
	file->cap = 2 * (waits + BLOCK);
	return 0;
}

static int read_block(struct file *file)
{
	ssize_t n;
	int ret = make_room(file);

	if (ret < 0)
		return ret;
	n = stream_read(&file->stream, file->buf + file->end, BLOCK);
	file->anew = n == STREAM_ANEW;
	if (n < 0 && !file->anew)
		return (int)n;
	file->end += file->anew ? 0 : (size_t)n;
	file->ended = n <= 0;
	return 0;
}

/* The file was rotated or emptied, and what was left of the old one is handed out. */
static void begin_anew(struct file *file)
{
	unsigned int number = file->split.source;

	pcap_finish(&file->pcap);
	file->pcap = (struct pcap){ .source = number };
	file->split = (struct split){ .source = number };
	file->cut = NULL;
	file->ended = file->anew = false;
	file->at = file->end = 0;
}

/* A file that was truncated in place begins with NUL bytes, gigabytes of them: do not keep them. */
static void skip_nuls(struct file *file)
{
	while (file->at < file->end && !file->buf[file->at]) {
		file->at++;
		file->split.offset++;
	}
}

static int cut_text(struct file *file, struct record *rec)
{
	struct str in = { file->buf + file->at, file->end - file->at };
	bool last = file->ended || in.n >= LONGEST;
	size_t n = in.n ? split_next(&file->split, in, last, rec) : 0;

	if (n) {
		file->at += n;
		rec->whole |= !file->ended;
		return 1;
	}
	skip_nuls(file);
	return 0;
}

static int cut_packet(struct file *file, struct record *rec)
{
	size_t used = 0;
	int ret = pcap_next(&file->pcap, file->buf + file->at, file->end - file->at, file->ended,
			    rec, &used);

	file->at += used;
	return ret;
}

static int cut_recording(struct file *file, struct record *rec)
{
	struct str in = { file->buf + file->at, file->end - file->at };
	size_t used = 0;
	int ret;

	ret = recording_next(&file->recording, in, file->ended, rec, &used);
	file->at += used;
	return ret;
}

/* choose_cutter - Return: false if that cannot be seen yet */
static bool choose_cutter(struct file *file)
{
	struct str in = { file->buf + file->at, file->end - file->at };
	bool more = false, more_too = false;

	if (recording_begins(in, &more))
		file->cut = cut_recording;
	else if (pcap_begins(in, &more_too))
		file->cut = cut_packet;
	else if (!(more || more_too) || file->ended)
		file->cut = cut_text;
	return file->cut;
}

static int next_of(struct file *file, struct record *rec)
{
	int ret = file->error;

	while (!ret) {
		if (file->buf && (file->cut || choose_cutter(file)))
			ret = file->cut(file, rec);
		if (ret || (file->ended && !file->anew))
			break;
		if (file->ended)
			begin_anew(file);
		ret = read_block(file);
		if (ret < 0)
			break;
	}
	if (ret <= 0 && ret != -EAGAIN) {
		file->ended = true;
		free_buffer(file);
	}
	return ret;
}

/* recognise - read until it is known what the source holds; Return: 0, -errno, also later */
static int recognise(struct file *file)
{
	int ret = file->error;

	while (!ret && !file->ended && !(file->buf && (file->cut || choose_cutter(file))))
		ret = read_block(file);
	if (!ret && !file->cut)
		choose_cutter(file);
	if (ret != -EAGAIN)
		file->error = ret;
	return ret;
}

/* keep_rest - what follows the last line end in @buf waits for the next block */
static int keep_rest(struct file *file, const char *buf, size_t *n)
{
	const char *end = memrchr(buf, '\n', *n);
	size_t rest = end ? (size_t)(buf + *n - (end + 1)) : 0;
	int ret;

	if (!rest)
		return 0;
	ret = make_room(file);
	if (ret < 0)
		return ret;
	memmove(file->buf + rest, file->buf, file->end);
	memcpy(file->buf, end + 1, rest);
	file->end += rest;
	*n -= rest;
	return 0;
}

/* take_waiting - what was read already, as much as there is room for */
static size_t take_waiting(struct file *file, char *buf, size_t cap)
{
	size_t n = file->end - file->at;

	n = n < cap ? n : cap;
	if (n)
		memcpy(buf, file->buf + file->at, n);
	file->at += n;
	return n;
}

/* map_file - from what waits on, if that is worth it */
static void map_file(struct file *file)
{
	uint64_t at = file->stream.taken - (file->end - file->at);

	file->tried = true;
	if (file->ended || !stream_plain(&file->stream) || file->stream.size < at + MAP_MIN)
		return;
	file->map = map_create(file->stream.fd, file->stream.size);
	if (!file->map)
		return;
	file->mapped = file->stream.size;
	file->stream.taken = at;
	file->at = file->end = 0;
}

/* block_mapped - Return: 1, 0 if what comes now is to be read, -errno */
static int block_mapped(struct file *file, size_t cap, struct block *block)
{
	uint64_t at = file->stream.taken;
	const char *text, *end;

	if (!file->mapped)
		return 0;
	if (file->mapped < at + cap) {
		file->mapped = 0;
		return stream_seek(&file->stream, at);
	}
	map_pass(file->map, at);
	text = map_at(file->map, at);
	end = memrchr(text, '\n', cap);
	block->text = (struct str){ text, end ? (size_t)(end + 1 - text) : cap };
	file->stream.taken += block->text.n;
	return 1;
}

static int settle(struct file *file, char *buf, struct block *block)
{
	uint64_t at;
	int64_t n;

	if (!file->map || block->text.p == buf)
		return 1;
	at = (uint64_t)(block->text.p - map_at(file->map, 0));
	if (map_holds(file->map, at + block->text.n))
		return 1;
	n = map_again(file->map, at, buf, block->text.n);
	if (n < 0)
		return (int)n;
	atomic_store(&file->stream.cut, true);
	*block = (struct block){ .text = { buf, (size_t)n }, .ended = (size_t)n < block->text.n };
	return 0;
}

static int block_of(struct file *file, char *buf, size_t cap, struct block *block)
{
	ssize_t more = 0;
	size_t n;
	int ret;

	/* what may say -EAGAIN is read record by record */
	if (stream_fd(&file->stream) >= 0)
		return -ENOTSUP;
	ret = recognise(file);
	if (ret < 0)
		return ret;
	if (file->cut != cut_text)
		return -ENOTSUP;
	if (!file->tried)
		map_file(file);
	ret = block_mapped(file, cap, block);
	if (ret)
		return ret;
	cap = cap < BLOCK ? cap : BLOCK;
	n = take_waiting(file, buf, cap);
	if (!file->ended && n < cap) {
		more = stream_read(&file->stream, buf + n, cap - n);
		file->ended = !more;
	}
	if (more < 0) {
		file->error = (int)more;
		if (!n)
			return file->error;
		more = 0;
	}
	n += (size_t)more;
	block->ended = file->ended && file->at == file->end;
	if (block->ended)
		free_buffer(file);
	else
		ret = keep_rest(file, buf, &n);
	block->text = (struct str){ buf, n };
	return ret < 0 ? ret : !block->ended || n;
}

static int file_next(struct source *source, struct record *rec)
{
	return next_of(file_of(source), rec);
}

static int file_block(struct source *source, char *buf, size_t cap, struct block *block)
{
	return block_of(file_of(source), buf, cap, block);
}

static int file_settle(struct source *source, char *buf, struct block *block)
{
	return settle(file_of(source), buf, block);
}

static int file_fd(const struct source *source)
{
	return stream_fd(&file_const(source)->stream);
}

static const char *file_trouble(const struct source *source)
{
	const struct file *file = file_const(source);

	if (*file->stream.trouble)
		return file->stream.trouble;
	if (*file->recording.trouble)
		return file->recording.trouble;
	if (*file->pcap.trouble)
		return file->pcap.trouble;
	return atomic_load(&file->stream.cut) ? "it was cut while it was read: its end is missing"
					      : NULL;
}

static uint64_t file_size(const struct source *source)
{
	return file_const(source)->stream.size;
}

static uint64_t file_position(const struct source *source)
{
	const struct file *file = file_const(source);

	return file->cut == cut_recording ? file->recording.bytes : file->stream.taken;
}

/* read_names - of a recording's sources, which stand before its records */
static int read_names(struct file *file)
{
	int ret = 0;

	while (!ret) {
		struct str in = { file->buf + file->at, file->end - file->at };
		size_t used;

		ret = recording_names(&file->recording, in, file->ended, &used);
		file->at += used;
		if (!ret)
			ret = read_block(file);
	}
	return ret < 0 ? ret : 0;
}

static size_t file_parts(struct source *source, unsigned int number)
{
	struct file *file = file_of(source);
	int ret;

	file->split.source = number;
	file->pcap.source = number;
	file->recording.number = number;
	file->recording.told = 1;
	ret = recognise(file);
	if (!ret && file->cut == cut_recording)
		ret = read_names(file);
	if (ret < 0 || file->cut != cut_recording)
		return ret != -EAGAIN;
	file->recording.told = file->recording.n ? file->recording.n : 1;
	return file->recording.told;
}

static const char *file_part_name(const struct source *source, size_t i)
{
	const struct file *file = file_const(source);

	return file->cut == cut_recording && i < file->recording.n ? file->recording.names[i]
								   : NULL;
}

static bool file_halfway(const struct source *source)
{
	const struct file *file = file_const(source);

	return file->at < file->end;
}

static int64_t file_mtime_ns(const struct source *source)
{
	return file_const(source)->stream.mtime_ns;
}

static const struct source_ops file_ops = {
	.next = file_next,
	.block = file_block,
	.settle = file_settle,
	.close = file_close,
	.fd = file_fd,
	.trouble = file_trouble,
	.size = file_size,
	.position = file_position,
	.mtime_ns = file_mtime_ns,
	.parts = file_parts,
	.part_name = file_part_name,
	.halfway = file_halfway,
};

static struct file *file_create(unsigned int number)
{
	struct file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->source.ops = &file_ops;
	file->split.source = number;
	file->pcap.source = number;
	return file;
}

int file_open(const char *name, unsigned int number, const struct source_want *want,
	      struct source **source)
{
	struct file *file = file_create(number);
	int ret;

	if (!file)
		return -ENOMEM;
	ret = stream_open(&file->stream, name, want && want->follow);
	if (ret < 0)
		file_close(&file->source);
	else
		*source = &file->source;
	return ret;
}

int file_open_fd(int fd, unsigned int number, struct source **source)
{
	struct file *file = file_create(number);

	if (!file)
		return -ENOMEM;
	file->stream.fd = fd;
	file->stream.owned = file->stream.waits = true;
	*source = &file->source;
	return 0;
}
