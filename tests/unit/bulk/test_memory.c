// SPDX-License-Identifier: GPL-2.0-or-later
/* test_memory.c - where memory ends while a block is read, that is said, and nothing else goes
 * wrong */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nfhop/bulk.h"
#include "nfhop/model.h"

/* The linker puts these in the place of the C library's (--wrap): number @fails fails. */
static size_t asked, fails;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
	return ++asked == fails ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return ++asked == fails ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return ++asked == fails ? NULL : __real_realloc(p, n);
}

/* write_log - @packets on their way through so many rules, one logged by a rule of no known hook */
static size_t write_log(char *to, int packets)
{
	static const char *const places[] = { "TRACE: raw:PREROUTING:policy:1", "LOGGED",
					      "TRACE: nat:PREROUTING:policy:1" };
	size_t n = 0;

	for (int i = 0; i < packets; i++)
		for (int k = 0; k < 30; k++)
			n += (size_t)sprintf(
				to + n,
				"Mar  2 01:00:00 gw kernel: [    1.%06d] %s%d IN=a OUT= "
				"SRC=10.0.0.1 DST=10.0.0.%d LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=%d "
				"DF PROTO=UDP SPT=1000 DPT=80 LEN=40 \n",
				i * 100 + k, places[k / 10], k % 10 + 1, i + 1, i + 1);
	return n;
}

/* read_block - Return: what the model said, or that it could not even begin */
static int read_block(struct str text)
{
	struct model_config config = model_config_default();
	struct batch batch = { .n = 0 };
	struct quick *quick = quick_create(0);
	struct model *m = model_create(&config, NULL);
	int ret = quick && m ? bulk_decode(quick, text, true, &batch) : -ENOMEM;

	if (!ret)
		ret = model_feed_batch(m, 0, &batch, 0, batch.n, false);
	if (m)
		model_end(m);
	model_destroy(m);
	batch_finish(&batch);
	quick_destroy(quick);
	return ret;
}

static void memory_ends(void **state)
{
	static char text[1 << 18];
	struct str block = { text, write_log(text, 20) };
	size_t all, told = 0;

	(void)state;
	fails = asked = 0;
	assert_int_equal(read_block(block), 0);
	all = asked;
	for (size_t i = 1; i <= all; i++) {
		int ret;

		fails = i;
		asked = 0;
		ret = read_block(block);
		assert_true(!ret || ret == -ENOMEM);
		told += ret != 0;
	}
	printf("%zu of %zu failures stop the reader\n", told, all);
	assert_true(told > all / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(memory_ends) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
