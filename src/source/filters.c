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
 *
 * libarchive is loaded when there is something to unpack. It brings libxml2, ICU and libstdc++
 * along, and to load these takes longer than all else that happens before a log is read.
 */
#include <archive.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unpack.h"

#define LIBRARY "libarchive.so.13" /* of all 3.x */

/* What is called of it, by the name that follows archive_. */
#define CALLS(call)                                                                                \
	call(read_new);                                                                            \
	call(read_free);                                                                           \
	call(read_support_filter_gzip);                                                            \
	call(read_support_filter_xz);                                                              \
	call(read_support_filter_zstd);                                                            \
	call(read_support_filter_bzip2);                                                           \
	call(read_support_format_raw);                                                             \
	call(read_support_format_empty);                                                           \
	call(read_set_read_callback);                                                              \
	call(read_set_callback_data);                                                              \
	call(read_open1);                                                                          \
	call(read_next_header);                                                                    \
	call(read_data_block);                                                                     \
	call(set_error);                                                                           \
	call(error_string)

#define MEMBER(name) __typeof__(&archive_##name) name
static struct {
	CALLS(MEMBER);
} la;
static bool loaded;
static char why_not[100];

static void *find(void *library, const char *name)
{
	void *call = dlsym(library, name);

	if (!call)
		snprintf(why_not, sizeof(why_not), "%s", dlerror());
	return call;
}

static void load(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		snprintf(why_not, sizeof(why_not), "%s", dlerror());
		return;
	}
	/* a function's address in a void *, as POSIX has it for dlsym() */
#define FIND(name) *(void **)&la.name = find(library, "archive_" #name)
	CALLS(FIND);
	loaded = !*why_not;
}

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
	la.set_error(archive, (int)-n, "%s", strerror((int)-n));
	return ARCHIVE_FATAL;
}

static void filters_destroy(struct unpack *unpack)
{
	struct filters *f = (struct filters *)unpack;

	if (f->archive)
		la.read_free(f->archive);
	free(f);
}

static int filters_open(struct filters *f)
{
	struct archive_entry *entry;
	int ret = la.read_open1(f->archive);

	f->opened = true;
	return ret == ARCHIVE_OK ? la.read_next_header(f->archive, &entry) : ret;
}

/* next_block - Return: 1 with bytes that wait, 0 at the end, or an ARCHIVE_* error */
static int next_block(struct filters *f)
{
	const void *block;
	la_int64_t offset;
	int ret = f->opened ? ARCHIVE_OK : filters_open(f);

	while (ret == ARCHIVE_RETRY || (ret == ARCHIVE_OK && !f->left))
		ret = la.read_data_block(f->archive, &block, &f->left, &offset);
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
		return f->error ? f->error : unpack_damaged(unpack, la.error_string(f->archive));
	n = n < f->left ? n : f->left;
	if (n)
		memcpy(buf, f->at, n);
	f->at += n;
	f->left -= n;
	return (ssize_t)n;
}

static ssize_t not_here(struct unpack *unpack, char *buf, size_t n)
{
	(void)buf;
	(void)n;
	snprintf(unpack->stream->trouble, sizeof(unpack->stream->trouble),
		 "it is compressed, and cannot be unpacked here (%s)", why_not);
	return -EBADMSG;
}

static struct archive *open_archive(struct filters *f)
{
	struct archive *a = la.read_new();

	if (!a)
		return NULL;
	la.read_support_filter_gzip(a);
	la.read_support_filter_xz(a);
	la.read_support_filter_zstd(a);
	la.read_support_filter_bzip2(a);
	la.read_support_format_raw(a);
	la.read_support_format_empty(a);
	la.read_set_read_callback(a, on_read);
	la.read_set_callback_data(a, f);
	return a;
}

struct unpack *filters_create(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct filters *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	pthread_once(&once, load);
	f->unpack.read = loaded ? filters_read : not_here;
	f->unpack.destroy = filters_destroy;
	if (!loaded || (f->archive = open_archive(f)))
		return &f->unpack;
	free(f);
	return NULL;
}
