// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bulk.c - blocks of one source, decoded by several threads, handed out in order
 *
 * Theory of operation
 *
 * A block is read (by one thread at a time, so blocks are in order), decoded (by the same
 * thread, beside others), and handed out when all before it were. Whoever asks for the next
 * batch and finds it not ready reads and decodes a block itself; so with one core there are no
 * threads, and what runs is the same.
 *
 * Jobs stand in a ring. job n % N_JOBS is free when n < next_out + N_JOBS; this bounds memory,
 * however far the readers are ahead of the assembly.
 *
 * Blocks end with a line, but a record may have several (JSON, journal entries). What is left
 * of a block, because its last record is not finished, is put in front of the next block, which
 * is then decoded once more; the work done for it is lost. Only such inputs pay for that.
 *
 * Invariant: a batch depends on the block's text alone (quick.h), and where blocks are cut does
 * not matter to the model; so what comes out is the same with any number of threads.
 *
 * A block may turn out to have had what the file has no more (source_settle()); then it is read
 * and decoded once more, and what was read behind it is nothing.
 */
#include "nfhop/bulk.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#define BLOCK	    ((size_t)1 << 20) /* fewer ways are cut in two, and threads wait less */
#define THREADS_MAX 16		      /* more of them wait for the assembly */
_Static_assert((uint64_t)BULK_SOURCES_MAX *THREADS_MAX *QUICK_FORMS <= UINT64_C(1) << 32,
	       "forms are numbered in 32 bits");
#define JOBS_MAX (2 * THREADS_MAX + 2)

/* struct job - one block on its way, maybe in @buf; @error: of reading or decoding it */
struct job {
	char *buf;
	struct block block;
	struct batch batch;
	uint64_t position;
	int error;
	bool ready;
};

/* struct worker - a thread, and what it has learned of lines */
struct worker {
	struct bulk *bulk;
	struct quick *quick;
	pthread_t thread;
};

/**
 * struct bulk
 * @workers: [0] is whoever calls bulk_next()
 * @next_in: number of the block that is read next; @next_out: of the one handed out next
 * @reading: a thread is reading a block; @closed: there is no block @next_in
 * @over: the last block was handed out
 * @out: job @next_out is handed out; @tried: threads were started, as many as could be
 * @carry: the unfinished record at the end of the block before, @n_carry bytes
 */
struct bulk {
	struct source *source;
	unsigned int number, of;
	struct worker *workers;
	unsigned int n_workers, n_started;
	struct job jobs[JOBS_MAX];
	unsigned int n_jobs;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t next_in, next_out;
	bool reading, closed, stop, over, out, tried;
	char *carry;
	size_t n_carry;
	struct batch joined;
	char *joined_text;
	uint64_t batches;
};

unsigned int bulk_cores(void)
{
	cpu_set_t set;
	int n = 1;

	if (!sched_getaffinity(0, sizeof(set), &set))
		n = CPU_COUNT(&set);
	return n > 0 ? (unsigned int)n : 1;
}

struct bulk *bulk_create(struct source *source, unsigned int number, unsigned int of,
			 unsigned int cores)
{
	struct bulk *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->source = source;
	b->number = number;
	b->of = of;
	b->n_workers = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : cores;
	b->n_jobs = b->n_workers == 1 ? 1 : 2 * b->n_workers;
	b->n_started = 1;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	b->workers = calloc(b->n_workers, sizeof(*b->workers));
	for (unsigned int i = 0; b->workers && i < b->n_workers; i++)
		b->workers[i] = (struct worker){ .bulk = b };
	if (b->workers)
		b->workers[0].quick = quick_create(number * THREADS_MAX);
	if (b->workers && b->workers[0].quick)
		return b;
	bulk_destroy(b);
	return NULL;
}

static void stop_threads(struct bulk *b)
{
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
	for (unsigned int i = 1; i < b->n_started; i++)
		pthread_join(b->workers[i].thread, NULL);
}

void bulk_destroy(struct bulk *b)
{
	if (!b)
		return;
	stop_threads(b);
	for (unsigned int i = 0; b->workers && i < b->n_workers; i++)
		quick_destroy(b->workers[i].quick);
	for (unsigned int i = 0; i < b->n_jobs; i++) {
		free(b->jobs[i].buf);
		batch_finish(&b->jobs[i].batch);
	}
	batch_finish(&b->joined);
	free(b->joined_text);
	free(b->carry);
	free(b->workers);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static struct job *job_at(struct bulk *b, uint64_t no)
{
	return &b->jobs[no % b->n_jobs];
}

/* batch_no - no other bulk of the model has the same. The caller holds the lock. */
static uint64_t batch_no(struct bulk *b)
{
	return ++b->batches * b->of + b->number;
}

/* can_read - is it this moment's work to read a block? The caller holds the lock. */
static bool can_read(const struct bulk *b)
{
	return !b->reading && !b->closed && b->next_in < b->next_out + b->n_jobs;
}

static void read_job(struct bulk *b, struct job *job)
{
	int ret;

	job->error = 0;
	if (!job->buf && !(job->buf = malloc(BLOCK))) {
		job->error = -ENOMEM;
		return;
	}
	ret = source_block(b->source, job->buf, BLOCK, &job->block);
	job->position = source_position(b->source);
	if (ret < 0)
		job->error = ret;
	else if (!ret)
		job->block.text.n = 0;
	job->block.ended |= ret <= 0;
}

/* decode_job - what was decoded holds if what it was decoded from did, afterwards */
static int decode_job(struct bulk *b, struct quick *quick, struct job *job)
{
	bool moved = false;
	int ret = 0, decoded;

	while (!ret) {
		decoded = bulk_decode(quick, job->block.text, job->block.ended, &job->batch);
		if (decoded < 0)
			return decoded;
		if (job->block.text.p != job->buf)
			moved = batch_leave(&job->batch, job->buf);
		ret = source_settle(b->source, job->buf, &job->block);
	}
	if (moved)
		job->block.text.p = job->buf;
	return ret < 0 ? ret : 0;
}

/* work - read a block and decode it; called with the lock held, which is let go meanwhile */
static void work(struct bulk *b, struct quick *quick)
{
	struct job *job = job_at(b, b->next_in);

	b->reading = true;
	pthread_mutex_unlock(&b->lock);
	read_job(b, job);
	pthread_mutex_lock(&b->lock);
	b->reading = false;
	b->next_in++;
	b->closed |= job->block.ended || job->error;
	job->batch.no = batch_no(b);
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
	if (!job->error)
		job->error = decode_job(b, quick, job);
	pthread_mutex_lock(&b->lock);
	b->closed |= job->block.ended || job->error;
	job->ready = true;
	pthread_cond_broadcast(&b->changed);
}

static void *run_worker(void *who)
{
	struct worker *w = who;
	struct bulk *b = w->bulk;

	pthread_mutex_lock(&b->lock);
	while (!b->stop && !b->closed) {
		if (can_read(b))
			work(b, w->quick);
		else
			pthread_cond_wait(&b->changed, &b->lock);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* Signals are for the thread that knows what they mean; without threads all goes on alone. */
static void start_threads(struct bulk *b)
{
	sigset_t all, before;

	b->tried = true;
	sigfillset(&all);
	sigdelset(&all, SIGBUS); /* it is for the thread that touches a map (source/map.c) */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (b->n_started < b->n_workers) {
		struct worker *w = &b->workers[b->n_started];

		w->quick = quick_create(b->number * THREADS_MAX + b->n_started);
		if (!w->quick || pthread_create(&w->thread, NULL, run_worker, w))
			break;
		b->n_started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* wait_for - the job that is to be handed out; NULL if there is none any more */
static struct job *wait_for(struct bulk *b)
{
	struct job *job = job_at(b, b->next_out);

	while (!job->ready) {
		if (b->closed && b->next_out == b->next_in)
			return NULL;
		if (can_read(b))
			work(b, b->workers[0].quick);
		else
			pthread_cond_wait(&b->changed, &b->lock);
	}
	return job;
}

/* carry_on - what batch @from has left over goes in front of the next block */
static int carry_on(struct bulk *b, const struct batch *from)
{
	struct str left = str_skip(from->text, from->used);
	char *carry;

	b->n_carry = 0;
	if (!left.n)
		return 0;
	carry = malloc(left.n);
	if (!carry)
		return -ENOMEM;
	memcpy(carry, left.p, left.n);
	free(b->carry);
	b->carry = carry;
	b->n_carry = left.n;
	return 0;
}

/* join - decode what was left over and the block of @job together */
static int join(struct bulk *b, struct job *job)
{
	size_t n = b->n_carry + job->block.text.n;
	char *text = realloc(b->joined_text, n);
	int ret = 0;

	if (!text)
		return -ENOMEM;
	b->joined_text = text;
	memcpy(text, b->carry, b->n_carry);
	while (!ret) {
		n = b->n_carry + job->block.text.n;
		if (job->block.text.n)
			memcpy(text + b->n_carry, job->block.text.p, job->block.text.n);
		ret = source_settle(b->source, job->buf, &job->block);
	}
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&b->lock);
	b->joined.no = batch_no(b);
	pthread_mutex_unlock(&b->lock);
	return bulk_decode(b->workers[0].quick, (struct str){ text, n }, job->block.ended,
			   &b->joined);
}

/* release - what was handed out last is used up */
static void release(struct bulk *b)
{
	if (!b->out)
		return;
	b->out = false;
	job_at(b, b->next_out)->ready = false;
	b->next_out++;
	pthread_cond_broadcast(&b->changed);
}

static int hand_out(struct bulk *b, struct job *job, const struct batch **batch)
{
	const struct batch *ready = &job->batch;
	int ret;

	b->over = job->error || job->block.ended;
	if (job->error)
		return job->error;
	if (b->n_carry) {
		ret = join(b, job);
		if (ret < 0)
			return ret;
		ready = &b->joined;
		b->over = job->block.ended;
	} else if (job->block.ended && !job->block.text.n) {
		return 0;
	}
	ret = carry_on(b, ready);
	*batch = ready;
	return ret < 0 ? ret : 1;
}

int bulk_next(struct bulk *b, const struct batch **batch, uint64_t *position)
{
	struct job *job;
	int ret = 0;

	if (b->out && !b->tried && !b->closed)
		start_threads(b);
	pthread_mutex_lock(&b->lock);
	release(b);
	job = b->over ? NULL : wait_for(b);
	b->out = job != NULL;
	pthread_mutex_unlock(&b->lock);
	if (job) {
		*position = job->position;
		ret = hand_out(b, job, batch);
	}
	return ret;
}
