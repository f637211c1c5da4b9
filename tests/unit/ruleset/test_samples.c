/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_samples.c - every dump in testdata/ruleset is read as the golden beside it says
 *
 * Usage: test_samples [--update] FILE...
 */
#include "show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char *read_file(const char *name, size_t *n)
{
	FILE *file = fopen(name, "rb");
	char *p = NULL;

	*n = 0;
	if (!file)
		return NULL;
	for (size_t cap = 4096, got = 1; got; cap *= 2) {
		p = realloc(p, cap);
		got = fread(p + *n, 1, cap - *n, file);
		*n += got;
	}
	fclose(file);
	return p;
}

static char *shown(const char *name, struct str text, size_t *n)
{
	char *p = NULL;
	FILE *out = open_memstream(&p, n);
	struct ruleset_error err;
	int ret;
	struct ruleset *rs = show_load(name, text, &ret, &err);

	if (rs)
		show_ruleset(out, rs);
	else
		show_error(out, ret, &err);
	ruleset_destroy(rs);
	fclose(out);
	return p;
}

static char *golden_name(const char *name)
{
	char *golden = NULL;

	if (asprintf(&golden, "%s.want", name) < 0)
		abort();
	return golden;
}

static const char *base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static void test_file(void **state)
{
	const char *name = *state;
	char *golden = golden_name(name);
	size_t n, n_got, n_want;
	char *text = read_file(name, &n);
	char *want = read_file(golden, &n_want);
	char *got = shown(base_name(name), (struct str){ text, n }, &n_got);

	assert_non_null(text);
	assert_non_null(want);
	if (n_got != n_want || memcmp(got, want, n_got)) {
		print_error("%s is read as:\n%s", name, got);
		fail();
	}
	free(text);
	free(want);
	free(got);
	free(golden);
}

static void update(const char *name)
{
	char *golden = golden_name(name);
	size_t n, n_got;
	char *text = read_file(name, &n);
	char *got = shown(base_name(name), (struct str){ text, n }, &n_got);
	FILE *out = fopen(golden, "wb");

	if (out) {
		fwrite(got, 1, n_got, out);
		fclose(out);
	}
	free(text);
	free(got);
	free(golden);
}

int main(int argc, char **argv)
{
	struct CMUnitTest *tests = calloc((size_t)argc, sizeof(*tests));
	int ret;

	if (argc > 1 && !strcmp(argv[1], "--update")) {
		for (int i = 2; i < argc; i++)
			update(argv[i]);
		free(tests);
		return 0;
	}
	for (int i = 1; i < argc; i++)
		tests[i - 1] = (struct CMUnitTest){ .name = base_name(argv[i]),
						    .test_func = test_file,
						    .initial_state = argv[i] };
	ret = _cmocka_run_group_tests("ruleset samples", tests, (size_t)argc - 1, NULL, NULL);
	free(tests);
	return ret;
}
