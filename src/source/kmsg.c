// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg.c - the kernel log as it is written: /dev/kmsg
 *
 * One read() gives one record with its number; what was overwritten before we came is a hole in
 * the numbers, which the model sees (formats.md 7.1). A record of a program, not of the kernel,
 * keeps its place in the count; the decoder does not believe it.
 *
 * The stamp of a record is the kernel's own clock, which drifts from all others. To merge with
 * sources that know the time of day, the smallest distance seen between that clock and the time
 * of reading is taken: reading is never early, and now and then it is at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "live.h"

#define LONGEST	 16384 /* a record has at most some 2 KiB, and four bytes for each odd one */
#define RENEW_NS INT64_C(10000000000) /* clocks drift: the distance is measured again so often */

struct kmsg {
	struct live live;
	int fd;
	bool known;
	int64_t distance, measured;
	char buf[LONGEST];
};

static bool take_number(struct str *s, uint64_t *number)
{
	size_t i = 0;

	for (*number = 0; i < s->n && i < 19 && s->p[i] >= '0' && s->p[i] <= '9'; i++)
		*number = *number * 10 + (uint64_t)(s->p[i] - '0');
	*s = str_skip(*s, i);
	return i && s->n;
}

/* stamp_of - "4,708,1234567,-;text": microseconds since boot; Return: false if there is none */
static bool stamp_of(struct str record, int64_t *ns)
{
	uint64_t number;

	for (unsigned int i = 0; i < 3; i++) {
		if (!take_number(&record, &number) || *record.p != ',')
			return false;
		record = str_skip(record, 1);
	}
	*ns = (int64_t)number * 1000;
	return true;
}

static int64_t time_of(struct kmsg *kmsg, struct str record)
{
	int64_t now = live_now(), stamp, distance;

	if (!stamp_of(record, &stamp))
		return now;
	distance = now - stamp;
	if (!kmsg->known || distance < kmsg->distance || now - kmsg->measured > RENEW_NS) {
		kmsg->known = true;
		kmsg->distance = distance;
		kmsg->measured = now;
	}
	return stamp + kmsg->distance;
}

static int kmsg_next(struct source *source, struct record *rec)
{
	struct kmsg *kmsg = (struct kmsg *)source;
	struct str line;
	ssize_t n;

	do
		n = read(kmsg->fd, kmsg->buf, sizeof(kmsg->buf));
	while (n < 0 && (errno == EINTR || errno == EPIPE));
	if (n < 0)
		return -errno;
	if (!n)
		return 0;
	line = (struct str){ kmsg->buf, (size_t)n };
	line = str_first(line, str_find(line, STR("\n"))); /* behind it stand KEY=value lines */
	return live_record(&kmsg->live, RECORD_LINE, line, time_of(kmsg, line), rec);
}

static int kmsg_fd(const struct source *source)
{
	return ((const struct kmsg *)source)->fd;
}

static void kmsg_close(struct source *source)
{
	struct kmsg *kmsg = (struct kmsg *)source;

	if (kmsg->fd >= 0)
		close(kmsg->fd);
	free(kmsg);
}

static const struct source_ops kmsg_ops = {
	.next = kmsg_next,
	.close = kmsg_close,
	.fd = kmsg_fd,
	.trouble = live_ops_trouble,
	.position = live_ops_position,
	.parts = live_ops_parts,
};

int kmsg_open(const char *name, unsigned int number, const struct source_want *want,
	      struct source **source)
{
	struct kmsg *kmsg = calloc(1, sizeof(*kmsg));

	(void)want;
	if (!kmsg)
		return -ENOMEM;
	live_init(&kmsg->live, &kmsg_ops, number);
	*source = &kmsg->live.source;
	kmsg->fd = -1;
	if (*name) {
		live_trouble(&kmsg->live, "expected kmsg: alone, found kmsg:%s", name);
		return -EINVAL;
	}
	kmsg->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg->fd >= 0 && lseek(kmsg->fd, 0, SEEK_END) >= 0)
		return 0;
	if (errno == EPERM || errno == EACCES) {
		live_trouble(&kmsg->live,
			     "the kernel log needs CAP_SYSLOG: run it as root, or sysctl -w "
			     "kernel.dmesg_restrict=0");
		return -EPERM;
	}
	return -errno;
}
