// SPDX-License-Identifier: GPL-2.0-or-later
/* out.c - where results are written: standard output, or the file of -o */
#include <errno.h>

#include "intake.h"

#define OUT_BUFFER ((size_t)256 << 10)

/* glibc gives no buffer of the size that is asked for, unless it is given one. */
static char buffer[OUT_BUFFER];

int out_open(const struct settings *settings, FILE **out)
{
	const char *path = settings->file;

	*out = stdout;
	if (path && intake_reads(settings, path)) {
		complain("%s is being read: writing there would destroy it", path);
		return -EINVAL;
	}
	if (path)
		*out = fopen(path, "we");
	if (!*out) {
		complain("cannot write %s: %s", path, strerror(errno));
		return -EINVAL;
	}
	setvbuf(*out, buffer, _IOFBF, sizeof(buffer));
	return 0;
}

/*
 * Whoever reads us may have enough (`| head`): that is no failure.
 * Anything else that kept text from being written is one.
 */
int out_close(const struct settings *settings, FILE *out)
{
	const char *path = settings->file;
	bool failed;

	errno = 0;
	failed = fflush(out) != 0 || ferror(out);
	if (path && fclose(out) != 0)
		failed = true;
	if (!failed || errno == EPIPE)
		return 0;
	complain("cannot write %s: %s", path ? path : "standard output",
		 strerror(errno ? errno : EIO));
	return -EIO;
}
