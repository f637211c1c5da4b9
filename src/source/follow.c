// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * follow.c - a file that goes on after its end: grows, is rotated, or is not there yet
 *
 * Theory of Operation
 *
 * Whoever follows a log by its name must not lose what is written around a rotation. logrotate
 * renames the file, makes a new one and tells the writer, which goes on with the old one until
 * then: so the old file is left only when the new one holds something, and after one more look at
 * the end of the old one. With copytruncate the file stays and becomes shorter than what was read.
 * (Had it grown beyond that place again before we looked, nothing would show it.)
 *
 * inotify tells when to look: it watches the file for writing, its folder for names that come and
 * go. It does not tell of files on network file systems, nor of a folder that is not there yet, so
 * a timer looks, too. Both stand behind one epoll descriptor, which the caller polls. What was
 * told is taken away before looking: what happens after the look is told again.
 */
#include "follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LOOK_NS	  200000000L /* without inotify */
#define BACKUP_NS 999999999L /* with it */

/**
 * struct follow - @name as given
 * @poll: epoll of the next two
 * @notify: inotify, -1 without; @on_file, @on_folder: its watches, -1 if not set
 * @leaving: a new file was seen, the old one is read to its end once more
 */
struct follow {
	char *name, *folder;
	int poll, timer, notify, on_file, on_folder;
	bool leaving;
};

static void watch_file(struct follow *f, int fd)
{
	char link[64];

	if (f->notify < 0)
		return;
	if (f->on_file >= 0)
		inotify_rm_watch(f->notify, f->on_file);
	f->on_file = -1;
	if (fd < 0)
		return;
	/* by its descriptor: the name may be another file's by now */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	f->on_file = inotify_add_watch(f->notify, link, IN_MODIFY | IN_ATTRIB);
}

static void watch_folder(struct follow *f)
{
	if (f->notify >= 0 && f->on_folder < 0)
		f->on_folder = inotify_add_watch(f->notify, f->folder,
						 IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
}

static int start_timer(struct follow *f)
{
	long ns = f->notify >= 0 ? BACKUP_NS : LOOK_NS;
	struct itimerspec every = { { 0, ns }, { 0, ns } };

	f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (f->timer < 0 || timerfd_settime(f->timer, 0, &every, NULL) < 0)
		return -errno;
	return 0;
}

static int add_poll(struct follow *f, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(f->poll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int set_up(struct follow *f)
{
	int ret;

	f->poll = epoll_create1(EPOLL_CLOEXEC);
	if (f->poll < 0)
		return -errno;
	f->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	ret = start_timer(f);
	if (!ret)
		ret = add_poll(f, f->timer);
	if (!ret && f->notify >= 0)
		ret = add_poll(f, f->notify);
	return ret;
}

int follow_create(const char *name, int fd, struct follow **follow)
{
	struct follow *f = calloc(1, sizeof(*f));
	const char *slash = strrchr(name, '/');
	int ret = -ENOMEM;

	if (!f)
		return -ENOMEM;
	f->poll = f->timer = f->notify = f->on_file = f->on_folder = -1;
	f->name = strdup(name);
	f->folder = slash ? strndup(name, (size_t)(slash - name) + 1) : strdup(".");
	if (f->name && f->folder)
		ret = set_up(f);
	if (ret < 0) {
		follow_destroy(f);
		return ret;
	}
	watch_folder(f);
	watch_file(f, fd);
	*follow = f;
	return 0;
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

void follow_destroy(struct follow *f)
{
	if (!f)
		return;
	close_one(f->poll);
	close_one(f->timer);
	close_one(f->notify);
	free(f->name);
	free(f->folder);
	free(f);
}

int follow_fd(const struct follow *f)
{
	return f->poll;
}

/* Takes away what was told so far. */
static void drain(struct follow *f)
{
	_Alignas(struct inotify_event) char buf[4096];
	ssize_t n;

	while (read(f->timer, buf, sizeof(uint64_t)) > 0)
		;
	while (f->notify >= 0 && (n = read(f->notify, buf, sizeof(buf))) > 0) {
		const struct inotify_event *event;

		for (char *at = buf; at < buf + n; at += sizeof(*event) + event->len) {
			event = (const void *)at;
			if ((event->mask & IN_IGNORED) && event->wd == f->on_folder)
				f->on_folder = -1; /* it was removed; it may come again */
		}
	}
	watch_folder(f);
}

/* Return: does another file than @now stand there, with something in it, or is there none yet? */
static bool another_stands_there(const struct follow *f, const struct stat *now, int fd)
{
	struct stat st;

	if (stat(f->name, &st) < 0)
		return false;
	return fd < 0 || ((st.st_ino != now->st_ino || st.st_dev != now->st_dev) && st.st_size);
}

static enum follow_sight change(struct follow *f, int *fd)
{
	int other = open(f->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (other < 0)
		return FOLLOW_WAIT; /* gone again, or not ours to read: look later */
	close_one(*fd);
	*fd = other;
	f->leaving = false;
	watch_file(f, other);
	return FOLLOW_ANEW;
}

enum follow_sight follow_look(struct follow *f, int *fd, uint64_t position)
{
	struct stat st = { .st_size = 0 };

	drain(f);
	if (*fd >= 0) {
		if (fstat(*fd, &st) < 0)
			return FOLLOW_WAIT;
		if ((uint64_t)st.st_size > position)
			return FOLLOW_MORE;
		if ((uint64_t)st.st_size < position)
			return lseek(*fd, 0, SEEK_SET) < 0 ? FOLLOW_WAIT : FOLLOW_ANEW;
	}
	if (!another_stands_there(f, &st, *fd))
		return FOLLOW_WAIT;
	if (*fd >= 0 && !f->leaving) {
		f->leaving = true;
		return FOLLOW_MORE;
	}
	return change(f, fd);
}
