// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_prefixes.c - any bytes as a prefix, and as a user's file of prefixes and then a prefix */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "nfhop/prefixes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool points_into(struct str s, const char *p, size_t n)
{
	return s.p >= p && s.p + s.n <= p + n;
}

static char sink[128];

/* touch - read every byte, so that a sanitizer sees where it is */
static void touch(struct str s)
{
	for (; s.n; s = str_skip(s, 1))
		sink[(unsigned char)*s.p & 127]++;
}

static void ask(struct prefixes *prefixes, struct str prefix)
{
	struct prefix_meaning m;

	if (!prefixes_match(prefixes, prefix, &m))
		return;
	if (!m.convention.n || m.verdict >= VERDICT_MAX || m.hooks >= HOOK_BIT(HOOK_MAX) ||
	    (m.certain && m.verdict == VERDICT_NONE))
		abort();
	touch(m.convention);
	touch(m.table);
	touch(m.chain);
}

/* add - Return: true if the rows are in the table now */
static bool add(struct prefixes *prefixes, struct str file)
{
	struct prefixes_error err;
	int fail = prefixes_add(prefixes, "fuzz", file, &err);

	if (fail && fail != -EINVAL && fail != -ENOMEM)
		abort();
	if (fail == -EINVAL &&
	    (!err.line || !err.column || !err.expected || !points_into(err.found, file.p, file.n)))
		abort();
	return !fail;
}

/* The last line is a prefix, the lines before it are a file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct prefixes *prefixes; /* kept while files add nothing: it is slow to make */
	struct str input = { (const char *)data, size };
	size_t last = size;

	if (!prefixes)
		prefixes = prefixes_create();
	if (!prefixes)
		return 0;
	while (last && input.p[last - 1] != '\n')
		last--;
	ask(prefixes, input);
	if (last && add(prefixes, str_first(input, last))) {
		ask(prefixes, str_skip(input, last));
		prefixes_destroy(prefixes);
		prefixes = NULL;
	}
	return 0;
}
