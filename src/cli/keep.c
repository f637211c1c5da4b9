// SPDX-License-Identifier: GPL-2.0-or-later
/* keep.c - a recording of all that is read, while it is read */
#include "intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfhop/recording.h"

#define OUT_BUFFER ((size_t)256 << 10)

static char buffer[OUT_BUFFER]; /* as in out.c */

/* struct keep - @error: why it cannot be written on, or 0 */
struct keep {
	FILE *out;
	const char *name;
	uint64_t left_out;
	int error;
};

/* A recording may be replaced by another one. What else is there was hardly meant. */
static bool is_something_else(const char *path)
{
	char head[sizeof(RECORDING_MAGIC) - 1];
	struct stat st;
	FILE *file;
	bool other;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || !st.st_size)
		return false;
	file = fopen(path, "re");
	other = !file || fread(head, sizeof(head), 1, file) != 1 ||
		memcmp(head, RECORDING_MAGIC, sizeof(head)) != 0;
	if (file)
		fclose(file);
	return other;
}

static int open_file(struct keep *k, const struct settings *settings, const char *path)
{
	bool standard = !strcmp(path, "-");

	k->name = standard ? "standard output" : path;
	if (standard && isatty(STDOUT_FILENO)) {
		complain("a recording is no text for a terminal: name a file with -o FILE");
		return -EINVAL;
	}
	if (!standard && intake_reads(settings, path)) {
		complain("%s is being read: writing there would destroy it", path);
		return -EINVAL;
	}
	if (!standard && is_something_else(path)) {
		complain("%s is there, and is no recording: writing there would destroy it", path);
		return -EEXIST;
	}
	k->out = standard ? stdout : fopen(path, "we");
	if (!k->out) {
		complain("cannot write %s: %s", k->name, strerror(errno));
		return -EINVAL;
	}
	setvbuf(k->out, buffer, _IOFBF, sizeof(buffer));
	return 0;
}

int keep_open(struct intake *in, const char *path)
{
	struct keep *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	in->keep = k;
	return open_file(k, in->settings, path);
}

static void failed(struct keep *k)
{
	if (!k->error)
		k->error = errno ? errno : EIO;
}

void keep_begin(struct intake *in)
{
	errno = 0;
	if (recording_begin(in->keep->out, in->names, in->n_names) < 0)
		failed(in->keep);
}

void keep_record(struct keep *k, const struct record *rec)
{
	int ret;

	errno = 0;
	ret = k->error ? 0 : recording_put(k->out, rec);
	if (ret == -EFBIG)
		k->left_out++;
	else if (ret < 0)
		failed(k);
}

/* What was saved is complete: no packet is under way, as one may be where a live run ends. */
void keep_end(struct keep *k)
{
	static const enum record_kind kinds[] = { RECORD_TICK, RECORD_END };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		keep_record(k, &(struct record){ .kind = kinds[i], .whole = true });
}

bool keep_flush(struct keep *k)
{
	errno = 0;
	if (!k->error && fflush(k->out))
		failed(k);
	return !k->error;
}

bool keep_close(struct intake *in)
{
	struct keep *k = in->keep;
	bool fine = true;

	if (!k)
		return true;
	if (k->out && !keep_flush(k) && k->error != EPIPE) {
		complain("cannot write %s: %s", k->name, strerror(k->error));
		fine = false;
	}
	if (k->left_out)
		complain("%" PRIu64 " records were too large and are not in %s", k->left_out,
			 k->name);
	if (k->out && k->out != stdout)
		fclose(k->out);
	free(k);
	in->keep = NULL;
	return fine;
}
