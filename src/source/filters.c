// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filters.c - unpacks whatever libarchive's own filters can
 *
 * Only the filters that libarchive holds itself are let in: archive_read_support_filter_all()
 * would also start programs (lrzip, grzip) because a log's first bytes say so.
 *
 * archive_read_data() forgets what it has copied when the block after that is broken, so blocks
 * are asked for. What libarchive had not handed out when it came upon the damage, at most one
 * block (64 KiB of text, 128 KiB with zstd), stays lost: its filters throw it away.
 */
#include <archive.h>
#include <stdlib.h>
#include <string.h>

#include "unpack.h"

/**
 * struct filters
 * @at, @left: unpacked bytes that wait, in libarchive's own memory
 * @error: of reading the input
 * @opened: libarchive has looked at the front
 */
struct filters {
	struct unpack unpack;
	struct archive *archive;
	const char *at;
	size_t left;
	int error;
	bool opened;
};

static la_ssize_t on_read(struct archive *archive, void *who, const void **data)
{
	struct filters *f = who;
	ssize_t n = unpack_input(&f->unpack, data);

	if (n >= 0)
		return n;
	f->error = (int)n;
	archive_set_error(archive, (int)-n, "%s", strerror((int)-n));
	return ARCHIVE_FATAL;
}

static void filters_destroy(struct unpack *unpack)
{
	struct filters *f = (struct filters *)unpack;

	archive_read_free(f->archive);
	free(f);
}

static int filters_open(struct filters *f)
{
	struct archive_entry *entry;
	int ret = archive_read_open1(f->archive);

	f->opened = true;
	return ret == ARCHIVE_OK ? archive_read_next_header(f->archive, &entry) : ret;
}

/* next_block - Return: 1 with bytes that wait, 0 at the end, or an ARCHIVE_* error */
static int next_block(struct filters *f)
{
	const void *block;
	la_int64_t offset;
	int ret = f->opened ? ARCHIVE_OK : filters_open(f);

	while (ret == ARCHIVE_RETRY || (ret == ARCHIVE_OK && !f->left))
		ret = archive_read_data_block(f->archive, &block, &f->left, &offset);
	if (ret != ARCHIVE_OK)
		return ret == ARCHIVE_EOF ? 0 : ret;
	f->at = block;
	return 1;
}

static ssize_t filters_read(struct unpack *unpack, char *buf, size_t n)
{
	struct filters *f = (struct filters *)unpack;
	int ret = f->left ? 1 : next_block(f);

	if (ret < 0)
		return f->error ? f->error
				: unpack_damaged(unpack, archive_error_string(f->archive));
	n = n < f->left ? n : f->left;
	if (n)
		memcpy(buf, f->at, n);
	f->at += n;
	f->left -= n;
	return (ssize_t)n;
}

struct unpack *filters_create(void)
{
	struct filters *f = calloc(1, sizeof(*f));
	struct archive *a = archive_read_new();

	if (!f || !a) {
		archive_read_free(a);
		free(f);
		return NULL;
	}
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_format_raw(a);
	archive_read_support_format_empty(a);
	archive_read_set_read_callback(a, on_read);
	archive_read_set_callback_data(a, f);
	f->archive = a;
	f->unpack.read = filters_read;
	f->unpack.destroy = filters_destroy;
	return &f->unpack;
}
