// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_cut.c - a file that is mapped says what reading it says, also while somebody cuts it
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nfhop/bulk.h"
#include "nfhop/decode.h"

#define SIZE  ((size_t)12 << 20)
#define BLOCK ((size_t)1 << 20) /* at most so much is handed out at once */

static char text[SIZE];
static size_t n_hops, n_records;
static bool checked = true; /* is what the file has known? */
static char path[] = "nfhop-cut-XXXXXX";

/* put_line - each says which one it is, so that none can pass for another */
static size_t put_line(char *to, size_t room, size_t no)
{
	if (no % 1000 == 999 && no > 20000) /* no line in a known form, so a record */
		return (size_t)snprintf(to, room, "Mar  2 01:00:00 gw kernel: IN=x%zu OUT=\n", no);
	if (no % 3)
		return (size_t)snprintf(to, room, "Mar  2 01:00:00 gw cron[%zu]: line\n", no);
	return (size_t)snprintf(to, room,
				"Mar  2 01:00:00 gw kernel: [%5zu.000000] TRACE: "
				"filter:FORWARD:rule:%zu IN=a OUT=b SRC=192.0.2.1 DST=192.0.2.2 "
				"LEN=60 TOS=0x00 PREC=0x00 TTL=%zu ID=%zu DF PROTO=TCP SPT=%zu "
				"DPT=80 SEQ=1 ACK=0 WINDOW=100 RES=0x00 SYN URGP=0\n",
				100 + no / 1000, 1 + no % 7, 60 + no % 4, no % 65536,
				1 + no % 60000);
}

static void make_file(void)
{
	int fd = mkstemp(path);
	size_t n = 0, no = 0;

	while (n + 400 < SIZE)
		n += put_line(text + n, 400, no++);
	memset(text + n, 'x', SIZE - n - 1);
	text[SIZE - 1] = '\n';
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, SIZE), SIZE);
	close(fd);
}

static void restore(void)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, SIZE, f), SIZE);
	assert_int_equal(fclose(f), 0);
}

/* check_batch - it says of each of its lines what the file had there, @at and what follows */
static void check_batch(const struct batch *batch, const char *at)
{
	static char room[SCRATCH_SIZE];

	for (size_t i = 0; i < batch->n; i++) {
		const struct line *line = &batch->lines[i];
		struct record rec = { .kind = RECORD_LINE, .whole = true };
		struct scratch scratch = { room, sizeof(room), 0 };
		struct event want, ev;
		struct complaint why;

		if (line->kind == LINE_RECORD) {
			rec = batch->records[line->number];
			assert_memory_equal(rec.data.p, at + rec.offset, rec.data.n);
			n_records++;
		}
		if (line->kind != LINE_HOP)
			continue;
		rec.data = (struct str){ at + line->at, line->n };
		assert_int_equal(decode_record(&rec, &scratch, &want, &why), 0);
		batch_event(batch, line, &ev);
		assert_true(str_eq(ev.host, want.host));
		assert_int_equal(ev.stamp.up_ns, want.stamp.up_ns);
		assert_int_equal(ev.number, want.number);
		assert_memory_equal(&ev.pkt, &want.pkt, sizeof(ev.pkt));
		n_hops++;
	}
}

/* read_all - and cut to @cut bytes when @after were handed out; Return: bytes handed out */
static size_t read_all(unsigned int cores, size_t after, size_t cut, const char **trouble)
{
	static char said[200];
	const struct batch *batch;
	struct source *source;
	struct bulk *bulk;
	uint64_t position;
	size_t at = 0;
	int ret;

	assert_int_equal(source_open(path, 0, NULL, &source), 0);
	assert_int_equal(source_parts(source, 0), 1);
	bulk = bulk_create(source, 0, 1, cores);
	assert_non_null(bulk);
	while ((ret = bulk_next(bulk, &batch, &position)) > 0) {
		assert_true(at + batch->used <= SIZE);
		if (checked)
			check_batch(batch, text + at);
		at += batch->used;
		if (at >= after && after) {
			assert_int_equal(truncate(path, (off_t)cut), 0);
			after = 0;
		}
	}
	assert_int_equal(ret, 0);
	*trouble = source_trouble(source);
	if (*trouble)
		*trouble = strcpy(said, *trouble);
	bulk_destroy(bulk);
	source_close(source);
	return at;
}

static void whole_files_are_read_whole(void **state)
{
	const char *trouble;

	(void)state;
	for (unsigned int cores = 1; cores <= 4; cores++) {
		n_hops = n_records = 0;
		assert_int_equal(read_all(cores, 0, 0, &trouble), SIZE);
		assert_null(trouble);
		assert_true(n_hops > 10000 && n_records > 5);
	}
}

/* Alone, what is behind the cut cannot have been looked at before. */
static void cut_files_end_at_the_cut(void **state)
{
	/* when so much was handed out; cut in a page, at its end, near the file's end and at 0 */
	static const struct {
		size_t after, cut;
	} cuts[] = {
		{ 1, SIZE / 2 + 1234 },	     { 1, SIZE / 4096 / 2 * 4096 },
		{ SIZE / 2, SIZE / 2 },	     { SIZE / 2, SIZE - 100 },
		{ SIZE / 2, SIZE - 300000 }, { 1, 0 },
		{ SIZE / 2, 4096 },	     { SIZE - ((size_t)256 << 10), SIZE - 1 },
	};
	const char *trouble;

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		size_t n = read_all(1, cuts[i].after, cuts[i].cut, &trouble);
		size_t seen = cuts[i].after + BLOCK; /* at most, when it was cut */

		if (n != cuts[i].cut && !(cuts[i].cut < seen && n <= seen))
			fail_msg("cut %zu: %zu bytes for %zu", i, n, cuts[i].cut);
		assert_non_null(trouble);
		assert_non_null(strstr(trouble, "cut while it was read"));
		restore();
	}
}

/* Threads may have looked ahead; but what comes is never another than what was there. */
static void cut_files_say_nothing_else(void **state)
{
	const char *trouble;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		size_t cut = SIZE / 40 * i + 17 * i;
		size_t n = read_all(4, 1 + SIZE / 80 * i, cut, &trouble);

		assert_true(n >= cut);
		assert_true(trouble || n == SIZE);
		restore();
	}
}

/* scribble - write into the file for as long as this process lives */
static void scribble(void)
{
	static const char *const words[] = { "\n", "IN=", "MAC=", "\x1e{", " [", "SRC=fe80::", "" };
	uint64_t seed = 1;
	int fd = open(path, O_WRONLY);

	while (fd >= 0 && getppid() != 1) {
		const char *word = words[seed % (sizeof(words) / sizeof(*words))];

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		if (pwrite(fd, word, strlen(word) + 1, (off_t)(seed >> 20 & 0x3fffff)) < 0)
			break;
	}
	_exit(1);
}

/* What is decoded may be anything then, but it is decoded, and within its bytes. */
static void changing_files_do_no_harm(void **state)
{
	const char *trouble;
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		scribble();
	checked = false;
	for (unsigned int i = 0; i < 30; i++)
		assert_int_equal(read_all(1 + i % 3, 0, 0, &trouble), SIZE);
	checked = true;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	restore();
}

/* A map of somebody else's ends the program as it would without ours. */
static void other_maps_are_not_ours(void **state)
{
	const char *trouble;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(read_all(1, 0, 0, &trouble), SIZE);
	pid = fork();
	if (!pid) {
		FILE *f = tmpfile();
		volatile const char *map;

		if (!f || ftruncate(fileno(f), 4096) < 0)
			_exit(1);
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(f), 0);
		if (ftruncate(fileno(f), 0) < 0)
			_exit(1);
		_exit(map[0] ? 2 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
#if defined(__SANITIZE_ADDRESS__)
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) > 3); /* it reports, and exits */
#else
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_files_are_read_whole),
		cmocka_unit_test(cut_files_end_at_the_cut),
		cmocka_unit_test(cut_files_say_nothing_else),
		cmocka_unit_test(changing_files_do_no_harm),
		cmocka_unit_test(other_maps_are_not_ours),
	};
	int failed;

	make_file();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
