// SPDX-License-Identifier: GPL-2.0-or-later
/* source.c - the table of kinds of sources, and the questions that are put to each */
#include "nfhop/source.h"

#include <errno.h>
#include <time.h>

#include "kind.h"

/* Names that begin so are no files; a file of such a name is ./nft: */
static const struct kind {
	const char *prefix;
	source_opener *open;
} kinds[] = {
#ifdef NFHOP_LIVE
	{ "nft:", nft_open },	  { "nflog:", nflog_source_open }, { "kmsg:", kmsg_open },
	{ "rules:", rules_open }, { "journal:", journal_open },
#endif
	{ NULL, NULL },
};

static const struct kind *kind_of(const char *name)
{
	for (const struct kind *kind = kinds; kind->prefix; kind++)
		if (!strncmp(name, kind->prefix, strlen(kind->prefix)))
			return kind;
	return NULL;
}

bool source_is_live(const char *name)
{
	return kind_of(name);
}

int source_open(const char *name, unsigned int number, const struct source_want *want,
		struct source **source)
{
	const struct kind *kind = kind_of(name);

	*source = NULL;
	if (!kind)
		return file_open(name, number, want, source);
	return kind->open(name + strlen(kind->prefix), number, want, source);
}

void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}

size_t source_parts(struct source *source, unsigned int number)
{
	return source->ops->parts(source, number);
}

const char *source_part_name(const struct source *source, size_t i)
{
	return source->ops->part_name ? source->ops->part_name(source, i) : NULL;
}

int source_fd(const struct source *source)
{
	return source->ops->fd ? source->ops->fd(source) : -1;
}

bool source_halfway(const struct source *source)
{
	return source->ops->halfway && source->ops->halfway(source);
}

int source_next(struct source *source, struct record *rec)
{
	return source->ops->next(source, rec);
}

int source_block(struct source *source, char *buf, size_t cap, struct block *block)
{
	*block = (struct block){ .ended = false };
	return source->ops->block ? source->ops->block(source, buf, cap, block) : -ENOTSUP;
}

int source_settle(struct source *source, char *buf, struct block *block)
{
	return source->ops->settle ? source->ops->settle(source, buf, block) : 1;
}

const char *source_trouble(const struct source *source)
{
	return source->ops->trouble ? source->ops->trouble(source) : NULL;
}

uint64_t source_size(const struct source *source)
{
	return source->ops->size ? source->ops->size(source) : 0;
}

uint64_t source_position(const struct source *source)
{
	return source->ops->position(source);
}

int64_t source_mtime_ns(const struct source *source)
{
	struct timespec now;

	if (source->ops->mtime_ns)
		return source->ops->mtime_ns(source);
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
