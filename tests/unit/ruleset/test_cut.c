/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_cut.c - every dump, cut at every byte and placed at the end of a mapped page, is read or
 * refused with a line that exists, and never read beyond its end
 *
 * Usage: test_cut FILE...
 */
#include "show.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* Room that ends where no page is mapped. */
struct edge {
	char *map, *end;
	size_t size;
};

static struct edge edge_map(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (n + page - 1) / page * page;
	struct edge edge = { .size = room + page };

	edge.map = mmap(NULL, edge.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	assert_ptr_not_equal(edge.map, MAP_FAILED);
	edge.end = edge.map + room;
	assert_int_equal(mprotect(edge.end, page, PROT_NONE), 0);
	return edge;
}

static void check(struct str text)
{
	struct ruleset *rs = ruleset_create();
	struct ruleset_error err;
	int ret = ruleset_load(rs, "cut", text, &err);

	if (!ret)
		ret = ruleset_seal(rs, &err);
	if (ret == -EINVAL) {
		assert_true(err.line > 0 && err.column > 0 && err.expected);
		assert_true(!err.found.n || (err.found.p >= text.p &&
					     err.found.p + err.found.n <= text.p + text.n));
	} else {
		assert_int_equal(ret, 0);
	}
	ruleset_destroy(rs);
}

static void test_file(void **state)
{
	FILE *file = fopen(*state, "rb");
	char *text = malloc(1 << 20);
	size_t n = file ? fread(text, 1, 1 << 20, file) : 0;
	struct edge edge = edge_map(n + 1);

	assert_non_null(file);
	fclose(file);
	for (size_t cut = 0; cut <= n; cut++) {
		memcpy(edge.end - cut, text, cut);
		check((struct str){ edge.end - cut, cut });
	}
	munmap(edge.map, edge.size);
	free(text);
}

int main(int argc, char **argv)
{
	struct CMUnitTest *tests = calloc((size_t)argc, sizeof(*tests));
	int ret;

	for (int i = 1; i < argc; i++)
		tests[i - 1] = (struct CMUnitTest){ .name = argv[i],
						    .test_func = test_file,
						    .initial_state = argv[i] };
	ret = _cmocka_run_group_tests("ruleset cut", tests, (size_t)argc - 1, NULL, NULL);
	free(tests);
	return ret;
}
