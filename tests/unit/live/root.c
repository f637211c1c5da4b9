// SPDX-License-Identifier: GPL-2.0-or-later
/* root.c - a folder that stands for a host's root */
#include "root.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

const char *root_make(void)
{
	strcpy(root, "test_root.XXXXXX");
	return mkdtemp(root);
}

/* The folders above @path are made. */
static void full_path(const char *path, char *full, size_t n)
{
	snprintf(full, n, "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(full, 0700);
	}
}

void root_file(const char *path, const char *content)
{
	char full[512];
	FILE *f;

	full_path(path, full, sizeof(full));
	if (!content) {
		mkdir(full, 0700);
		return;
	}
	f = fopen(full, "w");
	assert(f);
	fputs(content, f);
	fclose(f);
}

void root_link(const char *path, const char *target)
{
	char full[512];
	int ret;

	full_path(path, full, sizeof(full));
	ret = symlink(target, full);
	assert(ret == 0);
	(void)ret;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void root_remove(void)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
