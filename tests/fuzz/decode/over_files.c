// SPDX-License-Identifier: GPL-2.0-or-later
/* over_files.c - runs a fuzz target over files instead of a fuzzer, so that any build can */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* run_lines - the whole file, and each of its lines in a block of its own (for ASan) */
static void run_lines(const uint8_t *data, size_t size)
{
	LLVMFuzzerTestOneInput(data, size);
	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t n = end ? (size_t)(end - data) : size;
		uint8_t *line = malloc(n ? n : 1);

		if (!line)
			abort();
		memcpy(line, data, n);
		LLVMFuzzerTestOneInput(line, n);
		free(line);
		n += !!end;
		data += n;
		size -= n;
	}
}

static int run_file(const char *path)
{
	static uint8_t buf[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	run_lines(buf, n);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0, i;

	for (i = 1; i < argc; i++)
		failed |= run_file(argv[i]);
	printf("%d files\n", argc - 1);
	return failed;
}
